//! Copies that the store makes on its own, within a container and from another.

use std::sync::Arc;

use longshore_store::{
    BlobName, BlobStore, Condition, CopySource, ETag, StoreError, WriteOptions, Written,
};

use super::names::ODD_NAMES;
use super::support::{
    assert_error, block, block_ids, blocks, container, metadata, name, put, signed, text,
    write_blocks,
};
use super::{Harbour, Laxity};

/// Two containers: the one that is copied from, and the one that is written to; first they are one.
async fn pairs(
    harbour: &dyn Harbour,
) -> anyhow::Result<[(Arc<dyn BlobStore>, Arc<dyn BlobStore>); 2]> {
    let (one, other) = (container(harbour).await?, container(harbour).await?);
    Ok([(Arc::clone(&one), Arc::clone(&one)), (one, other)])
}

/// The source in the version in which it is now.
async fn source(store: &dyn BlobStore, blob: &BlobName) -> anyhow::Result<CopySource> {
    let etag = store.properties(blob).await?.etag;
    Ok(store.copy_source(blob, Some(&etag)).await?)
}

/// A copy of a whole blob; none where the store is known not to make any, which it must say.
async fn put_from(
    harbour: &dyn Harbour,
    store: &dyn BlobStore,
    blob: &BlobName,
    source: &CopySource,
    options: WriteOptions,
) -> Option<Result<Written, StoreError>> {
    let result = store.put_from(blob, source, options).await;
    if harbour.abilities().is_lax(Laxity::NoPutFrom) {
        assert_error!(result, CopyRefused);
        return None;
    }
    Some(result)
}

/// A blob is copied as a whole, with the content type and the metadata of the copy, and without its blocks.
pub async fn whole_copies(harbour: &dyn Harbour) -> anyhow::Result<()> {
    for (from, to) in pairs(harbour).await? {
        let (original, copy) = (name("the original")?, name("the copy")?);
        write_blocks(&*from, &original, &[("1", "one"), ("2", "two")]).await?;
        let source = source(&*from, &original).await?;
        let options = signed("copier", Condition::Absent);
        let Some(written) = put_from(harbour, &*to, &copy, &source, options.clone()).await else {
            assert_error!(to.properties(&copy).await, NotFound);
            return Ok(());
        };
        let found = to.properties(&copy).await?;
        assert_eq!(found.etag, written?.etag);
        assert_eq!(found.size, 6);
        assert_eq!(found.content_type, options.content_type);
        assert_eq!(found.metadata, metadata(&[("who", "copier")]));
        assert_eq!(text(&*to, &copy).await?, "onetwo");
        assert_eq!(block_ids(&*to, &copy).await?, (vec![], vec![]));
        assert_eq!(block_ids(&*from, &original).await?.0, ["1", "2"]);
    }
    Ok(())
}

/// An empty blob is copied, and a blob is replaced by another.
pub async fn copies_of_nothing_and_over_something(harbour: &dyn Harbour) -> anyhow::Result<()> {
    let store = container(harbour).await?;
    let (empty, full) = (name("empty")?, name("full")?);
    put(&*store, &empty, "").await?;
    write_blocks(&*store, &full, &[("1", "full")]).await?;
    let source = source(&*store, &empty).await?;
    let options = WriteOptions::default();
    if let Some(written) = put_from(harbour, &*store, &full, &source, options).await {
        written?;
        assert_eq!(text(&*store, &full).await?, "");
        assert_eq!(block_ids(&*store, &full).await?, (vec![], vec![]));
    }
    Ok(())
}

/// Names of all kinds are copied from and copied to.
pub async fn copies_of_odd_names(harbour: &dyn Harbour) -> anyhow::Result<()> {
    let store = container(harbour).await?;
    for (number, odd) in ODD_NAMES.iter().enumerate() {
        let (original, copy) = (name(odd)?, name(&format!("copy {odd}"))?);
        let body = format!("number {number}");
        put(&*store, &original, &body).await?;
        let source = source(&*store, &original).await?;
        let length = body.len() as u64;
        store
            .stage_block_from(&copy, &block("1")?, &source, 0..length)
            .await?;
        let options = WriteOptions::default();
        store
            .commit_blocks(&copy, &blocks(&["1"])?, options)
            .await?;
        assert_eq!(text(&*store, &copy).await?, body, "{odd}");
        let options = signed("whole", Condition::None);
        if let Some(written) = put_from(harbour, &*store, &copy, &source, options).await {
            written?;
            assert_eq!(text(&*store, &copy).await?, body, "{odd}");
        }
    }
    Ok(())
}

/// Blocks copied under the ids that they have make the same list of the same bytes.
pub async fn copies_keep_blocks(harbour: &dyn Harbour) -> anyhow::Result<()> {
    for (from, to) in pairs(harbour).await? {
        let (original, copy) = (name("original")?, name("copied")?);
        let parts = [("b", "0123"), ("a", "456"), ("c", "789")];
        write_blocks(&*from, &original, &parts).await?;
        let source = source(&*from, &original).await?;
        // Staged in another order than they are listed in.
        for (id, range) in [("c", 7..10), ("b", 0..4), ("a", 4..7)] {
            to.stage_block_from(&copy, &block(id)?, &source, range)
                .await?;
        }
        assert_error!(to.properties(&copy).await, NotFound, "not yet committed");
        let options = signed("copier", Condition::Absent);
        to.commit_blocks(&copy, &blocks(&["b", "a", "c"])?, options)
            .await?;
        assert_eq!(text(&*to, &copy).await?, "0123456789");
        let kind = longshore_store::BlockListKind::All;
        let (theirs, ours) = (
            from.block_list(&original, kind).await?,
            to.block_list(&copy, kind).await?,
        );
        assert_eq!(theirs.committed, ours.committed);
        assert!(ours.uncommitted.is_empty());
    }
    Ok(())
}

/// A range may begin and end within blocks, and blocks copied stand beside blocks sent.
pub async fn copies_of_ranges(harbour: &dyn Harbour) -> anyhow::Result<()> {
    let store = container(harbour).await?;
    let (original, mixed) = (name("original")?, name("mixed")?);
    write_blocks(&*store, &original, &[("1", "0123"), ("2", "4567")]).await?;
    let source = source(&*store, &original).await?;
    write_blocks(&*store, &mixed, &[("x", "sent;")]).await?;
    store
        .stage_block_from(&mixed, &block("y")?, &source, 2..6)
        .await?;
    let options = WriteOptions::default();
    store
        .commit_blocks(&mixed, &blocks(&["x", "y", "x"])?, options)
        .await?;
    assert_eq!(text(&*store, &mixed).await?, "sent;2345sent;");
    let result = store
        .stage_block_from(&mixed, &block("long")?, &source, 0..1)
        .await;
    match result {
        Ok(()) if harbour.abilities().is_lax(Laxity::MixesBlockIds) => {}
        other => assert_error!(other, BlockIds),
    }
    Ok(())
}

/// A copy is written on the same conditions as any blob.
pub async fn conditions_of_copies(harbour: &dyn Harbour) -> anyhow::Result<()> {
    let store = container(harbour).await?;
    let (original, copy) = (name("original")?, name("copy")?);
    put(&*store, &original, "new").await?;
    let first = put(&*store, &copy, "first").await?;
    let second = put(&*store, &copy, "second").await?;
    let source = source(&*store, &original).await?;

    let absent = signed("copier", Condition::Absent);
    let Some(result) = put_from(harbour, &*store, &copy, &source, absent).await else {
        assert_eq!(text(&*store, &copy).await?, "second");
        return Ok(());
    };
    assert_error!(result, AlreadyExists);
    let stale = signed("copier", Condition::Matches(first.etag));
    assert_error!(store.put_from(&copy, &source, stale).await, Precondition);
    assert_eq!(text(&*store, &copy).await?, "second");

    let current = signed("copier", Condition::Matches(second.etag.clone()));
    let written = store.put_from(&copy, &source, current).await?;
    assert_ne!(written.etag, second.etag);
    assert_eq!(text(&*store, &copy).await?, "new");
    Ok(())
}

/// A source in another version than assumed is not copied, whole or in part; in any version it is.
pub async fn changed_sources(harbour: &dyn Harbour) -> anyhow::Result<()> {
    for (from, to) in pairs(harbour).await? {
        let (original, copy) = (name("original")?, name("copy of it")?);
        put(&*from, &original, "first").await?;
        let stale = source(&*from, &original).await?;
        put(&*from, &original, "second").await?;
        let options = WriteOptions::default();
        if let Some(result) = put_from(harbour, &*to, &copy, &stale, options.clone()).await {
            assert_changed(result, &original);
        }
        let id = block("1")?;
        let result = to.stage_block_from(&copy, &id, &stale, 0..5).await;
        assert_changed(result, &original);
        assert_error!(to.properties(&copy).await, NotFound);

        let any = from.copy_source(&original, None).await?;
        to.stage_block_from(&copy, &id, &any, 0..6).await?;
        to.commit_blocks(&copy, &[id], options).await?;
        assert_eq!(text(&*to, &copy).await?, "second");
    }
    Ok(())
}

fn assert_changed<T: std::fmt::Debug>(result: Result<T, StoreError>, source: &BlobName) {
    match result {
        Err(StoreError::SourceChanged { name }) => assert_eq!(name, *source),
        other => panic!("expected SourceChanged, got {other:?}"),
    }
}

/// A source that is not there, or not so long, is refused, and nothing is written.
pub async fn missing_sources(harbour: &dyn Harbour) -> anyhow::Result<()> {
    let store = container(harbour).await?;
    let (missing, short, copy) = (name("missing")?, name("short")?, name("copy")?);
    put(&*store, &short, "short").await?;
    let nowhere = harbour.store()?;
    let id = block("1")?;
    let version = ETag::new("0x8D000000000000");
    for source in [
        store.copy_source(&missing, None).await?,
        nowhere.copy_source(&short, None).await?,
        nowhere.copy_source(&short, Some(&version)).await?,
    ] {
        let result = store
            .put_from(&copy, &source, WriteOptions::default())
            .await;
        assert_error!(result, CopyRefused, "{source}");
        let result = store.stage_block_from(&copy, &id, &source, 0..5).await;
        assert_error!(result, CopyRefused, "{source}");
    }
    let source = source(&*store, &short).await?;
    let beyond = store.stage_block_from(&copy, &id, &source, 5..6).await;
    if harbour.abilities().is_lax(Laxity::CopiesBeyondTheEnd) {
        return Ok(beyond?);
    }
    assert_error!(beyond, CopyRefused);
    for range in [9..10, 0..0] {
        let result = store
            .stage_block_from(&copy, &id, &source, range.clone())
            .await;
        assert_error!(result, CopyRefused, "{range:?}");
    }
    assert_error!(
        store
            .block_list(&copy, longshore_store::BlockListKind::All)
            .await,
        NotFound
    );
    Ok(())
}

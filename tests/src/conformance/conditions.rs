//! What a call assumes of a blob, kept or broken.

use bytes::Bytes;
use longshore_store::{
    BlobName, BlobStore, BlockListKind, Condition, DeleteOptions, ETag, GetOptions, ListOptions,
    SetMetadataOptions, StoreError,
};

use super::Harbour;
use super::support::{
    assert_error, blocks, container, get, metadata, name, pages, put, signed, stage, text,
};

/// A version that no blob has.
fn stale() -> Condition {
    Condition::Matches(ETag::new("0x1"))
}

/// Of a blob that is not there, an implementation may tell that first, or that it is not the one that was meant.
fn assert_missing<T: std::fmt::Debug>(result: &Result<T, StoreError>, condition: &Condition) {
    let is_told = match result {
        Err(StoreError::NotFound { .. }) => true,
        Err(StoreError::Precondition { .. }) => *condition != Condition::None,
        _ => false,
    };
    assert!(is_told, "{condition:?} on a missing blob: {result:?}");
}

async fn current(store: &dyn BlobStore, blob: &BlobName) -> anyhow::Result<Condition> {
    Ok(Condition::Matches(store.properties(blob).await?.etag))
}

/// Puts with each condition, on a blob that is there and on one that is not.
pub async fn conditions_of_puts(harbour: &dyn Harbour) -> anyhow::Result<()> {
    let store = container(harbour).await?;
    let try_put = async |blob: &BlobName, who: &'static str, condition| {
        let options = signed(who, condition);
        store
            .put(blob, Bytes::from_static(who.as_bytes()), options)
            .await
    };
    let new = name("new")?;
    assert_error!(try_put(&new, "stale", stale()).await, Precondition);
    assert_error!(store.properties(&new).await, NotFound);
    try_put(&new, "absent", Condition::Absent).await?;
    assert_eq!(text(&*store, &new).await?, "absent");

    assert_error!(
        try_put(&new, "again", Condition::Absent).await,
        AlreadyExists
    );
    assert_error!(try_put(&new, "stale", stale()).await, Precondition);
    assert_eq!(text(&*store, &new).await?, "absent");
    assert_eq!(
        store.properties(&new).await?.metadata.get("who"),
        Some("absent")
    );

    let before = current(&*store, &new).await?;
    try_put(&new, "current", before.clone()).await?;
    assert_eq!(text(&*store, &new).await?, "current");
    assert_error!(try_put(&new, "late", before).await, Precondition);
    try_put(&new, "none", Condition::None).await?;
    assert_eq!(text(&*store, &new).await?, "none");
    Ok(())
}

/// Commits with each condition, on a blob that is there and on one that is not.
pub async fn conditions_of_commits(harbour: &dyn Harbour) -> anyhow::Result<()> {
    let store = container(harbour).await?;
    let new = name("new")?;
    let try_commit = async |id: &str, condition| {
        stage(&*store, &new, id, id).await?;
        let options = signed(id, condition);
        anyhow::Ok(store.commit_blocks(&new, &blocks(&[id])?, options).await)
    };
    assert_error!(try_commit("s", stale()).await?, Precondition);
    assert_error!(store.properties(&new).await, NotFound);
    // Staged blocks alone are no blob.
    try_commit("a", Condition::Absent).await??;
    assert_eq!(text(&*store, &new).await?, "a");

    assert_error!(try_commit("b", Condition::Absent).await?, AlreadyExists);
    assert_error!(try_commit("s", stale()).await?, Precondition);
    assert_eq!(text(&*store, &new).await?, "a");

    let before = current(&*store, &new).await?;
    try_commit("c", before.clone()).await??;
    assert_eq!(text(&*store, &new).await?, "c");
    assert_error!(try_commit("d", before).await?, Precondition);
    try_commit("e", Condition::None).await??;
    assert_eq!(text(&*store, &new).await?, "e");
    Ok(())
}

/// Reads with each condition.
pub async fn conditions_of_reads(harbour: &dyn Harbour) -> anyhow::Result<()> {
    let store = container(harbour).await?;
    let (here, missing) = (name("here")?, name("missing")?);
    put(&*store, &here, "body").await?;
    let read = async |blob: &BlobName, condition| {
        let options = GetOptions {
            condition,
            range: None,
            ..GetOptions::default()
        };
        get(&*store, blob, options).await
    };
    for condition in [Condition::None, Condition::Absent, stale()] {
        assert_missing(&read(&missing, condition.clone()).await, &condition);
    }
    assert_eq!(read(&here, current(&*store, &here).await?).await?, b"body");
    assert_error!(read(&here, stale()).await, Precondition);
    assert_error!(read(&here, Condition::Absent).await, Precondition);
    Ok(())
}

/// Metadata set with each condition.
pub async fn conditions_of_metadata(harbour: &dyn Harbour) -> anyhow::Result<()> {
    let store = container(harbour).await?;
    let (here, missing) = (name("here")?, name("missing")?);
    put(&*store, &here, "body").await?;
    let set = async |blob: &BlobName, condition| {
        let options = SetMetadataOptions { condition };
        store
            .set_metadata(blob, metadata(&[("new", "1")]), options)
            .await
    };
    for condition in [Condition::None, stale()] {
        assert_missing(&set(&missing, condition.clone()).await, &condition);
    }
    assert_error!(set(&here, stale()).await, Precondition);
    assert_error!(set(&here, Condition::Absent).await, Precondition);
    assert!(store.properties(&here).await?.metadata.is_empty());
    let before = current(&*store, &here).await?;
    set(&here, before.clone()).await?;
    assert_eq!(
        store.properties(&here).await?.metadata.get("new"),
        Some("1")
    );
    assert_error!(
        set(&here, before).await,
        Precondition,
        "it is a new version"
    );
    Ok(())
}

/// Deletes with each condition.
pub async fn conditions_of_deletes(harbour: &dyn Harbour) -> anyhow::Result<()> {
    let store = container(harbour).await?;
    let (here, missing) = (name("here")?, name("missing")?);
    put(&*store, &here, "body").await?;
    let delete =
        async |blob: &BlobName, condition| store.delete(blob, DeleteOptions { condition }).await;
    for condition in [Condition::None, stale()] {
        assert_missing(&delete(&missing, condition.clone()).await, &condition);
    }
    assert_error!(delete(&here, stale()).await, Precondition);
    assert_error!(delete(&here, Condition::Absent).await, Precondition);
    assert_eq!(text(&*store, &here).await?, "body");
    delete(&here, current(&*store, &here).await?).await?;
    assert_error!(store.properties(&here).await, NotFound);
    Ok(())
}

/// Every write makes a new version, which all calls name alike.
pub async fn versions_are_one_everywhere(harbour: &dyn Harbour) -> anyhow::Result<()> {
    let store = container(harbour).await?;
    let blob = name("blob")?;
    let mut versions = Vec::new();
    versions.push(check_version(&*store, &blob, put(&*store, &blob, "1").await).await?);
    versions.push(check_version(&*store, &blob, put(&*store, &blob, "1").await).await?);
    stage(&*store, &blob, "1", "1").await?;
    let options = signed("me", Condition::None);
    let written = store.commit_blocks(&blob, &blocks(&["1"])?, options).await;
    versions.push(check_version(&*store, &blob, written).await?);
    let options = SetMetadataOptions::default();
    let written = store.set_metadata(&blob, metadata(&[]), options).await;
    versions.push(check_version(&*store, &blob, written).await?);
    let count = versions.len();
    versions.sort_by(|a, b| a.as_str().cmp(b.as_str()));
    versions.dedup();
    assert_eq!(versions.len(), count, "{versions:?}");
    Ok(())
}

async fn check_version(
    store: &dyn BlobStore,
    blob: &BlobName,
    written: Result<longshore_store::Written, StoreError>,
) -> anyhow::Result<ETag> {
    let written = written?;
    let found = store.properties(blob).await?;
    assert_eq!(found.etag, written.etag);
    assert_eq!(found.last_modified, written.last_modified);
    assert!(found.last_modified.is_some());
    let read = store.get(blob, GetOptions::default()).await?;
    assert_eq!(read.properties.etag, written.etag);
    let list = store.block_list(blob, BlockListKind::All).await?;
    assert_eq!(list.etag.as_ref(), Some(&written.etag));
    let pages = pages(store, ListOptions::default()).await?;
    let listed = pages.iter().flat_map(|page| &page.blobs).next();
    let listed = listed.ok_or_else(|| anyhow::anyhow!("not listed"))?;
    assert_eq!(listed.etag.as_ref(), Some(&written.etag));
    assert_eq!(listed.last_modified, found.last_modified);
    Ok(written.etag)
}

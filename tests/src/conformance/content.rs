//! What is in a blob and beside it comes back.

use bytes::Bytes;
use futures::TryStreamExt;
use longshore_content::Crc64;
use longshore_store::{
    BlobStore, Condition, ContentType, GetOptions, ListOptions, MAX_CHECKED_RANGE,
    SetMetadataOptions, WriteOptions,
};

use super::support::{
    assert_error, block_ids, blocks, bytes, commit, container, get, metadata, name, pages, put,
    signed, stage, text, write_blocks,
};
use super::{Harbour, Laxity};

/// The media type is the one that was written last.
pub async fn content_types(harbour: &dyn Harbour) -> anyhow::Result<()> {
    let store = container(harbour).await?;
    let blob = name("blob")?;
    put(&*store, &blob, "1").await?;
    let found = store.properties(&blob).await?.content_type;
    assert_eq!(found, ContentType::OCTET_STREAM);
    let html = ContentType::new("text/html; charset=utf-8");
    let options = WriteOptions {
        content_type: html.clone(),
        ..WriteOptions::default()
    };
    store
        .put(&blob, Bytes::from_static(b"<p>"), options)
        .await?;
    let read = store.get(&blob, GetOptions::default()).await?;
    assert_eq!(read.properties.content_type, html);
    stage(&*store, &blob, "1", "1").await?;
    let list = blocks(&["1"])?;
    store
        .commit_blocks(&blob, &list, signed("zip", Condition::None))
        .await?;
    let found = store.properties(&blob).await?.content_type;
    assert_eq!(found, ContentType::new("text/zip"));
    Ok(())
}

/// Metadata come back by any call, in any case of their keys.
pub async fn metadata_comes_back(harbour: &dyn Harbour) -> anyhow::Result<()> {
    let store = container(harbour).await?;
    let blob = name("blob")?;
    let written = metadata(&[
        ("Owner", "build team"),
        ("_x9", "a=b; c, \"d\" <e> & 'f' %41"),
        ("longshore_blake3", &"ab".repeat(32)),
    ]);
    let options = WriteOptions {
        metadata: written.clone(),
        ..WriteOptions::default()
    };
    store.put(&blob, Bytes::new(), options).await?;
    let found = store.properties(&blob).await?.metadata;
    assert_eq!(found, written);
    assert_eq!(found.get("OWNER"), Some("build team"));
    let read = store.get(&blob, GetOptions::default()).await?;
    assert_eq!(read.properties.metadata, written);
    Ok(())
}

/// Each write that takes metadata replaces them all, and touches nothing that it does not take.
pub async fn metadata_is_replaced_as_a_whole(harbour: &dyn Harbour) -> anyhow::Result<()> {
    let store = container(harbour).await?;
    let blob = name("blob")?;
    let list = blocks(&["1"])?;
    stage(&*store, &blob, "1", "one").await?;
    let mut options = signed("first", Condition::None);
    options.metadata.insert("extra", "x")?;
    store.commit_blocks(&blob, &list, options).await?;
    store
        .commit_blocks(&blob, &list, signed("second", Condition::None))
        .await?;
    let found = store.properties(&blob).await?;
    assert_eq!(found.metadata, metadata(&[("who", "second")]));

    let set = metadata(&[("only", "this")]);
    let options = SetMetadataOptions::default();
    store.set_metadata(&blob, set.clone(), options).await?;
    let changed = store.properties(&blob).await?;
    assert_eq!(changed.metadata, set);
    assert_eq!(changed.content_type, found.content_type);
    assert_eq!(text(&*store, &blob).await?, "one");
    assert_eq!(block_ids(&*store, &blob).await?.0, ["1"]);

    commit(&*store, &blob, &["1"]).await?;
    assert!(store.properties(&blob).await?.metadata.is_empty());
    Ok(())
}

/// A blob may be empty, by a put and by a list of no blocks.
pub async fn empty_blobs(harbour: &dyn Harbour) -> anyhow::Result<()> {
    let store = container(harbour).await?;
    let (by_put, by_list) = (name("by-put")?, name("by-list")?);
    put(&*store, &by_put, "").await?;
    commit(&*store, &by_list, &[]).await?;
    for blob in [&by_put, &by_list] {
        assert_eq!(store.properties(blob).await?.size, 0);
        assert_eq!(text(&*store, blob).await?, "");
        let options = GetOptions {
            range: Some(0..1),
            condition: Condition::None,
            ..GetOptions::default()
        };
        assert_error!(get(&*store, blob, options).await, Range);
        assert_eq!(block_ids(&*store, blob).await?, (vec![], vec![]));
    }
    let found = pages(&*store, ListOptions::default()).await?;
    let sizes: Vec<_> = found
        .iter()
        .flat_map(|page| &page.blobs)
        .map(|blob| (blob.name.as_str(), blob.size, blob.is_uncommitted()))
        .collect();
    assert_eq!(sizes, [("by-list", 0, false), ("by-put", 0, false)]);

    write_blocks(&*store, &by_put, &[("1", "full")]).await?;
    commit(&*store, &by_put, &[]).await?;
    assert_eq!(text(&*store, &by_put).await?, "");
    Ok(())
}

/// Any range within a blob, and none beyond its end.
pub async fn ranges(harbour: &dyn Harbour) -> anyhow::Result<()> {
    let store = container(harbour).await?;
    let (whole, by_blocks) = (name("whole")?, name("by-blocks")?);
    put(&*store, &whole, "0123456789").await?;
    write_blocks(
        &*store,
        &by_blocks,
        &[("1", "0123"), ("2", "456"), ("3", "789")],
    )
    .await?;
    for blob in [&whole, &by_blocks] {
        for (range, expect) in [
            (0..1, Some("0")),
            (0..10, Some("0123456789")),
            (3..5, Some("34")),
            (2..8, Some("234567")),
            (9..10, Some("9")),
            (7..99, Some("789")),
            (7..u64::from(u32::MAX), Some("789")),
            (4..4, Some("")),
            (10..10, Some("")),
            (10..11, None),
            (99..100, None),
            (11..11, None),
        ] {
            let options = GetOptions {
                range: Some(range.clone()),
                condition: Condition::None,
                ..GetOptions::default()
            };
            let read = get(&*store, blob, options.clone()).await;
            match expect {
                Some(expect) => assert_eq!(read?, expect.as_bytes(), "{blob} {range:?}"),
                None => assert_error!(read, Range, "{blob} {range:?}"),
            }
            if expect.is_some() {
                let read = store.get(blob, options).await?;
                assert_eq!(read.properties.size, 10, "the size of the whole blob");
            }
        }
    }
    Ok(())
}

/// A body larger than any part of the SDK is one call, without blocks, and comes back whole.
pub async fn large_bodies_in_one_call(harbour: &dyn Harbour) -> anyhow::Result<()> {
    let store = container(harbour).await?;
    let blob = name("large")?;
    let body = bytes(9_000_001);
    store
        .put(&blob, body.clone(), WriteOptions::default())
        .await?;
    assert_eq!(block_ids(&*store, &blob).await?, (vec![], vec![]));
    let read = get(&*store, &blob, GetOptions::default()).await?;
    assert!(read == body, "the body came back changed");
    Ok(())
}

/// The checksum of a range is told where it was asked for, and the range is not longer than 4 MiB.
pub async fn checked_ranges(harbour: &dyn Harbour) -> anyhow::Result<()> {
    let store = container(harbour).await?;
    let blob = name("checked")?;
    let body = bytes(5_000_000);
    store
        .put(&blob, body.clone(), WriteOptions::default())
        .await?;
    let checked = |range| GetOptions {
        range,
        checksum: true,
        ..GetOptions::default()
    };
    let tells = !harbour.abilities().is_lax(Laxity::NoRangeChecksum);
    for range in [0..1, 7..100_000, 0..MAX_CHECKED_RANGE, 4_900_000..5_100_000] {
        let read = store.get(&blob, checked(Some(range.clone()))).await?;
        let wanted = usize::try_from(range.start)?..usize::try_from(range.end)?.min(body.len());
        let expect = Crc64::of(&body[wanted.clone()]);
        assert_eq!(read.checksum, tells.then_some(expect), "{range:?}");
        let parts: Vec<Bytes> = read.body.try_collect().await?;
        assert!(parts.concat() == body[wanted], "{range:?}");
    }
    for options in [
        checked(Some(0..MAX_CHECKED_RANGE + 1)),
        checked(Some(3..3)),
        checked(None),
        GetOptions {
            checksum: false,
            ..checked(Some(0..5))
        },
    ] {
        let read = store.get(&blob, options.clone()).await?;
        assert_eq!(read.checksum, None, "{options:?}");
    }
    Ok(())
}

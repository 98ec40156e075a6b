//! Block lists: what they take, what they keep and what they drop.

use bytes::Bytes;
use longshore_store::{
    BlobStore, BlockListKind, Condition, DeleteOptions, GetOptions, ListOptions, StageOptions,
    WriteOptions,
};

use super::support::{
    assert_error, block, block_ids, blocks, commit, container, get, listed, name, put, signed,
    stage, text, write_blocks,
};
use super::{Harbour, Laxity};

/// The order of a list is that of the bytes, whatever the order of staging.
pub async fn blocks_come_in_the_order_of_the_list(harbour: &dyn Harbour) -> anyhow::Result<()> {
    let store = container(harbour).await?;
    let blob = name("folder/blob")?;
    for (id, body) in [("b", "second "), ("c", "third"), ("a", "first ")] {
        stage(&*store, &blob, id, body).await?;
    }
    commit(&*store, &blob, &["a", "b", "c"]).await?;
    assert_eq!(text(&*store, &blob).await?, "first second third");
    let list = store.block_list(&blob, BlockListKind::All).await?;
    let sizes: Vec<u64> = list.committed.iter().map(|block| block.size).collect();
    assert_eq!(sizes, [6, 7, 5]);
    assert!(list.uncommitted.is_empty());
    Ok(())
}

/// A list may name blocks of the last one, without anything being sent again.
pub async fn committed_blocks_are_used_again(harbour: &dyn Harbour) -> anyhow::Result<()> {
    let store = container(harbour).await?;
    let blob = name("blob")?;
    write_blocks(
        &*store,
        &blob,
        &[("1", "one "), ("2", "two "), ("3", "three")],
    )
    .await?;
    stage(&*store, &blob, "4", "TWO ").await?;
    commit(&*store, &blob, &["1", "4", "3"]).await?;
    assert_eq!(text(&*store, &blob).await?, "one TWO three");
    commit(&*store, &blob, &["3", "1"]).await?;
    assert_eq!(text(&*store, &blob).await?, "threeone ");
    let options = GetOptions {
        range: Some(4..7),
        condition: Condition::None,
        ..GetOptions::default()
    };
    assert_eq!(get(&*store, &blob, options).await?, b"eon");
    Ok(())
}

/// A block may stand in a list more than once.
pub async fn one_block_may_come_twice(harbour: &dyn Harbour) -> anyhow::Result<()> {
    let store = container(harbour).await?;
    let blob = name("blob")?;
    stage(&*store, &blob, "x", "na").await?;
    stage(&*store, &blob, "y", "ba").await?;
    commit(&*store, &blob, &["y", "x", "x"]).await?;
    assert_eq!(text(&*store, &blob).await?, "banana");
    assert_eq!(block_ids(&*store, &blob).await?.0, ["y", "x", "x"]);
    commit(&*store, &blob, &["x", "y", "x", "y"]).await?;
    assert_eq!(text(&*store, &blob).await?, "nabanaba");
    Ok(())
}

/// A block that was staged again counts, and one that was staged counts before one that was committed.
pub async fn the_newest_block_wins(harbour: &dyn Harbour) -> anyhow::Result<()> {
    let store = container(harbour).await?;
    let blob = name("blob")?;
    stage(&*store, &blob, "1", "old").await?;
    stage(&*store, &blob, "1", "new").await?;
    commit(&*store, &blob, &["1"]).await?;
    assert_eq!(text(&*store, &blob).await?, "new");
    stage(&*store, &blob, "1", "newest").await?;
    assert_eq!(text(&*store, &blob).await?, "new", "not before the commit");
    commit(&*store, &blob, &["1"]).await?;
    assert_eq!(text(&*store, &blob).await?, "newest");
    Ok(())
}

/// A list with a block that is nowhere is refused as a whole.
pub async fn missing_blocks_change_nothing(harbour: &dyn Harbour) -> anyhow::Result<()> {
    let store = container(harbour).await?;
    let blob = name("blob")?;
    let list = |ids: &[&str]| blocks(ids);
    let options = || signed("other", Condition::None);
    let result = store.commit_blocks(&blob, &list(&["1"])?, options()).await;
    assert_error!(result, MissingBlock);
    assert_error!(store.properties(&blob).await, NotFound);

    write_blocks(&*store, &blob, &[("1", "one")]).await?;
    stage(&*store, &blob, "2", "two").await?;
    let before = store.properties(&blob).await?;
    let result = store
        .commit_blocks(&blob, &list(&["1", "2", "3"])?, options())
        .await;
    assert_error!(result, MissingBlock);
    assert_eq!(store.properties(&blob).await?, before);
    assert_eq!(text(&*store, &blob).await?, "one");
    let ids = block_ids(&*store, &blob).await?;
    assert_eq!(ids, (vec!["1".to_owned()], vec!["2".to_owned()]));
    Ok(())
}

/// A commit drops all that it does not name, staged or committed.
pub async fn unlisted_blocks_are_dropped(harbour: &dyn Harbour) -> anyhow::Result<()> {
    let store = container(harbour).await?;
    let blob = name("blob")?;
    stage(&*store, &blob, "3", "three").await?;
    write_blocks(&*store, &blob, &[("1", "one"), ("2", "two")]).await?;
    let ids = block_ids(&*store, &blob).await?;
    assert_eq!(ids, (vec!["1".to_owned(), "2".to_owned()], vec![]));
    commit(&*store, &blob, &["2"]).await?;
    for gone in ["1", "3"] {
        let options = WriteOptions::default();
        let result = store.commit_blocks(&blob, &blocks(&[gone])?, options).await;
        assert_error!(result, MissingBlock, "{gone}");
    }
    Ok(())
}

/// A blob with nothing but staged blocks cannot be read or deleted.
pub async fn staged_blocks_are_no_blob(harbour: &dyn Harbour) -> anyhow::Result<()> {
    let store = container(harbour).await?;
    let blob = name("blob")?;
    let longest = [0xff; 64];
    let body = Bytes::from_static(b"12345");
    let options = StageOptions::default();
    store
        .stage_block(&blob, &block(longest)?, body, options)
        .await?;
    assert_error!(store.properties(&blob).await, NotFound);
    let result = store.get(&blob, GetOptions::default()).await;
    assert_error!(result, NotFound);
    let list = store.block_list(&blob, BlockListKind::All).await?;
    let has_version = harbour.abilities().is_lax(Laxity::VersionsOfStaged);
    assert_eq!(list.etag.is_some(), has_version);
    assert!(list.committed.is_empty());
    let uncommitted: Vec<_> = list
        .uncommitted
        .iter()
        .map(|it| (&it.name, it.size))
        .collect();
    assert_eq!(uncommitted, [(&block(longest)?, 5)]);
    let result = store.delete(&blob, DeleteOptions::default()).await;
    if harbour.abilities().is_lax(Laxity::DeletesStaged) {
        result?;
    } else {
        assert_error!(result, NotFound);
    }
    Ok(())
}

/// Each kind of list has its blocks and no others.
pub async fn kinds_of_block_lists(harbour: &dyn Harbour) -> anyhow::Result<()> {
    let store = container(harbour).await?;
    let blob = name("blob")?;
    write_blocks(&*store, &blob, &[("1", "one")]).await?;
    stage(&*store, &blob, "2", "two").await?;
    for (kind, committed, uncommitted) in [
        (BlockListKind::All, 1, 1),
        (BlockListKind::Committed, 1, 0),
        (BlockListKind::Uncommitted, 0, 1),
    ] {
        let list = store.block_list(&blob, kind).await?;
        let found = (list.committed.len(), list.uncommitted.len());
        assert_eq!(found, (committed, uncommitted), "{kind:?}");
    }
    let result = store
        .block_list(&name("missing")?, BlockListKind::All)
        .await;
    assert_error!(result, NotFound);
    Ok(())
}

/// Put Blob leaves no block, neither of its own nor of before.
pub async fn puts_leave_no_blocks(harbour: &dyn Harbour) -> anyhow::Result<()> {
    let store = container(harbour).await?;
    let blob = name("blob")?;
    write_blocks(&*store, &blob, &[("1", "one")]).await?;
    stage(&*store, &blob, "2", "two").await?;
    put(&*store, &blob, "whole").await?;
    assert_eq!(text(&*store, &blob).await?, "whole");
    let (committed, staged) = block_ids(&*store, &blob).await?;
    assert!(committed.is_empty(), "{committed:?}");
    let mut gone = vec!["1"];
    if harbour.abilities().is_lax(Laxity::PutKeepsStaged) {
        assert_eq!(staged, ["2"]);
    } else {
        assert!(staged.is_empty(), "{staged:?}");
        gone.push("2");
    }
    for gone in gone {
        let options = WriteOptions::default();
        let result = store.commit_blocks(&blob, &blocks(&[gone])?, options).await;
        assert_error!(result, MissingBlock, "{gone}");
    }
    assert_eq!(text(&*store, &blob).await?, "whole");
    Ok(())
}

/// Blocks whose ids have another length than those that are staged are refused, until those are gone.
pub async fn foreign_block_ids_are_told(harbour: &dyn Harbour) -> anyhow::Result<()> {
    let store = container(harbour).await?;
    let blob = name("blob")?;
    let ours = block([7; 33])?;
    let stage_ours = async || {
        let body = Bytes::from_static(b"ours");
        store
            .stage_block(&blob, &ours, body, StageOptions::default())
            .await
    };
    stage(&*store, &blob, "other", "theirs").await?;
    assert_error!(stage_ours().await, BlockIds);
    assert_eq!(block_ids(&*store, &blob).await?.1, ["other"]);
    // Any commit drops what was staged.
    commit(&*store, &blob, &[]).await?;
    stage_ours().await?;
    let list = [ours.clone()];
    store
        .commit_blocks(&blob, &list, WriteOptions::default())
        .await?;
    assert_eq!(text(&*store, &blob).await?, "ours");
    Ok(())
}

/// Lists and staged blocks have a limit.
pub async fn too_many_blocks(harbour: &dyn Harbour) -> anyhow::Result<()> {
    let store = container(harbour).await?;
    let blob = name("blob")?;
    let abilities = harbour.abilities();
    if let Some(limit) = abilities.committed_limit {
        write_blocks(&*store, &blob, &[("01", "x")]).await?;
        let list = vec![block("01")?; limit + 1];
        let result = store
            .commit_blocks(&blob, &list, WriteOptions::default())
            .await;
        assert_error!(result, TooManyBlocks);
        assert_eq!(text(&*store, &blob).await?, "x");
        let list = &list[..limit];
        store
            .commit_blocks(&blob, list, WriteOptions::default())
            .await?;
        assert_eq!(store.properties(&blob).await?.size, limit as u64);
    }
    if let Some(limit) = abilities.staged_limit {
        for n in 0..limit {
            stage(&*store, &blob, &format!("{n:02}"), "x").await?;
        }
        let body = Bytes::from_static(b"x");
        let options = StageOptions::default();
        let result = store.stage_block(&blob, &block("zz")?, body, options).await;
        assert_error!(result, TooManyBlocks);
        stage(&*store, &blob, "00", "one that is there may be replaced").await?;
    }
    let (names, _) = listed(&*store, ListOptions::default()).await?;
    assert!(names.len() <= 1);
    Ok(())
}

//! Deletes of many blobs at once.

use longshore_store::{
    BATCH_LIMIT, BlobName, Condition, DeleteOptions, ETag, ListOptions, StoreError,
};

use super::Harbour;
use super::names::ODD_NAMES;
use super::support::{assert_error, container, listed, name, put, text};

fn any(blob: &BlobName) -> (BlobName, DeleteOptions) {
    (blob.clone(), DeleteOptions::default())
}

fn in_version(blob: &BlobName, etag: &ETag) -> (BlobName, DeleteOptions) {
    let condition = Condition::Matches(etag.clone());
    (blob.clone(), DeleteOptions { condition })
}

/// Each blob of a batch has an outcome of its own, in the order asked for.
pub async fn batches_with_mixed_outcomes(harbour: &dyn Harbour) -> anyhow::Result<()> {
    let store = container(harbour).await?;
    let (good, changed, kept) = (name("good")?, name("changed")?, name("kept/by nobody")?);
    let (missing, same) = (name("missing")?, name("same")?);
    put(&*store, &good, "1").await?;
    let stale = put(&*store, &changed, "2").await?.etag;
    put(&*store, &changed, "3").await?;
    let current = put(&*store, &same, "4").await?.etag;
    put(&*store, &kept, "5").await?;
    let outcomes = store
        .delete_batch(&[
            in_version(&changed, &stale),
            any(&good),
            any(&missing),
            in_version(&same, &current),
            in_version(&missing, &current),
        ])
        .await?;
    let mut outcomes = outcomes.into_iter();
    let mut next = || outcomes.next().expect("an outcome for each");
    assert_error!(next(), Precondition);
    assert!(next().is_ok());
    assert_error!(next(), NotFound);
    assert!(next().is_ok());
    // Which of the two is looked at first is for the service to say.
    match next() {
        Err(StoreError::NotFound { .. } | StoreError::Precondition { .. }) => {}
        other => panic!("neither NotFound nor Precondition: {other:?}"),
    }
    assert!(outcomes.next().is_none());
    let (left, _) = listed(&*store, ListOptions::default()).await?;
    assert_eq!(left, ["changed", "kept/by nobody"]);
    assert_eq!(text(&*store, &changed).await?, "3");
    Ok(())
}

/// Names of all kinds are deleted in a batch.
pub async fn batches_of_odd_names(harbour: &dyn Harbour) -> anyhow::Result<()> {
    let store = container(harbour).await?;
    let mut batch = Vec::new();
    for odd in ODD_NAMES {
        let odd = name(odd)?;
        let etag = put(&*store, &odd, "1").await?.etag;
        batch.push(in_version(&odd, &etag));
    }
    for (outcome, odd) in store.delete_batch(&batch).await?.into_iter().zip(ODD_NAMES) {
        assert!(outcome.is_ok(), "{odd}: {outcome:?}");
    }
    let (left, _) = listed(&*store, ListOptions::default()).await?;
    assert_eq!(left, [""; 0]);
    Ok(())
}

/// As many as are allowed are deleted at once, one more is refused, and none are no request.
pub async fn sizes_of_batches(harbour: &dyn Harbour) -> anyhow::Result<()> {
    let store = container(harbour).await?;
    let there = name("blob 255")?;
    put(&*store, &there, "1").await?;
    let mut batch = Vec::new();
    for number in 0..=BATCH_LIMIT {
        batch.push(any(&name(&format!("blob {number}"))?));
    }
    assert_error!(store.delete_batch(&batch).await, Unsupported);
    assert_eq!(text(&*store, &there).await?, "1");
    let outcomes = store.delete_batch(&batch[..BATCH_LIMIT]).await?;
    assert_eq!(outcomes.len(), BATCH_LIMIT);
    for (number, outcome) in outcomes.into_iter().enumerate() {
        match number {
            255 => assert!(outcome.is_ok(), "{outcome:?}"),
            _ => assert_error!(outcome, NotFound, "{number}"),
        }
    }
    assert!(store.delete_batch(&[]).await?.is_empty());
    Ok(())
}

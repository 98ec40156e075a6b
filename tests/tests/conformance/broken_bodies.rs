//! Reading from a service whose connections break.

use bytes::Bytes;
use futures::TryStreamExt;
use longshore_drydock::{Fault, Operation};
use longshore_store::{
    BlobName, BlobStore, BlobStoreExt, Condition, GetOptions, StoreError, WriteOptions,
};
use longshore_tests::conformance::{DrydockHarbour, Harbour, bytes};

/// Larger than any buffer on the way, so that a break comes while the reader reads.
const SIZE: usize = 8 << 20;

async fn blob(
    harbour: &DrydockHarbour,
) -> anyhow::Result<(std::sync::Arc<dyn BlobStore>, BlobName, Bytes)> {
    let store = harbour.store()?;
    store.create_container().await?;
    let name = BlobName::new("large")?;
    let body = bytes(SIZE);
    store
        .put(&name, body.clone(), WriteOptions::default())
        .await?;
    Ok((store, name, body))
}

#[tokio::test]
async fn a_body_that_breaks_is_read_on() -> anyhow::Result<()> {
    let harbour = DrydockHarbour::with_key().await?;
    let (store, name, body) = blob(&harbour).await?;
    let cut = Fault::cut_answer(1 << 20).on(Operation::GetBlob).times(3);
    harbour.control().add_fault(cut);
    assert!(
        store.read(&name).await? == body,
        "the body came back changed"
    );
    let asked = harbour.control().counters().requests(Operation::GetBlob);
    assert_eq!(asked, 4, "once, and once more for each break");
    Ok(())
}

#[tokio::test]
async fn a_range_that_breaks_is_read_on() -> anyhow::Result<()> {
    let harbour = DrydockHarbour::with_sas().await?;
    let (store, name, body) = blob(&harbour).await?;
    harbour
        .control()
        .add_fault(Fault::cut_answer(70_000).on(Operation::GetBlob).times(2));
    let options = GetOptions {
        range: Some(1_000..3_000_000),
        condition: Condition::None,
        ..GetOptions::default()
    };
    let parts: Vec<Bytes> = store.get(&name, options).await?.body.try_collect().await?;
    assert!(
        parts.concat() == body[1_000..3_000_000],
        "the range came back changed"
    );
    Ok(())
}

#[tokio::test]
async fn a_body_that_never_comes_is_given_up() -> anyhow::Result<()> {
    let harbour = DrydockHarbour::with_key().await?;
    let (store, name, _) = blob(&harbour).await?;
    harbour
        .control()
        .add_fault(Fault::cut_answer(0).on(Operation::GetBlob));
    let error = store.read(&name).await.map(drop);
    assert!(matches!(error, Err(StoreError::Io { .. })), "{error:?}");
    Ok(())
}

#[tokio::test]
async fn a_blob_that_changes_while_it_is_read_is_told() -> anyhow::Result<()> {
    let harbour = DrydockHarbour::with_key().await?;
    let (store, name, _) = blob(&harbour).await?;
    harbour
        .control()
        .add_fault(Fault::cut_answer(1 << 20).on(Operation::GetBlob).nth(1));
    let read = store.get(&name, GetOptions::default()).await?;
    let other = Bytes::from(vec![0; SIZE]);
    store.put(&name, other, WriteOptions::default()).await?;
    let result: Result<Vec<Bytes>, StoreError> = read.body.try_collect().await;
    let error = result.map(drop);
    assert!(
        matches!(error, Err(StoreError::Precondition { .. })),
        "{error:?}"
    );
    Ok(())
}

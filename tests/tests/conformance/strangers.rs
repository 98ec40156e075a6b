//! Copies between stores of different kinds, accounts and credentials.

use bytes::Bytes;
use longshore_store::{
    BlobName, BlobStore, BlobStoreExt, BlockName, CopySource, MemoryStore, StoreError, WriteOptions,
};
use longshore_tests::conformance::{DirectoryHarbour, DrydockHarbour, Harbour};

fn name(text: &str) -> anyhow::Result<BlobName> {
    Ok(BlobName::new(text)?)
}

/// A container that holds one blob, as a source.
async fn source(store: &dyn BlobStore) -> anyhow::Result<CopySource> {
    store.create_container().await?;
    let name = name("apps/a tool+.zip")?;
    let body = Bytes::from_static(b"0123456789");
    let written = store.put(&name, body, WriteOptions::default()).await?;
    Ok(store.copy_source(&name, Some(&written.etag)).await?)
}

async fn check_copies(to: &dyn BlobStore, source: &CopySource) -> anyhow::Result<()> {
    to.create_container().await?;
    let (whole, cut) = (name("whole")?, name("cut")?);
    let options = WriteOptions::default();
    to.put_from(&whole, source, options.clone()).await?;
    assert_eq!(to.read(&whole).await?, "0123456789");
    let block = BlockName::new(*b"1")?;
    to.stage_block_from(&cut, &block, source, 3..7).await?;
    to.commit_blocks(&cut, &[block], options).await?;
    assert_eq!(to.read(&cut).await?, "3456");
    Ok(())
}

async fn check_refused(to: &dyn BlobStore, source: &CopySource) -> anyhow::Result<()> {
    to.create_container().await?;
    let (copy, block) = (name("copy")?, BlockName::new(*b"1")?);
    let options = WriteOptions::default();
    let whole = to.put_from(&copy, source, options).await.map(drop);
    let cut = to.stage_block_from(&copy, &block, source, 3..7).await;
    for result in [whole, cut] {
        let refused = matches!(result, Err(StoreError::CopyRefused { .. }));
        assert!(refused, "{result:?}");
    }
    Ok(())
}

#[tokio::test]
async fn stores_on_this_machine_read_each_other() -> anyhow::Result<()> {
    let memory = MemoryStore::new();
    let directory = DirectoryHarbour::new()?.store()?;
    check_copies(&memory, &source(&*directory).await?).await?;
    Ok(())
}

#[tokio::test]
async fn a_service_reads_another_account_by_key_and_by_signature() -> anyhow::Result<()> {
    let by_key = DrydockHarbour::with_key().await?;
    let by_sas = DrydockHarbour::with_sas().await?;
    check_copies(&*by_sas.store()?, &source(&*by_key.store()?).await?).await?;
    check_copies(&*by_key.store()?, &source(&*by_sas.store()?).await?).await?;
    Ok(())
}

#[tokio::test]
async fn a_service_and_this_machine_do_not_read_each_other() -> anyhow::Result<()> {
    let memory = MemoryStore::new();
    let drydock = DrydockHarbour::with_key().await?;
    check_refused(&memory, &source(&*drydock.store()?).await?).await?;
    check_refused(&*drydock.store()?, &source(&memory).await?).await?;
    Ok(())
}

#[tokio::test]
async fn a_source_prints_where_it_is_and_no_secret() -> anyhow::Result<()> {
    for harbour in [
        DrydockHarbour::with_key().await?,
        DrydockHarbour::with_sas().await?,
    ] {
        let store = harbour.store()?;
        let source = source(&*store).await?;
        assert_eq!(source.to_string(), format!("{store}/apps/a%20tool+.zip"));
        let debug = format!("{source:?}");
        assert!(!debug.contains("sig") && !debug.contains('?'), "{debug}");
    }
    let source = source(&MemoryStore::new()).await?;
    assert_eq!(source.to_string(), "memory/apps/a tool+.zip");
    Ok(())
}

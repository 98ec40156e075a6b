//! What a service copies from a URL that anybody can read: a vendor's server instead of a blob.

use longshore_drydock::Operation;
use longshore_store::{
    BlobName, BlobStore, BlobStoreExt, BlockName, CopySource, StoreError, WriteOptions,
};
use longshore_tests::conformance::{DrydockHarbour, Harbour};
use longshore_tests::upstream::{Served, UpstreamServer};
use url::Url;

fn source(url: Url, size: usize) -> CopySource {
    CopySource::public(url, Some(size as u64)).expect("a URL on this machine")
}

#[tokio::test(flavor = "multi_thread")]
async fn a_vendors_file_is_copied_whole_and_by_ranges() {
    let harbour = DrydockHarbour::with_key().await.expect("a stand-in");
    let store = harbour.store().expect("a container");
    store.create_container().await.expect("it is made");
    let vendor = UpstreamServer::start().expect("a server");
    vendor.put("/setup.exe", Served::new("0123456789").etag("\"1\""));
    let source = source(vendor.url("/setup.exe?token=hidden"), 10);
    let [whole, pieces] = ["whole", "pieces"].map(|name| BlobName::new(name).expect("a name"));
    let put = store.put_from(&whole, &source, WriteOptions::default());
    put.await.expect("a copy");
    assert_eq!(store.read(&whole).await.expect("a blob"), "0123456789");

    let block = BlockName::new(*b"one").expect("a block");
    let stage = store.stage_block_from(&pieces, &block, &source, 2..6);
    stage.await.expect("a block");
    let list = [block];
    let commit = store.commit_blocks(&pieces, &list, WriteOptions::default());
    commit.await.expect("a blob");
    assert_eq!(store.read(&pieces).await.expect("a blob"), "2345");
    let counters = harbour.control().counters();
    assert_eq!(counters.requests(Operation::PutBlock), 0);
    assert_eq!(counters.requests(Operation::PutBlob), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_vendor_who_refuses_is_told_and_nothing_is_written() {
    let harbour = DrydockHarbour::with_key().await.expect("a stand-in");
    let store = harbour.store().expect("a container");
    store.create_container().await.expect("it is made");
    let vendor = UpstreamServer::start().expect("a server");
    vendor.put("/denied", Served::status(403));
    vendor.put("/whole", Served::new("0123456789").without_ranges());
    let blob = BlobName::new("blob").expect("a name");
    let block = BlockName::new(*b"one").expect("a block");
    for path in ["/denied", "/none", "/whole"] {
        let source = source(vendor.url(path), 10);
        let staged = store.stage_block_from(&blob, &block, &source, 2..6).await;
        assert!(
            matches!(staged, Err(StoreError::CopyRefused { .. })),
            "{path}: {staged:?}"
        );
    }
    for path in ["/denied", "/none"] {
        let source = source(vendor.url(path), 10);
        let put = store
            .put_from(&blob, &source, WriteOptions::default())
            .await;
        assert!(
            matches!(put, Err(StoreError::CopyRefused { .. })),
            "{path}: {put:?}"
        );
    }
    let there = store.properties(&blob).await;
    assert!(
        matches!(there, Err(StoreError::NotFound { .. })),
        "{there:?}"
    );
}

//! How many calls there were, and how many bytes went through them.

use std::fmt;
use std::ops::Range;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use async_trait::async_trait;
use bytes::Bytes;
use futures::StreamExt;
use futures::stream::BoxStream;

use super::Operation;
use crate::{
    BlobName, BlobProperties, BlobRead, BlobStore, BlockList, BlockListKind, BlockName, CopySource,
    DeleteOptions, ETag, GetOptions, ListOptions, ListPage, ListingOrder, Metadata,
    SetMetadataOptions, StageOptions, StoreError, WriteOptions, Written,
};

/// What went through a [`CountStore`] so far.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Counts {
    calls: [u64; Operation::ALL.len()],
    /// The bytes of bodies given to Put Blob and Put Block, failed calls included.
    pub bytes_written: u64,
    /// The bytes of bodies that were read.
    pub bytes_read: u64,
    /// The calls that failed, among all.
    pub failed: u64,
}

impl Counts {
    /// The calls of one kind, failed ones included.
    pub const fn of(&self, operation: Operation) -> u64 {
        self.calls[operation.index()]
    }

    /// All calls.
    pub fn calls(&self) -> u64 {
        self.calls.iter().sum()
    }

    /// The calls that change a blob.
    pub fn writes(&self) -> u64 {
        Operation::ALL
            .into_iter()
            .filter(|operation| operation.is_write())
            .map(|operation| self.of(operation))
            .sum()
    }
}

#[derive(Debug, Default)]
struct Meters {
    calls: [AtomicU64; Operation::ALL.len()],
    bytes_written: AtomicU64,
    bytes_read: AtomicU64,
    failed: AtomicU64,
}

impl Meters {
    fn count<T>(
        &self,
        operation: Operation,
        result: Result<T, StoreError>,
    ) -> Result<T, StoreError> {
        self.calls[operation.index()].fetch_add(1, Ordering::Relaxed);
        if result.is_err() {
            self.failed.fetch_add(1, Ordering::Relaxed);
        }
        result
    }

    fn wrote(&self, body: &Bytes) {
        self.bytes_written
            .fetch_add(body.len() as u64, Ordering::Relaxed);
    }
}

/// A store that counts its calls. Clones share the counts.
///
/// A call is counted when it ends; one that was given up is not.
#[derive(Debug, Clone)]
pub struct CountStore<S> {
    inner: S,
    meters: Arc<Meters>,
}

impl<S> CountStore<S> {
    /// Counts the calls of `inner`, from zero.
    pub fn new(inner: S) -> Self {
        Self {
            inner,
            meters: Arc::default(),
        }
    }

    /// The counts as they stand.
    pub fn snapshot(&self) -> Counts {
        let load = |counter: &AtomicU64| counter.load(Ordering::Relaxed);
        Counts {
            calls: std::array::from_fn(|index| load(&self.meters.calls[index])),
            bytes_written: load(&self.meters.bytes_written),
            bytes_read: load(&self.meters.bytes_read),
            failed: load(&self.meters.failed),
        }
    }
}

impl<S: fmt::Display> fmt::Display for CountStore<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.inner.fmt(f)
    }
}

#[async_trait]
#[deny(clippy::missing_trait_methods)]
impl<S: BlobStore> BlobStore for CountStore<S> {
    async fn create_container(&self) -> Result<bool, StoreError> {
        let result = self.inner.create_container().await;
        self.meters.count(Operation::CreateContainer, result)
    }

    async fn listing_order(&self) -> Result<ListingOrder, StoreError> {
        let result = self.inner.listing_order().await;
        self.meters.count(Operation::ListingOrder, result)
    }

    fn list_pages(&self, options: ListOptions) -> BoxStream<'static, Result<ListPage, StoreError>> {
        let meters = Arc::clone(&self.meters);
        self.inner
            .list_pages(options)
            .map(move |page| meters.count(Operation::ListPage, page))
            .boxed()
    }

    async fn properties(&self, name: &BlobName) -> Result<BlobProperties, StoreError> {
        let result = self.inner.properties(name).await;
        self.meters.count(Operation::Properties, result)
    }

    async fn get(&self, name: &BlobName, options: GetOptions) -> Result<BlobRead, StoreError> {
        let result = self.inner.get(name, options).await;
        let mut read = self.meters.count(Operation::Get, result)?;
        let meters = Arc::clone(&self.meters);
        read.body = read
            .body
            .inspect(move |part| {
                let length = part.as_ref().map_or(0, Bytes::len);
                meters
                    .bytes_read
                    .fetch_add(length as u64, Ordering::Relaxed);
            })
            .boxed();
        Ok(read)
    }

    async fn put(
        &self,
        name: &BlobName,
        body: Bytes,
        options: WriteOptions,
    ) -> Result<Written, StoreError> {
        self.meters.wrote(&body);
        let result = self.inner.put(name, body, options).await;
        self.meters.count(Operation::Put, result)
    }

    async fn stage_block(
        &self,
        name: &BlobName,
        block: &BlockName,
        body: Bytes,
        options: StageOptions,
    ) -> Result<(), StoreError> {
        self.meters.wrote(&body);
        let result = self.inner.stage_block(name, block, body, options).await;
        self.meters.count(Operation::StageBlock, result)
    }

    async fn commit_blocks(
        &self,
        name: &BlobName,
        blocks: &[BlockName],
        options: WriteOptions,
    ) -> Result<Written, StoreError> {
        let result = self.inner.commit_blocks(name, blocks, options).await;
        self.meters.count(Operation::CommitBlocks, result)
    }

    async fn block_list(
        &self,
        name: &BlobName,
        kind: BlockListKind,
    ) -> Result<BlockList, StoreError> {
        let result = self.inner.block_list(name, kind).await;
        self.meters.count(Operation::BlockList, result)
    }

    async fn set_metadata(
        &self,
        name: &BlobName,
        metadata: Metadata,
        options: SetMetadataOptions,
    ) -> Result<Written, StoreError> {
        let result = self.inner.set_metadata(name, metadata, options).await;
        self.meters.count(Operation::SetMetadata, result)
    }

    async fn delete(&self, name: &BlobName, options: DeleteOptions) -> Result<(), StoreError> {
        let result = self.inner.delete(name, options).await;
        self.meters.count(Operation::Delete, result)
    }

    async fn copy_source(
        &self,
        name: &BlobName,
        version: Option<&ETag>,
    ) -> Result<CopySource, StoreError> {
        self.inner.copy_source(name, version).await
    }

    async fn put_from(
        &self,
        name: &BlobName,
        source: &CopySource,
        options: WriteOptions,
    ) -> Result<Written, StoreError> {
        let result = self.inner.put_from(name, source, options).await;
        self.meters.count(Operation::PutFrom, result)
    }

    async fn stage_block_from(
        &self,
        name: &BlobName,
        block: &BlockName,
        source: &CopySource,
        range: Range<u64>,
    ) -> Result<(), StoreError> {
        let result = self
            .inner
            .stage_block_from(name, block, source, range)
            .await;
        self.meters.count(Operation::StageBlockFrom, result)
    }

    async fn delete_batch(
        &self,
        blobs: &[(BlobName, DeleteOptions)],
    ) -> Result<Vec<Result<(), StoreError>>, StoreError> {
        let result = self.inner.delete_batch(blobs).await;
        self.meters.count(Operation::DeleteBatch, result)
    }

    fn throttles(&self) -> u64 {
        self.inner.throttles()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{BlobStoreExt, MemoryStore};

    #[tokio::test]
    async fn calls_bytes_and_failures_are_counted() {
        let store = CountStore::new(MemoryStore::new());
        let name = BlobName::new("a").unwrap();
        let body = Bytes::from_static(b"12345");
        store
            .put(&name, body, WriteOptions::default())
            .await
            .unwrap();
        store.read(&name).await.unwrap();
        let missing = BlobName::new("b").unwrap();
        store.properties(&missing).await.unwrap_err();
        let pages: Vec<_> = store.list_pages(ListOptions::default()).collect().await;
        assert_eq!(pages.len(), 1);

        let counts = store.snapshot();
        assert_eq!(counts.calls(), 4);
        assert_eq!(counts.writes(), 1);
        assert_eq!(counts.of(Operation::ListPage), 1);
        assert_eq!(counts.of(Operation::Delete), 0);
        assert_eq!((counts.bytes_written, counts.bytes_read), (5, 5));
        assert_eq!(counts.failed, 1);
    }

    #[tokio::test]
    async fn copies_are_writes_without_bytes_and_a_batch_is_one_call() {
        let store = CountStore::new(MemoryStore::new());
        let (name, copy) = (BlobName::new("a").unwrap(), BlobName::new("b").unwrap());
        let body = Bytes::from_static(b"12345");
        let options = WriteOptions::default();
        store.put(&name, body, options.clone()).await.unwrap();
        let source = store.copy_source(&name, None).await.unwrap();
        store.put_from(&copy, &source, options).await.unwrap();
        let block = BlockName::new(*b"1").unwrap();
        let staged = store.stage_block_from(&copy, &block, &source, 0..5).await;
        staged.unwrap();
        let batch = [name, copy].map(|name| (name, DeleteOptions::default()));
        let outcomes = store.delete_batch(&batch).await.unwrap();
        assert!(outcomes.iter().all(Result::is_ok));

        let counts = store.snapshot();
        assert_eq!(
            (counts.calls(), counts.writes()),
            (4, 4),
            "making a source is no call"
        );
        assert_eq!(counts.of(Operation::PutFrom), 1);
        assert_eq!(counts.of(Operation::StageBlockFrom), 1);
        assert_eq!(counts.of(Operation::DeleteBatch), 1);
        assert_eq!((counts.bytes_written, counts.bytes_read), (5, 0));
    }
}

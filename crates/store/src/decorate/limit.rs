//! At most so many calls at once.

use std::fmt;
use std::ops::Range;
use std::sync::Arc;

use async_trait::async_trait;
use bytes::Bytes;
use futures::StreamExt;
use futures::stream::{self, BoxStream};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use crate::{
    BlobName, BlobProperties, BlobRead, BlobStore, BlockList, BlockListKind, BlockName, CopySource,
    DeleteOptions, ETag, GetOptions, ListOptions, ListPage, ListingOrder, Metadata,
    SetMetadataOptions, StageOptions, StoreError, WriteOptions, Written,
};

/// A store that lets at most so many calls run at once; the others wait their turn.
///
/// A listing takes a turn for each page. A read keeps its turn until its body is read or dropped, so whoever reads
/// a body must not wait for another call of the same store with a limit of one.
#[derive(Debug, Clone)]
pub struct LimitStore<S> {
    inner: S,
    turns: Arc<Semaphore>,
}

impl<S> LimitStore<S> {
    /// At most `limit` calls of `inner` at once, and at least one.
    pub fn new(inner: S, limit: usize) -> Self {
        Self {
            inner,
            turns: Arc::new(Semaphore::new(limit.max(1))),
        }
    }

    async fn turn(&self) -> Option<OwnedSemaphorePermit> {
        turn(&self.turns).await
    }
}

/// A turn; none only if the semaphore were closed, which nobody does.
async fn turn(turns: &Arc<Semaphore>) -> Option<OwnedSemaphorePermit> {
    Arc::clone(turns).acquire_owned().await.ok()
}

impl<S: fmt::Display> fmt::Display for LimitStore<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.inner.fmt(f)
    }
}

#[async_trait]
#[deny(clippy::missing_trait_methods)]
impl<S: BlobStore> BlobStore for LimitStore<S> {
    async fn create_container(&self) -> Result<bool, StoreError> {
        let _turn = self.turn().await;
        self.inner.create_container().await
    }

    async fn listing_order(&self) -> Result<ListingOrder, StoreError> {
        let _turn = self.turn().await;
        self.inner.listing_order().await
    }

    fn list_pages(&self, options: ListOptions) -> BoxStream<'static, Result<ListPage, StoreError>> {
        let seed = (self.inner.list_pages(options), Arc::clone(&self.turns));
        stream::unfold(seed, |(mut pages, turns)| async {
            let turn = turn(&turns).await;
            let page = pages.next().await?;
            drop(turn);
            Some((page, (pages, turns)))
        })
        .boxed()
    }

    async fn properties(&self, name: &BlobName) -> Result<BlobProperties, StoreError> {
        let _turn = self.turn().await;
        self.inner.properties(name).await
    }

    async fn get(&self, name: &BlobName, options: GetOptions) -> Result<BlobRead, StoreError> {
        let turn = self.turn().await;
        let mut read = self.inner.get(name, options).await?;
        read.body = stream::unfold((read.body, turn), |(mut body, turn)| async {
            let part = body.next().await?;
            Some((part, (body, turn)))
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
        let _turn = self.turn().await;
        self.inner.put(name, body, options).await
    }

    async fn stage_block(
        &self,
        name: &BlobName,
        block: &BlockName,
        body: Bytes,
        options: StageOptions,
    ) -> Result<(), StoreError> {
        let _turn = self.turn().await;
        self.inner.stage_block(name, block, body, options).await
    }

    async fn commit_blocks(
        &self,
        name: &BlobName,
        blocks: &[BlockName],
        options: WriteOptions,
    ) -> Result<Written, StoreError> {
        let _turn = self.turn().await;
        self.inner.commit_blocks(name, blocks, options).await
    }

    async fn block_list(
        &self,
        name: &BlobName,
        kind: BlockListKind,
    ) -> Result<BlockList, StoreError> {
        let _turn = self.turn().await;
        self.inner.block_list(name, kind).await
    }

    async fn set_metadata(
        &self,
        name: &BlobName,
        metadata: Metadata,
        options: SetMetadataOptions,
    ) -> Result<Written, StoreError> {
        let _turn = self.turn().await;
        self.inner.set_metadata(name, metadata, options).await
    }

    async fn delete(&self, name: &BlobName, options: DeleteOptions) -> Result<(), StoreError> {
        let _turn = self.turn().await;
        self.inner.delete(name, options).await
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
        let _turn = self.turn().await;
        self.inner.put_from(name, source, options).await
    }

    async fn stage_block_from(
        &self,
        name: &BlobName,
        block: &BlockName,
        source: &CopySource,
        range: Range<u64>,
    ) -> Result<(), StoreError> {
        let _turn = self.turn().await;
        self.inner
            .stage_block_from(name, block, source, range)
            .await
    }

    async fn delete_batch(
        &self,
        blobs: &[(BlobName, DeleteOptions)],
    ) -> Result<Vec<Result<(), StoreError>>, StoreError> {
        let _turn = self.turn().await;
        self.inner.delete_batch(blobs).await
    }

    fn throttles(&self) -> u64 {
        self.inner.throttles()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::MemoryStore;

    #[tokio::test]
    async fn a_read_keeps_its_turn_until_its_body_is_dropped() {
        let store = LimitStore::new(MemoryStore::new(), 1);
        let name = BlobName::new("a").unwrap();
        let body = Bytes::from_static(b"a");
        store
            .put(&name, body, WriteOptions::default())
            .await
            .unwrap();
        let read = store.get(&name, GetOptions::default()).await.unwrap();
        assert_eq!(store.turns.available_permits(), 0);
        drop(read);
        assert_eq!(store.turns.available_permits(), 1);
        store.properties(&name).await.unwrap();
        assert_eq!(store.turns.available_permits(), 1);
    }

    #[tokio::test]
    async fn a_call_waits_for_its_turn() {
        let store = LimitStore::new(MemoryStore::new(), 1);
        let held = store.turn().await;
        let mut call = std::pin::pin!(store.listing_order());
        assert!(futures::poll!(call.as_mut()).is_pending());
        drop(held);
        assert!(call.await.is_ok());
    }

    #[tokio::test]
    async fn a_page_keeps_no_turn_once_it_is_there() {
        let store = LimitStore::new(MemoryStore::new(), 1);
        let mut pages = store.list_pages(ListOptions::default());
        assert!(pages.next().await.unwrap().is_ok());
        assert_eq!(store.turns.available_permits(), 1);
    }
}

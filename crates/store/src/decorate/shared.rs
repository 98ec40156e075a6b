//! A shared store is a store: `Arc<dyn BlobStore>` goes wherever a store does.

use std::ops::Range;
use std::sync::Arc;

use async_trait::async_trait;
use bytes::Bytes;
use futures::stream::BoxStream;

use crate::{
    BlobName, BlobProperties, BlobRead, BlobStore, BlockList, BlockListKind, BlockName, CopySource,
    DeleteOptions, ETag, GetOptions, ListOptions, ListPage, ListingOrder, Metadata,
    SetMetadataOptions, StageOptions, StoreError, WriteOptions, Written,
};

#[async_trait]
#[deny(clippy::missing_trait_methods)]
impl<S: BlobStore + ?Sized> BlobStore for Arc<S> {
    async fn create_container(&self) -> Result<bool, StoreError> {
        (**self).create_container().await
    }

    async fn listing_order(&self) -> Result<ListingOrder, StoreError> {
        (**self).listing_order().await
    }

    fn list_pages(&self, options: ListOptions) -> BoxStream<'static, Result<ListPage, StoreError>> {
        (**self).list_pages(options)
    }

    async fn properties(&self, name: &BlobName) -> Result<BlobProperties, StoreError> {
        (**self).properties(name).await
    }

    async fn get(&self, name: &BlobName, options: GetOptions) -> Result<BlobRead, StoreError> {
        (**self).get(name, options).await
    }

    async fn put(
        &self,
        name: &BlobName,
        body: Bytes,
        options: WriteOptions,
    ) -> Result<Written, StoreError> {
        (**self).put(name, body, options).await
    }

    async fn stage_block(
        &self,
        name: &BlobName,
        block: &BlockName,
        body: Bytes,
        options: StageOptions,
    ) -> Result<(), StoreError> {
        (**self).stage_block(name, block, body, options).await
    }

    async fn commit_blocks(
        &self,
        name: &BlobName,
        blocks: &[BlockName],
        options: WriteOptions,
    ) -> Result<Written, StoreError> {
        (**self).commit_blocks(name, blocks, options).await
    }

    async fn block_list(
        &self,
        name: &BlobName,
        kind: BlockListKind,
    ) -> Result<BlockList, StoreError> {
        (**self).block_list(name, kind).await
    }

    async fn set_metadata(
        &self,
        name: &BlobName,
        metadata: Metadata,
        options: SetMetadataOptions,
    ) -> Result<Written, StoreError> {
        (**self).set_metadata(name, metadata, options).await
    }

    async fn delete(&self, name: &BlobName, options: DeleteOptions) -> Result<(), StoreError> {
        (**self).delete(name, options).await
    }

    async fn copy_source(
        &self,
        name: &BlobName,
        version: Option<&ETag>,
    ) -> Result<CopySource, StoreError> {
        (**self).copy_source(name, version).await
    }

    async fn put_from(
        &self,
        name: &BlobName,
        source: &CopySource,
        options: WriteOptions,
    ) -> Result<Written, StoreError> {
        (**self).put_from(name, source, options).await
    }

    async fn stage_block_from(
        &self,
        name: &BlobName,
        block: &BlockName,
        source: &CopySource,
        range: Range<u64>,
    ) -> Result<(), StoreError> {
        (**self).stage_block_from(name, block, source, range).await
    }

    async fn delete_batch(
        &self,
        blobs: &[(BlobName, DeleteOptions)],
    ) -> Result<Vec<Result<(), StoreError>>, StoreError> {
        (**self).delete_batch(blobs).await
    }

    fn throttles(&self) -> u64 {
        (**self).throttles()
    }
}

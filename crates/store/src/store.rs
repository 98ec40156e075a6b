//! The port through which the engine sees a container.

use std::fmt;
use std::ops::Range;

use async_trait::async_trait;
use bytes::{Bytes, BytesMut};
use futures::stream::BoxStream;
use futures::{StreamExt, TryStreamExt};

use crate::{
    BlobName, BlobProperties, BlobRead, BlockList, BlockListKind, BlockName, Condition, CopySource,
    DeleteOptions, ETag, GetOptions, ListOptions, ListPage, ListedBlob, ListingOrder, Metadata,
    SetMetadataOptions, StageOptions, StoreError, WriteOptions, Written,
};

/// A container of block blobs.
///
/// Its `Display` tells where it is, without a secret. Calls do not retry: that is for the transport below. All take
/// `&self` and may run at once; dropping a future gives the call up, and what it was doing may or may not happen.
///
/// Errors that any call may return: `ContainerNotFound`, `NotSignedIn`, `Denied`, `Throttled`, `TimedOut`,
/// `Unreachable`, `Io`, `Protocol` of [`StoreError`]; the docs of each method name those that are its own.
#[async_trait]
pub trait BlobStore: fmt::Debug + fmt::Display + Send + Sync + 'static {
    /// Makes the container unless it is there; tells whether it was made.
    async fn create_container(&self) -> Result<bool, StoreError>;

    /// The order of [`BlobStore::list_pages`].
    async fn listing_order(&self) -> Result<ListingOrder, StoreError>;

    /// Lists blobs with their digests, page by page.
    fn list_pages(&self, options: ListOptions) -> BoxStream<'static, Result<ListPage, StoreError>>;

    /// What a blob is. Errors: `NotFound`.
    async fn properties(&self, name: &BlobName) -> Result<BlobProperties, StoreError>;

    /// Reads a blob or a range of it. Errors: `NotFound`, `Precondition`, `Range` when it starts beyond the end.
    async fn get(&self, name: &BlobName, options: GetOptions) -> Result<BlobRead, StoreError>;

    /// Writes a whole blob in one call. Errors: `AlreadyExists`, `Precondition`, `Corrupt`.
    ///
    /// The body is checked by the service against a checksum that the store computes.
    async fn put(
        &self,
        name: &BlobName,
        body: Bytes,
        options: WriteOptions,
    ) -> Result<Written, StoreError>;

    /// Stages a block. Errors: `Corrupt`, `BlockIds` when ids of another length are there, `TooManyBlocks`.
    async fn stage_block(
        &self,
        name: &BlobName,
        block: &BlockName,
        body: Bytes,
        options: StageOptions,
    ) -> Result<(), StoreError>;

    /// Makes the blob of these blocks, in this order, each newly staged or committed before; drops all others.
    ///
    /// Errors: `MissingBlock`, `TooManyBlocks`, `BlockIds`, `AlreadyExists`, `Precondition`. The blob is unchanged then.
    async fn commit_blocks(
        &self,
        name: &BlobName,
        blocks: &[BlockName],
        options: WriteOptions,
    ) -> Result<Written, StoreError>;

    /// The blocks of a blob. Errors: `NotFound` when there is neither a blob nor a staged block.
    async fn block_list(
        &self,
        name: &BlobName,
        kind: BlockListKind,
    ) -> Result<BlockList, StoreError>;

    /// Replaces the metadata, and nothing else. Errors: `NotFound`, `Precondition`.
    async fn set_metadata(
        &self,
        name: &BlobName,
        metadata: Metadata,
        options: SetMetadataOptions,
    ) -> Result<Written, StoreError>;

    /// Deletes a blob. Errors: `NotFound`, `Precondition`.
    async fn delete(&self, name: &BlobName, options: DeleteOptions) -> Result<(), StoreError>;

    /// How another store, or this one, may read this blob on its own: a URL with a right to read it for a while; for
    /// stores on this machine the store itself. Sends nothing to the service; a token may be fetched.
    ///
    /// `version`: the copy must fail when the blob has another one.
    async fn copy_source(
        &self,
        name: &BlobName,
        version: Option<&ETag>,
    ) -> Result<CopySource, StoreError>;

    /// Writes a whole blob of another blob's bytes, which do not pass through here: Put Blob From URL.
    ///
    /// The source has at most [`MAX_PUT_FROM`](crate::MAX_PUT_FROM) bytes. The new blob has no block list; its content
    /// type and metadata are those of `options`, not those of the source. Errors: `CopyRefused`, `SourceChanged`,
    /// `AlreadyExists`, `Precondition`.
    async fn put_from(
        &self,
        name: &BlobName,
        source: &CopySource,
        options: WriteOptions,
    ) -> Result<Written, StoreError>;

    /// Stages a block of a range of another blob: Put Block From URL.
    ///
    /// Errors: `CopyRefused`, `SourceChanged`, `BlockIds`, `TooManyBlocks`.
    async fn stage_block_from(
        &self,
        name: &BlobName,
        block: &BlockName,
        source: &CopySource,
        range: Range<u64>,
    ) -> Result<(), StoreError>;

    /// Deletes up to [`BATCH_LIMIT`](crate::BATCH_LIMIT) blobs in one request; one outcome for each, in order, with the
    /// errors of [`BlobStore::delete`].
    ///
    /// Errors: `Unsupported` where the credential or the service takes no batches, or none of that size: callers then
    /// delete one by one.
    async fn delete_batch(
        &self,
        blobs: &[(BlobName, DeleteOptions)],
    ) -> Result<Vec<Result<(), StoreError>>, StoreError>;

    /// How often the service has asked to slow down so far, also where the transport took care of it: who adapts how
    /// much is under way watches this grow.
    fn throttles(&self) -> u64 {
        0
    }
}

/// What is built from the methods of [`BlobStore`].
#[async_trait]
pub trait BlobStoreExt: BlobStore {
    /// Lists blobs one by one.
    fn list(&self, options: ListOptions) -> BoxStream<'static, Result<ListedBlob, StoreError>> {
        self.list_pages(options)
            .map_ok(|page| futures::stream::iter(page.blobs.into_iter().map(Ok)))
            .try_flatten()
            .boxed()
    }

    /// Reads a small blob into memory.
    ///
    /// # Errors
    ///
    /// Those of [`BlobStore::get`].
    async fn read(&self, name: &BlobName) -> Result<Bytes, StoreError> {
        let mut read = self.get(name, GetOptions::default()).await?;
        let mut bytes = BytesMut::new();
        while let Some(part) = read.body.try_next().await? {
            bytes.extend_from_slice(&part);
        }
        Ok(bytes.freeze())
    }

    /// Gives a blob of this version another one, and changes nothing else: its metadata are written as they are. Whoever
    /// assumes the old version, such as somebody who is about to delete what nobody uses, then finds it gone.
    ///
    /// An answer that got lost is recognised where the metadata tell the content.
    ///
    /// # Errors
    ///
    /// Those of [`BlobStore::set_metadata`].
    async fn touch(&self, name: &BlobName, etag: &ETag) -> Result<ETag, StoreError> {
        let before = self.properties(name).await?;
        if before.etag != *etag {
            return Err(StoreError::Precondition { name: name.clone() });
        }
        let options = SetMetadataOptions {
            condition: Condition::Matches(etag.clone()),
        };
        let written = self.set_metadata(name, before.metadata.clone(), options);
        match written.await {
            Ok(written) => Ok(written.etag),
            Err(error)
                if before.metadata.digests().is_some()
                    && (matches!(error, StoreError::Precondition { .. })
                        || error.is_ambiguous()) =>
            {
                let after = self.properties(name).await?;
                let is_done = after.etag != *etag
                    && (after.size, &after.metadata) == (before.size, &before.metadata);
                is_done.then_some(after.etag).ok_or(error)
            }
            Err(error) => Err(error),
        }
    }
}

impl<S: BlobStore + ?Sized> BlobStoreExt for S {}

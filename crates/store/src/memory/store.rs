//! The memory store as a [`BlobStore`].

use std::fmt;
use std::ops::{Bound, Range};
use std::sync::{Arc, Mutex, PoisonError};

use async_trait::async_trait;
use bytes::{Bytes, BytesMut};
use futures::stream::{self, BoxStream};
use futures::{StreamExt, TryStreamExt};
use longshore_content::Crc64;

use super::state::State;
use crate::copy;
use crate::rules::{self, BlockLimits};
use crate::{
    BlobName, BlobProperties, BlobRead, BlobStore, BlockList, BlockListKind, BlockName, CopySource,
    DeleteOptions, ETag, GetOptions, ListOptions, ListPage, ListingOrder, Metadata,
    SetMetadataOptions, StageOptions, StoreError, WriteOptions, Written,
};

/// A container in memory. Clones share it.
///
/// ```
/// use bytes::Bytes;
/// use longshore_store::{BlobName, BlobStore, BlobStoreExt, MemoryStore, WriteOptions};
///
/// # futures::executor::block_on(async {
/// let store = MemoryStore::new();
/// let name = BlobName::new("apps/tool.zip")?;
/// store.put(&name, Bytes::from_static(b"PK"), WriteOptions::default()).await?;
/// assert_eq!(store.read(&name).await?, "PK");
/// # Ok::<(), Box<dyn std::error::Error>>(()) }).unwrap();
/// ```
#[derive(Clone)]
pub struct MemoryStore {
    limits: BlockLimits,
    container: Arc<Mutex<Option<State>>>,
}

impl MemoryStore {
    /// A container that is there, and empty.
    pub fn new() -> Self {
        Self::with_limits(BlockLimits::default())
    }

    /// A container that is there, whose blobs may have so many blocks.
    pub fn with_limits(limits: BlockLimits) -> Self {
        Self {
            limits,
            container: Arc::new(Mutex::new(Some(State::new(limits)))),
        }
    }

    /// A container that nobody made yet, whose blobs may have so many blocks.
    pub fn without_container(limits: BlockLimits) -> Self {
        Self {
            limits,
            container: Arc::default(),
        }
    }

    fn with<T>(
        &self,
        work: impl FnOnce(&mut State) -> Result<T, StoreError>,
    ) -> Result<T, StoreError> {
        let mut container = self
            .container
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        let state = container
            .as_mut()
            .ok_or_else(|| StoreError::ContainerNotFound {
                container: self.to_string(),
                cause: None,
            })?;
        work(state)
    }
}

/// All bytes of a body.
async fn collect(
    mut body: BoxStream<'static, Result<Bytes, StoreError>>,
) -> Result<Bytes, StoreError> {
    let mut bytes = BytesMut::new();
    while let Some(part) = body.try_next().await? {
        bytes.extend_from_slice(&part);
    }
    Ok(bytes.freeze())
}

impl Default for MemoryStore {
    fn default() -> Self {
        Self::new()
    }
}

impl fmt::Debug for MemoryStore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("MemoryStore").finish_non_exhaustive()
    }
}

impl fmt::Display for MemoryStore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("memory")
    }
}

#[async_trait]
#[deny(clippy::missing_trait_methods)]
impl BlobStore for MemoryStore {
    async fn create_container(&self) -> Result<bool, StoreError> {
        let mut container = self
            .container
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        let is_new = container.is_none();
        if is_new {
            *container = Some(State::new(self.limits));
        }
        Ok(is_new)
    }

    async fn listing_order(&self) -> Result<ListingOrder, StoreError> {
        Ok(ListingOrder::Bytes)
    }

    fn list_pages(&self, options: ListOptions) -> BoxStream<'static, Result<ListPage, StoreError>> {
        let start = Bound::Included(options.prefix.clone());
        let seed = (self.clone(), options, Some(start));
        stream::try_unfold(seed, |(store, options, from)| async {
            let Some(from) = from else { return Ok(None) };
            let (page, next) = store.with(|state| Ok(state.page(&options, from)))?;
            Ok(Some((page, (store, options, next))))
        })
        .boxed()
    }

    async fn properties(&self, name: &BlobName) -> Result<BlobProperties, StoreError> {
        self.with(|state| state.properties(name))
    }

    async fn get(&self, name: &BlobName, options: GetOptions) -> Result<BlobRead, StoreError> {
        self.with(|state| {
            let properties = state.properties(name)?;
            rules::check_existing(name, &options.condition, &properties.etag)?;
            let (start, length) = rules::bytes_wanted(name, &options, properties.size)?;
            let pieces = state.bytes(name, start, length)?;
            let checksum = options.is_checked().then(|| Crc64::of(&pieces.concat()));
            Ok(BlobRead {
                properties,
                checksum,
                body: stream::iter(pieces.into_iter().map(Ok)).boxed(),
            })
        })
    }

    async fn put(
        &self,
        name: &BlobName,
        body: Bytes,
        options: WriteOptions,
    ) -> Result<Written, StoreError> {
        self.with(|state| state.put(name, &body, options))
    }

    async fn stage_block(
        &self,
        name: &BlobName,
        block: &BlockName,
        body: Bytes,
        options: StageOptions,
    ) -> Result<(), StoreError> {
        rules::check_body(name, &body, options.checksum)?;
        self.with(|state| state.stage(name, block, &body))
    }

    async fn commit_blocks(
        &self,
        name: &BlobName,
        blocks: &[BlockName],
        options: WriteOptions,
    ) -> Result<Written, StoreError> {
        self.with(|state| state.commit(name, blocks, options))
    }

    async fn block_list(
        &self,
        name: &BlobName,
        kind: BlockListKind,
    ) -> Result<BlockList, StoreError> {
        self.with(|state| state.block_list(name, kind))
    }

    async fn set_metadata(
        &self,
        name: &BlobName,
        metadata: Metadata,
        options: SetMetadataOptions,
    ) -> Result<Written, StoreError> {
        self.with(|state| state.set_metadata(name, metadata, &options))
    }

    async fn delete(&self, name: &BlobName, options: DeleteOptions) -> Result<(), StoreError> {
        self.with(|state| state.delete(name, &options))
    }

    async fn copy_source(
        &self,
        name: &BlobName,
        version: Option<&ETag>,
    ) -> Result<CopySource, StoreError> {
        Ok(CopySource::local(Arc::new(self.clone()), name, version))
    }

    async fn put_from(
        &self,
        name: &BlobName,
        source: &CopySource,
        options: WriteOptions,
    ) -> Result<Written, StoreError> {
        let body = copy::read(name, source, None).await?;
        let body = collect(body).await?;
        self.put(name, body, options).await
    }

    async fn stage_block_from(
        &self,
        name: &BlobName,
        block: &BlockName,
        source: &CopySource,
        range: Range<u64>,
    ) -> Result<(), StoreError> {
        let body = copy::read(name, source, Some(range)).await?;
        let body = collect(body).await?;
        self.stage_block(name, block, body, StageOptions::default())
            .await
    }

    async fn delete_batch(
        &self,
        blobs: &[(BlobName, DeleteOptions)],
    ) -> Result<Vec<Result<(), StoreError>>, StoreError> {
        rules::check_batch(blobs.len())?;
        self.with(|state| {
            let outcomes = blobs
                .iter()
                .map(|(name, options)| state.delete(name, options));
            Ok(outcomes.collect())
        })
    }

    fn throttles(&self) -> u64 {
        0
    }
}

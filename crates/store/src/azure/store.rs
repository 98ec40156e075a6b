//! The container as a [`BlobStore`].

use std::collections::HashMap;
use std::fmt;
use std::ops::Range;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use async_trait::async_trait;
use azure_core::http::{ClientMethodOptions, Context, Pipeline};
use azure_storage_blob::models::{
    BlobClientGetPropertiesOptions, BlobClientSetMetadataOptions,
    BlockBlobClientCommitBlockListOptions, BlockLookupList,
};
use azure_storage_blob::{
    BlobClient, BlobContainerClient, BlobContainerClientOptions, BlockBlobClient,
};
use bytes::Bytes;
use futures::stream::BoxStream;
use longshore_azure::{AttemptDeadline, BlobLocation, Connection};
use url::Url;

use super::errors::{self, Subject};
use super::{block_list, body, copy, delete, headers, list, write};
use crate::{
    BlobName, BlobProperties, BlobRead, BlobStore, BlockList, BlockListKind, BlockName, Condition,
    CopySource, DeleteOptions, ETag, GetOptions, ListOptions, ListPage, ListingOrder, Metadata,
    SetMetadataOptions, StageOptions, StoreError, WriteOptions, Written,
};

/// What long lists are given: the service allows itself 60 s for a commit, and a listing's page may have many MiB.
const PATIENCE: Duration = Duration::from_mins(2);

/// The context of calls that carry long lists.
pub(super) fn patient() -> Context<'static> {
    Context::new().with_value(AttemptDeadline(PATIENCE))
}

/// A container of a storage account. Clones share it.
///
/// The whole container: a prefix of the location is a matter of whoever names the blobs.
#[derive(Debug, Clone)]
pub struct AzureStore {
    container: Arc<Container>,
}

impl AzureStore {
    /// The container at a location, reached over a connection; nothing is sent yet.
    ///
    /// # Errors
    ///
    /// [`StoreError::Protocol`] when the SDK refuses the URL: tokens, for one, are only sent over https.
    pub fn new(location: &BlobLocation, connection: &Connection) -> Result<Self, StoreError> {
        let url = location.container_url();
        let options = BlobContainerClientOptions {
            client_options: connection.client_options(),
            ..BlobContainerClientOptions::default()
        };
        let client = BlobContainerClient::new(
            connection.authorize_url(url.clone()),
            connection.token_credential(),
            Some(options),
        )
        .map_err(|error| errors::of_call(&error, &url, location.container(), Subject::Container))?;
        Ok(Self {
            container: Arc::new(Container {
                name: location.container().to_owned(),
                url,
                client,
                pipeline: connection.pipeline(),
                connection: connection.clone(),
                no_checksums: AtomicBool::new(false),
            }),
        })
    }
}

/// What every call needs.
pub(super) struct Container {
    name: String,
    /// Without a signature.
    url: Url,
    client: BlobContainerClient,
    pipeline: Pipeline,
    connection: Connection,
    /// Emulators may not tell them; then they are asked once.
    no_checksums: AtomicBool,
}

impl fmt::Debug for Container {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Container")
            .field(&self.url.as_str())
            .finish()
    }
}

impl Container {
    pub(super) fn url(&self) -> Url {
        self.url.clone()
    }

    pub(super) const fn connection(&self) -> &Connection {
        &self.connection
    }

    pub(super) fn authorize(&self, url: Url) -> Url {
        self.connection.authorize_url(url)
    }

    pub(super) const fn pipeline(&self) -> &Pipeline {
        &self.pipeline
    }

    /// Whether the service tells the checksums of ranges, as far as is known.
    pub(super) fn tells_checksums(&self) -> bool {
        !self.no_checksums.load(Ordering::Relaxed)
    }

    pub(super) fn tell_no_checksums(&self) {
        self.no_checksums.store(true, Ordering::Relaxed);
    }

    pub(super) fn name(&self) -> &str {
        &self.name
    }

    /// Where a blob is, without a signature. The SDK's URLs hold each name as one segment, whose `%2F` not every service
    /// takes for a slash when it checks a signature.
    pub(super) fn blob_url(&self, name: &BlobName) -> Url {
        let mut url = self.url.clone();
        if let Ok(mut path) = url.path_segments_mut() {
            path.pop_if_empty().extend(name.as_str().split('/'));
        }
        url
    }

    pub(super) fn blob(&self, name: &BlobName) -> BlobClient {
        self.client.blob_client(name.as_str())
    }

    pub(super) fn block_blob(&self, name: &BlobName) -> BlockBlobClient {
        self.blob(name).block_blob_client()
    }

    pub(super) fn error(
        &self,
        error: &azure_core::Error,
        url: &Url,
        subject: Subject<'_>,
    ) -> StoreError {
        errors::of_call(error, url, &self.name, subject)
    }

    pub(super) async fn listing_order(&self) -> Result<ListingOrder, StoreError> {
        match self.client.get_account_info(None).await {
            Ok(response) if headers::is_hierarchical(response.headers()) => {
                Ok(ListingOrder::SlashFirst)
            }
            Ok(_) => Ok(ListingOrder::Bytes),
            // Not every signature may ask this, and not every service knows it.
            Err(error) => match self.error(&error, &self.url, Subject::Container) {
                error @ (StoreError::Unreachable { .. }
                | StoreError::Throttled { .. }
                | StoreError::TimedOut { .. }
                | StoreError::Io { .. }) => Err(error),
                _ => Ok(ListingOrder::Bytes),
            },
        }
    }

    /// Answers for the service what it means that a blob that is read, changed or deleted is assumed to be absent:
    /// services differ there, and some ignore it.
    pub(super) async fn refuse_absent(
        &self,
        name: &BlobName,
        condition: &Condition,
    ) -> Result<(), StoreError> {
        if *condition != Condition::Absent {
            return Ok(());
        }
        self.properties(name, &Condition::None).await?;
        Err(StoreError::Precondition { name: name.clone() })
    }

    pub(super) async fn properties(
        &self,
        name: &BlobName,
        condition: &Condition,
    ) -> Result<BlobProperties, StoreError> {
        let client = self.blob(name);
        let (if_match, if_none_match) = headers::conditions(condition);
        let options = BlobClientGetPropertiesOptions {
            if_match,
            if_none_match,
            ..BlobClientGetPropertiesOptions::default()
        };
        let response = client
            .get_properties(Some(options))
            .await
            .map_err(|error| {
                self.error(&error, client.url(), Subject::existing(name, condition))
            })?;
        headers::properties(response.headers())
    }
}

impl fmt::Display for AzureStore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.container.url.as_str())
    }
}

/// Metadata as the SDK wants it.
pub(super) fn pairs(metadata: &Metadata) -> HashMap<String, String> {
    metadata
        .iter()
        .map(|(key, value)| (key.to_owned(), value.to_owned()))
        .collect()
}

#[async_trait]
#[deny(clippy::missing_trait_methods)]
impl BlobStore for AzureStore {
    async fn create_container(&self) -> Result<bool, StoreError> {
        let container = &*self.container;
        match container.client.create(None).await {
            Ok(_) => Ok(true),
            Err(error) if errors::is_container_there(&error, &container.url) => Ok(false),
            Err(error) => Err(container.error(&error, &container.url, Subject::Container)),
        }
    }

    async fn listing_order(&self) -> Result<ListingOrder, StoreError> {
        self.container.listing_order().await
    }

    fn list_pages(&self, options: ListOptions) -> BoxStream<'static, Result<ListPage, StoreError>> {
        list::pages(Arc::clone(&self.container), options)
    }

    async fn properties(&self, name: &BlobName) -> Result<BlobProperties, StoreError> {
        self.container.properties(name, &Condition::None).await
    }

    async fn get(&self, name: &BlobName, options: GetOptions) -> Result<BlobRead, StoreError> {
        body::read(&self.container, name, options).await
    }

    async fn put(
        &self,
        name: &BlobName,
        body: Bytes,
        options: WriteOptions,
    ) -> Result<Written, StoreError> {
        write::put(&self.container, name, body, &options).await
    }

    async fn stage_block(
        &self,
        name: &BlobName,
        block: &BlockName,
        body: Bytes,
        options: StageOptions,
    ) -> Result<(), StoreError> {
        write::stage_block(&self.container, name, block, body, options).await
    }

    async fn commit_blocks(
        &self,
        name: &BlobName,
        blocks: &[BlockName],
        options: WriteOptions,
    ) -> Result<Written, StoreError> {
        let client = self.container.block_blob(name);
        let (if_match, if_none_match) = headers::conditions(&options.condition);
        let list = BlockLookupList {
            // The SDK writes the three lists one after the other, so only one of them keeps the order of all blocks;
            // this one takes the newest of each id, committed or not.
            latest: Some(blocks.iter().map(|id| id.as_bytes().to_vec()).collect()),
            ..BlockLookupList::default()
        };
        let commit = BlockBlobClientCommitBlockListOptions {
            blob_content_type: Some(options.content_type.as_str().to_owned()),
            metadata: Some(pairs(&options.metadata)),
            if_match,
            if_none_match,
            method_options: ClientMethodOptions { context: patient() },
            ..BlockBlobClientCommitBlockListOptions::default()
        };
        let subject = Subject::written(name, &options.condition);
        let failed = |e| self.container.error(&e, client.url(), subject);
        let list = list.try_into().map_err(failed)?;
        let result = client.commit_block_list(list, Some(commit)).await;
        headers::written(result.map_err(failed)?.headers())
    }

    async fn block_list(
        &self,
        name: &BlobName,
        kind: BlockListKind,
    ) -> Result<BlockList, StoreError> {
        block_list::read(&self.container, name, kind).await
    }

    async fn set_metadata(
        &self,
        name: &BlobName,
        metadata: Metadata,
        options: SetMetadataOptions,
    ) -> Result<Written, StoreError> {
        self.container
            .refuse_absent(name, &options.condition)
            .await?;
        let client = self.container.blob(name);
        let (if_match, if_none_match) = headers::conditions(&options.condition);
        let set = BlobClientSetMetadataOptions {
            if_match,
            if_none_match,
            ..BlobClientSetMetadataOptions::default()
        };
        let result = client.set_metadata(&pairs(&metadata), Some(set)).await;
        let subject = Subject::existing(name, &options.condition);
        let result = result.map_err(|e| self.container.error(&e, client.url(), subject))?;
        headers::written(result.headers())
    }

    async fn delete(&self, name: &BlobName, options: DeleteOptions) -> Result<(), StoreError> {
        delete::one(&self.container, name, &options).await
    }

    async fn copy_source(
        &self,
        name: &BlobName,
        version: Option<&ETag>,
    ) -> Result<CopySource, StoreError> {
        copy::source(&self.container, name, version).await
    }

    async fn put_from(
        &self,
        name: &BlobName,
        source: &CopySource,
        options: WriteOptions,
    ) -> Result<Written, StoreError> {
        copy::put(&self.container, name, source, options).await
    }

    async fn stage_block_from(
        &self,
        name: &BlobName,
        block: &BlockName,
        source: &CopySource,
        range: Range<u64>,
    ) -> Result<(), StoreError> {
        copy::stage(&self.container, name, (block, range), source).await
    }

    async fn delete_batch(
        &self,
        blobs: &[(BlobName, DeleteOptions)],
    ) -> Result<Vec<Result<(), StoreError>>, StoreError> {
        delete::many(&self.container, blobs).await
    }

    fn throttles(&self) -> u64 {
        self.container.connection.meter().throttles()
    }
}

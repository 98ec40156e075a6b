//! The directory store as a [`BlobStore`].

use std::fmt;
use std::fs::File;
use std::io::{self, Read, Write};
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use async_trait::async_trait;
use bytes::Bytes;
use futures::stream::{self, BoxStream};
use futures::{StreamExt, TryStreamExt};
use longshore_content::Crc64;
use tempfile::NamedTempFile;

use super::disk::Disk;
use super::error::disk as disk_error;
use super::walk::Walk;
use crate::copy;
use crate::rules::{self, BlockLimits};
use crate::{
    BlobName, BlobProperties, BlobRead, BlobStore, BlockList, BlockListKind, BlockName, CopySource,
    DeleteOptions, ETag, GetOptions, ListOptions, ListPage, ListingOrder, Metadata,
    SetMetadataOptions, StageOptions, StoreError, WriteOptions, Written,
};

/// How much of a file is read at once.
const CHUNK: u64 = 1 << 20;

/// A directory whose files are blobs. Clones share it, and so may other processes.
///
/// ```
/// use bytes::Bytes;
/// use longshore_store::{BlobName, BlobStore, DirectoryStore, WriteOptions};
///
/// # let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
/// # runtime.block_on(async {
/// let folder = tempfile::tempdir()?;
/// let store = DirectoryStore::new(folder.path());
/// let name = BlobName::new("apps/tool.zip")?;
/// store.put(&name, Bytes::from_static(b"PK"), WriteOptions::default()).await?;
/// assert_eq!(fs_err::read(folder.path().join("apps/tool.zip"))?, b"PK");
/// # Ok::<(), Box<dyn std::error::Error>>(()) }).unwrap();
/// ```
#[derive(Debug, Clone)]
pub struct DirectoryStore {
    disk: Arc<Disk>,
}

impl DirectoryStore {
    /// The store in a directory, which need not be there yet.
    pub fn new(root: impl Into<PathBuf>) -> Self {
        Self::with_limits(root, BlockLimits::default())
    }

    /// The store in a directory, whose blobs may have so many blocks.
    pub fn with_limits(root: impl Into<PathBuf>, limits: BlockLimits) -> Self {
        Self {
            disk: Arc::new(Disk::new(root.into(), limits)),
        }
    }

    /// The directory.
    pub fn root(&self) -> &Path {
        self.disk.layout().root()
    }

    /// Writes what a source holds to a file that is yet without a name.
    async fn spool_from(
        &self,
        name: &BlobName,
        source: &CopySource,
        range: Option<Range<u64>>,
    ) -> Result<NamedTempFile, StoreError> {
        let mut body = copy::read(name, source, range).await?;
        let empty = Bytes::new();
        let mut temporary = self.run(move |disk| disk.spool(&empty)).await?;
        while let Some(part) = body.try_next().await? {
            temporary = blocking(move || {
                temporary.write_all(&part).map_err(disk_error)?;
                Ok(temporary)
            })
            .await?;
        }
        Ok(temporary)
    }

    async fn run<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Disk) -> Result<T, StoreError> + Send + 'static,
    ) -> Result<T, StoreError> {
        let disk = Arc::clone(&self.disk);
        blocking(move || work(&disk)).await
    }
}

/// Runs on a thread that may block. A panic there goes on here.
async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, StoreError> + Send + 'static,
) -> Result<T, StoreError> {
    match tokio::task::spawn_blocking(work).await {
        Ok(result) => result,
        Err(error) => match error.try_into_panic() {
            Ok(panic) => std::panic::resume_unwind(panic),
            Err(error) => Err(disk_error(io::Error::other(error))),
        },
    }
}

impl fmt::Display for DirectoryStore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.root().display().fmt(f)
    }
}

/// The next `wanted` bytes of a file, all of which must be there.
fn read_exactly(file: &mut File, wanted: u64) -> Result<Bytes, StoreError> {
    let mut bytes = Vec::new();
    let read = file
        .take(wanted)
        .read_to_end(&mut bytes)
        .map_err(disk_error)?;
    if read as u64 != wanted {
        return Err(disk_error(io::ErrorKind::UnexpectedEof.into()));
    }
    Ok(Bytes::from(bytes))
}

/// The bytes of a file from where it stands, `length` of them.
fn body(file: File, length: u64) -> BoxStream<'static, Result<Bytes, StoreError>> {
    stream::try_unfold((file, length), |(mut file, left)| async move {
        if left == 0 {
            return Ok(None);
        }
        blocking(move || {
            let wanted = left.min(CHUNK);
            let bytes = read_exactly(&mut file, wanted)?;
            Ok(Some((bytes, (file, left - wanted))))
        })
        .await
    })
    .boxed()
}

/// A listing before its first page, between two, and after its last.
enum Listing {
    Start(Arc<Disk>, ListOptions),
    Under(Walk),
    Done,
}

impl Listing {
    fn page(self) -> Result<Option<(ListPage, Self)>, StoreError> {
        let mut walk = match self {
            Self::Start(disk, options) => Walk::start(disk, options)?,
            Self::Under(walk) => walk,
            Self::Done => return Ok(None),
        };
        let page = walk.page()?;
        let is_done = walk.is_done()?;
        let next = if is_done {
            Self::Done
        } else {
            Self::Under(walk)
        };
        Ok(Some((page, next)))
    }
}

#[async_trait]
#[deny(clippy::missing_trait_methods)]
impl BlobStore for DirectoryStore {
    async fn create_container(&self) -> Result<bool, StoreError> {
        self.run(Disk::create).await
    }

    async fn listing_order(&self) -> Result<ListingOrder, StoreError> {
        Ok(ListingOrder::Bytes)
    }

    fn list_pages(&self, options: ListOptions) -> BoxStream<'static, Result<ListPage, StoreError>> {
        let start = Listing::Start(Arc::clone(&self.disk), options);
        stream::try_unfold(start, |listing| blocking(move || listing.page())).boxed()
    }

    async fn properties(&self, name: &BlobName) -> Result<BlobProperties, StoreError> {
        let name = name.clone();
        self.run(move |disk| match disk.find(&name)? {
            Some(found) => Ok(found.properties()),
            None => Err(StoreError::NotFound { name }),
        })
        .await
    }

    async fn get(&self, name: &BlobName, options: GetOptions) -> Result<BlobRead, StoreError> {
        let name = name.clone();
        self.run(move |disk| {
            let (properties, mut file, length) = disk.open(&name, &options)?;
            if !options.is_checked() {
                return Ok(BlobRead {
                    properties,
                    body: body(file, length),
                    checksum: None,
                });
            }
            let bytes = read_exactly(&mut file, length)?;
            Ok(BlobRead {
                properties,
                checksum: Some(Crc64::of(&bytes)),
                body: stream::iter([Ok(bytes)]).boxed(),
            })
        })
        .await
    }

    async fn put(
        &self,
        name: &BlobName,
        body: Bytes,
        options: WriteOptions,
    ) -> Result<Written, StoreError> {
        let name = name.clone();
        self.run(move |disk| disk.put(&name, &body, &options)).await
    }

    async fn stage_block(
        &self,
        name: &BlobName,
        block: &BlockName,
        body: Bytes,
        options: StageOptions,
    ) -> Result<(), StoreError> {
        let (name, block) = (name.clone(), block.clone());
        self.run(move |disk| {
            rules::check_body(&name, &body, options.checksum)?;
            disk.stage(&name, &block, &body)
        })
        .await
    }

    async fn commit_blocks(
        &self,
        name: &BlobName,
        blocks: &[BlockName],
        options: WriteOptions,
    ) -> Result<Written, StoreError> {
        let (name, blocks) = (name.clone(), blocks.to_vec());
        self.run(move |disk| disk.commit(&name, &blocks, &options))
            .await
    }

    async fn block_list(
        &self,
        name: &BlobName,
        kind: BlockListKind,
    ) -> Result<BlockList, StoreError> {
        let name = name.clone();
        self.run(move |disk| disk.block_list(&name, kind)).await
    }

    async fn set_metadata(
        &self,
        name: &BlobName,
        metadata: Metadata,
        options: SetMetadataOptions,
    ) -> Result<Written, StoreError> {
        let name = name.clone();
        self.run(move |disk| disk.set_metadata(&name, &metadata, &options.condition))
            .await
    }

    async fn delete(&self, name: &BlobName, options: DeleteOptions) -> Result<(), StoreError> {
        let name = name.clone();
        self.run(move |disk| disk.delete(&name, &options.condition))
            .await
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
        let temporary = self.spool_from(name, source, None).await?;
        let name = name.clone();
        self.run(move |disk| disk.put_file(&name, temporary, &options))
            .await
    }

    async fn stage_block_from(
        &self,
        name: &BlobName,
        block: &BlockName,
        source: &CopySource,
        range: Range<u64>,
    ) -> Result<(), StoreError> {
        let temporary = self.spool_from(name, source, Some(range)).await?;
        let (name, block) = (name.clone(), block.clone());
        self.run(move |disk| disk.stage_file(&name, &block, temporary))
            .await
    }

    async fn delete_batch(
        &self,
        blobs: &[(BlobName, DeleteOptions)],
    ) -> Result<Vec<Result<(), StoreError>>, StoreError> {
        rules::check_batch(blobs.len())?;
        let blobs = blobs.to_vec();
        self.run(move |disk| {
            disk.check_root()?;
            let delete =
                |(name, options): &(BlobName, DeleteOptions)| disk.delete(name, &options.condition);
            Ok(blobs.iter().map(delete).collect())
        })
        .await
    }

    fn throttles(&self) -> u64 {
        0
    }
}

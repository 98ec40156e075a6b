//! Reading a blob's bytes: ranges fetched ahead, hashed in order on a thread of their own, checked block by block.

use std::ops::Range;
use std::pin::pin;
use std::sync::Arc;

use bytes::Bytes;
use futures::{Stream, StreamExt, TryStreamExt, stream};
use longshore_content::{BlockId, BlockLayout, BlockTree, FileHasher, HashError};
use longshore_store::{BlobName, Condition, ETag, GetOptions, StoreError};
use md5::{Digest, Md5};
use tokio::task::JoinHandle;

use super::audit::{Audit, Halt};
use super::judge::ReadBack;
use crate::ItemError;
use crate::task::ended;
use crate::upload::Buffer;

/// How much one request asks for; blocks of very large blobs take several.
const PIECE: u64 = 8 << 20;

/// Pieces of one blob that are fetched while one is hashed.
const AHEAD: usize = 4;

/// How often a piece is asked for when its answer breaks off.
const TRIES: usize = 3;

/// The one version of a blob that is read.
#[derive(Debug)]
pub(super) struct Version {
    pub(super) name: BlobName,
    pub(super) etag: ETag,
    pub(super) size: u64,
}

impl Version {
    pub(super) fn unchecked(&self, cause: StoreError) -> Halt {
        Halt::Item(ItemError::Check {
            name: self.name.to_string(),
            cause,
        })
    }
}

/// Reads all of a blob, up to its first damaged block where `tree` names the blocks.
pub(super) async fn read_back(
    audit: &Arc<Audit>,
    version: &Version,
    tree: Option<BlockTree>,
    with_md5: bool,
) -> Result<ReadBack, Halt> {
    let hasher = Hasher::new(version, tree, with_md5)?;
    let mut work = Work::Idle(Box::new(hasher));
    let mut pieces = pin!(pieces(audit, version));
    while let Some(piece) = pieces.try_next().await? {
        let hasher = work.rest(version).await?;
        if let Some(damaged) = hasher.damaged() {
            return Ok(damaged);
        }
        if audit.cancel.is_draining() {
            return Err(Halt::Stopped);
        }
        work = Work::start(audit, hasher, piece).await;
    }
    let hasher = work.rest(version).await?;
    match hasher.damaged() {
        Some(damaged) => Ok(damaged),
        None => hasher.finish().map_err(|error| broken(version, error)),
    }
}

/// The pieces in order. Memory is asked for in that order too, so that the first one always has its share.
fn pieces(audit: &Audit, version: &Version) -> impl Stream<Item = Result<Bytes, Halt>> {
    stream::iter(0..version.size.div_ceil(PIECE))
        .then(move |index| async move {
            let range = index * PIECE..version.size.min((index + 1) * PIECE);
            let length = range.end - range.start;
            let reservation = audit.buffers.reserve(length).await.ok()?;
            let length = usize::try_from(length).ok()?;
            Some((range, audit.buffers.take(length, reservation)))
        })
        .map(move |granted| async move {
            let (range, buffer) = granted.ok_or(Halt::Stopped)?;
            fetch(audit, version, range, buffer).await
        })
        .buffered(AHEAD)
}

async fn fetch(
    audit: &Audit,
    version: &Version,
    range: Range<u64>,
    mut buffer: Buffer,
) -> Result<Bytes, Halt> {
    let mut tries = 1;
    loop {
        let pass = audit.requests.pass().await;
        let outcome = fill(audit, version, range.clone(), buffer.as_mut_slice()).await;
        drop(pass);
        match outcome {
            Ok(()) => {
                audit.answered();
                audit.progress.bytes_verified.add(range.end - range.start);
                return Ok(buffer.freeze());
            }
            // The transport cannot ask again once the body has begun.
            Err(StoreError::Io { .. }) if tries < TRIES && !audit.cancel.is_draining() => {
                tries += 1;
            }
            Err(cause) => return Err(version.unchecked(cause)),
        }
    }
}

async fn fill(
    audit: &Audit,
    version: &Version,
    range: Range<u64>,
    buffer: &mut [u8],
) -> Result<(), StoreError> {
    let options = GetOptions {
        range: Some(range),
        condition: Condition::Matches(version.etag.clone()),
        checksum: false,
    };
    let mut read = audit.store.get(&version.name, options).await?;
    let mut rest = buffer;
    while let Some(part) = read.body.try_next().await? {
        let Some((now, later)) = rest.split_at_mut_checked(part.len()) else {
            return Err(of_other_length());
        };
        now.copy_from_slice(&part);
        rest = later;
    }
    if rest.is_empty() {
        Ok(())
    } else {
        Err(of_other_length())
    }
}

fn of_other_length() -> StoreError {
    StoreError::Io {
        cause: "the answer is not as long as the range that was asked for".into(),
    }
}

fn broken(version: &Version, error: HashError) -> Halt {
    version.unchecked(StoreError::Io {
        cause: Box::new(error),
    })
}

/// The hasher, which is either here or on a thread.
enum Work {
    Idle(Box<Hasher>),
    Busy(JoinHandle<Result<Box<Hasher>, HashError>>),
}

impl Work {
    async fn start(audit: &Audit, mut hasher: Box<Hasher>, piece: Bytes) -> Self {
        let permit = Arc::clone(&audit.hashers).acquire_owned().await;
        Self::Busy(tokio::task::spawn_blocking(move || {
            let _permit = permit;
            hasher.update(&piece)?;
            Ok(hasher)
        }))
    }

    /// Waits until what it was given is hashed.
    async fn rest(self, version: &Version) -> Result<Box<Hasher>, Halt> {
        match self {
            Self::Idle(hasher) => Ok(hasher),
            Self::Busy(thread) => ended(thread.await)
                .ok_or(Halt::Stopped)?
                .map_err(|error| broken(version, error)),
        }
    }
}

/// Takes all digests of a blob at once.
struct Hasher {
    layout: BlockLayout,
    file: FileHasher,
    md5: Option<Md5>,
    /// What the blocks are to be, where that is known.
    ids: Vec<BlockId>,
}

impl Hasher {
    fn new(version: &Version, tree: Option<BlockTree>, with_md5: bool) -> Result<Self, ItemError> {
        let (layout, ids) = match tree {
            Some(tree) => (tree.layout, tree.ids),
            None => {
                let layout = BlockLayout::for_file(version.size);
                let layout = layout.map_err(|_| ItemError::TooLarge {
                    path: version.name.as_str().into(),
                    size: version.size,
                })?;
                (layout, Vec::new())
            }
        };
        Ok(Self {
            layout,
            file: FileHasher::new(layout),
            md5: with_md5.then(Md5::new),
            ids,
        })
    }

    fn update(&mut self, bytes: &[u8]) -> Result<(), HashError> {
        if let Some(md5) = &mut self.md5 {
            md5.update(bytes);
        }
        self.file.update(bytes)
    }

    /// The first block that is not what its name says, of those that were read.
    fn damaged(&self) -> Option<ReadBack> {
        let pairs = self.file.blocks().iter().zip(&self.ids);
        let index = pairs.enumerate().find(|(_, (is, named))| is != named)?.0;
        Some(ReadBack::Damaged(self.layout.block(index as u64)))
    }

    fn finish(self) -> Result<ReadBack, HashError> {
        Ok(ReadBack::Whole {
            md5: self.md5.map(|md5| md5.finalize().into()),
            digests: self.file.finish()?.digests,
        })
    }
}

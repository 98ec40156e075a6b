//! Blocks that other tools staged and left: they stand in the way, and the blob behind them must not suffer.
//!
//! All ids of a blob have one length, and at most 100,000 blocks may be staged. What drops staged blocks is any write
//! of the blob, so the blob is written once more as it is:
//!
//! - a committed block list is committed again;
//! - a blob without a list (it came by Put Blob) is put again, when it is small enough to pass through memory;
//! - where there is no blob, an empty one is put and deleted at once.
//!
//! Content, content type and metadata are kept. Other headers of the old blob, such as its content encoding, are not: the
//! upload that follows replaces them all anyway, and only one that fails in between leaves the old content without them.

use longshore_store::{
    BlobName, BlobStore, BlobStoreExt, BlockList, Condition, DeleteOptions, ETag, StoreError,
    WriteOptions,
};

use super::naming::Naming;

/// The most blocks that may be staged for one blob (Azure Blob Storage, scalability targets).
const MOST_STAGED: u64 = 100_000;

/// A blob without a list passes through memory up to this size.
const LARGEST_PUT: u64 = 64 << 20;

/// What stands in the way could not be cleared.
#[derive(Debug)]
pub(super) enum Stuck {
    /// Not without risk to the blob.
    Risky,
    /// The store failed.
    Store(StoreError),
}

impl From<StoreError> for Stuck {
    fn from(error: StoreError) -> Self {
        Self::Store(error)
    }
}

/// Whether `count` more blocks under these names can be staged beside those of the list.
pub(super) fn in_the_way(list: &BlockList, naming: Naming, count: u64) -> bool {
    let staged = list.uncommitted.len() as u64;
    staged + count > MOST_STAGED
        || list
            .uncommitted
            .iter()
            .any(|block| block.name.as_bytes().len() != naming.length())
}

/// The length of committed ids, when it is another than ours.
pub(super) fn foreign_length(list: &BlockList) -> Option<usize> {
    list.committed
        .first()
        .map(|block| block.name.as_bytes().len())
        .filter(|&length| length != Naming::Content.length())
}

/// Drops all staged blocks; the blob keeps its content. Tells what a write is to assume from now on.
pub(super) async fn clear(
    store: &dyn BlobStore,
    name: &BlobName,
    list: &BlockList,
) -> Result<Condition, Stuck> {
    match &list.etag {
        None => clear_without_blob(store, name).await,
        Some(etag) => clear_behind_blob(store, name, list, etag).await,
    }
}

async fn clear_without_blob(store: &dyn BlobStore, name: &BlobName) -> Result<Condition, Stuck> {
    let options = WriteOptions {
        condition: Condition::Absent,
        ..WriteOptions::default()
    };
    let empty = store.put(name, bytes::Bytes::new(), options).await?;
    store
        .delete(
            name,
            DeleteOptions {
                condition: Condition::Matches(empty.etag),
            },
        )
        .await?;
    Ok(Condition::Absent)
}

async fn clear_behind_blob(
    store: &dyn BlobStore,
    name: &BlobName,
    list: &BlockList,
    etag: &ETag,
) -> Result<Condition, Stuck> {
    let blob = store.properties(name).await?;
    if blob.etag != *etag {
        return Err(StoreError::Precondition { name: name.clone() }.into());
    }
    let options = WriteOptions {
        condition: Condition::Matches(etag.clone()),
        content_type: blob.content_type,
        metadata: blob.metadata,
    };
    let written = if list.committed.is_empty() {
        if blob.size > LARGEST_PUT {
            return Err(Stuck::Risky);
        }
        let bytes = store.read(name).await?;
        store.put(name, bytes, options).await?
    } else {
        let blocks: Vec<_> = list
            .committed
            .iter()
            .map(|block| block.name.clone())
            .collect();
        store.commit_blocks(name, &blocks, options).await?
    };
    Ok(Condition::Matches(written.etag))
}

//! Reading a blob to find out what it holds: ranges fetched ahead, each held against its checksum, hashed in order.

use std::ops::Range;

use bytes::{Bytes, BytesMut};
use futures::{StreamExt as _, TryStreamExt as _};
use longshore_content::{BlockLayout, Crc64, FileContent, FileHasher};
use longshore_store::{BlobName, BlobStore, Condition, ETag, GetOptions, StoreError};
use longshore_sync::Cancel;

use super::halt::{Halt, through_here};
use crate::ItemError;

/// How much one request asks for: of more no service tells a checksum.
const PIECE: u64 = longshore_store::MAX_CHECKED_RANGE;

/// Pieces that are fetched while one is hashed.
const AHEAD: usize = 4;

/// How often a piece is asked for whose answer breaks off or is damaged.
const TRIES: usize = 3;

/// The one version of a blob that is read.
#[derive(Debug, Clone, Copy)]
pub(super) struct Version<'a> {
    pub(super) name: &'a BlobName,
    pub(super) etag: &'a ETag,
    pub(super) size: u64,
}

/// Both digests of a blob, and the ids of its blocks, as it would be cut here.
pub(super) async fn read_back(
    store: &dyn BlobStore,
    version: Version<'_>,
    cancel: &Cancel,
) -> Result<FileContent, Halt> {
    let layout = BlockLayout::for_file(version.size).map_err(through_here)?;
    let mut hasher = FileHasher::new(layout);
    let mut pieces = futures::stream::iter(0..version.size.div_ceil(PIECE))
        .map(|index| {
            let range = index * PIECE..version.size.min((index + 1) * PIECE);
            piece(store, version, range)
        })
        .buffered(AHEAD);
    while let Some(piece) = pieces.try_next().await? {
        if cancel.is_draining() {
            return Err(Halt::Item(ItemError::Stopped));
        }
        let hashed =
            tokio::task::spawn_blocking(move || hasher.update(&piece).map(|()| hasher)).await;
        hasher = hashed
            .map_err(|_| Halt::Item(ItemError::Stopped))?
            .map_err(through_here)?;
    }
    hasher.finish().map_err(through_here)
}

async fn piece(
    store: &dyn BlobStore,
    version: Version<'_>,
    range: Range<u64>,
) -> Result<Bytes, StoreError> {
    let mut tries = 1;
    loop {
        match piece_once(store, version, range.clone()).await {
            // The transport cannot ask again once the body has begun.
            Err(StoreError::Io { .. } | StoreError::Corrupt { .. }) if tries < TRIES => tries += 1,
            outcome => return outcome,
        }
    }
}

async fn piece_once(
    store: &dyn BlobStore,
    version: Version<'_>,
    range: Range<u64>,
) -> Result<Bytes, StoreError> {
    let length = range.end - range.start;
    let options = GetOptions {
        range: Some(range),
        condition: Condition::Matches(version.etag.clone()),
        checksum: true,
    };
    let mut read = store.get(version.name, options).await?;
    let mut bytes = BytesMut::new();
    while let Some(part) = read.body.try_next().await? {
        bytes.extend_from_slice(&part);
    }
    let is_sound = bytes.len() as u64 == length
        && read
            .checksum
            .is_none_or(|checksum| checksum == Crc64::of(&bytes));
    if !is_sound {
        return Err(StoreError::Corrupt {
            name: version.name.clone(),
            cause: None,
        });
    }
    Ok(bytes.freeze())
}

#[cfg(test)]
mod tests {
    use longshore_store::{
        Fault, FaultKind, FaultStore, FaultWhen, MemoryStore, Operation, WriteOptions,
    };

    use super::*;

    /// Reads a blob of three pieces back, with faults at some of the reads.
    async fn read_with(when: FaultWhen, kind: FaultKind) -> (Bytes, Result<FileContent, Halt>) {
        let bytes: Vec<u8> = (0..9_000_000_u32).map(|at| (at % 251) as u8).collect();
        let bytes = Bytes::from(bytes);
        let store = MemoryStore::new();
        let name = BlobName::new("blob").unwrap();
        let written = store.put(&name, bytes.clone(), WriteOptions::default());
        let etag = written.await.unwrap().etag;
        let fault = Fault {
            operation: Some(Operation::Get),
            when,
            kind,
        };
        let store = FaultStore::new(store, [fault]);
        let version = Version {
            name: &name,
            etag: &etag,
            size: bytes.len() as u64,
        };
        let read = read_back(&store, version, &Cancel::new()).await;
        assert!(store.struck() > 0);
        (bytes, read)
    }

    #[tokio::test]
    async fn pieces_that_break_or_are_damaged_are_read_again() {
        for kind in [FaultKind::Break, FaultKind::Corrupt] {
            let (bytes, read) = read_with(FaultWhen::Nth(2), kind).await;
            let content = read.unwrap();
            let digest = blake3::hash(&bytes);
            assert_eq!(content.digests.blake3.as_bytes(), digest.as_bytes());
            assert_eq!(content.blocks.len(), 2);
        }
    }

    #[tokio::test]
    async fn what_stays_damaged_is_no_content() {
        let (_, read) = read_with(FaultWhen::From(1), FaultKind::Corrupt).await;
        assert!(matches!(read, Err(Halt::ThroughHere(_))), "{read:?}");
    }
}

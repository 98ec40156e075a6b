//! Which blobs of a library may go, and deleting them.
//!
//! Blobs are listed before the releases are read: a stage that uses a blob again writes its document first and gives the
//! blob a new version then. So either the document is seen here, or the version that was listed is no longer there.

use std::collections::HashMap;

use futures::{StreamExt as _, TryStreamExt as _};
use jiff::Timestamp;
use longshore_manifest::{Held, Holdings, NamedLock, Pointer, PruneDecision, Release, Retention};
use longshore_store::{ETag, ListedBlob};

use crate::releases::Releases;
use crate::{MirrorError, Shelf};

/// How many documents are read at once.
const AT_ONCE: usize = 16;

/// What may go, and the versions that were seen of it.
#[derive(Debug)]
pub struct Pruning {
    /// What stays and what goes.
    pub decision: PruneDecision,
    /// How many blobs there are below the root of the library.
    pub total: u64,
    /// The versions of all blobs, by name below the root.
    pub versions: HashMap<String, ETag>,
}

impl Pruning {
    /// The version that was seen of a blob.
    pub fn version(&self, path: &str) -> Option<&ETag> {
        self.versions.get(path)
    }
}

/// Decides what may go from a shelf.
///
/// # Errors
///
/// [`MirrorError::Destination`], and [`MirrorError::Release`] or [`MirrorError::Pointer`] when a document cannot be
/// understood: what it names is not known, so nothing may go.
pub async fn decide(
    shelf: &Shelf,
    locks: &[NamedLock<'_>],
    retention: &Retention,
    now: Timestamp,
) -> Result<Pruning, MirrorError> {
    let blobs = shelf.list("").await?;
    let (pointers, releases) = documents(shelf).await?;
    let held: Vec<Held> = blobs.iter().filter_map(|blob| held(blob, now)).collect();
    let decision = retention
        .decide(&Holdings {
            blobs: &held,
            releases: &releases,
            pointers: &pointers,
            locks,
            now,
        })
        .map_err(|cause| MirrorError::Retention {
            destination: shelf.to_string(),
            cause,
        })?;
    Ok(Pruning {
        decision,
        total: blobs.len() as u64,
        versions: blobs
            .into_iter()
            .filter_map(|blob| Some((blob.name, blob.etag?)))
            .collect(),
    })
}

/// Every pointer and every release of every library on a shelf.
async fn documents(shelf: &Shelf) -> Result<(Vec<Pointer>, Vec<Release>), MirrorError> {
    let mut pointers = Vec::new();
    let mut all = Vec::new();
    for library in Releases::libraries(shelf).await? {
        let releases = Releases::new(shelf.clone(), library);
        pointers.extend(releases.current().await?.map(|current| current.pointer));
        let digests = releases.digests().await?;
        let read: Vec<Release> = futures::stream::iter(digests)
            .map(|digest| releases.read(digest))
            .buffered(AT_ONCE)
            .try_collect()
            .await?;
        all.extend(read);
    }
    Ok((pointers, all))
}

/// A listed blob; none for directories, for what has no content yet, and for names that are none of ours.
fn held(blob: &ListedBlob, now: Timestamp) -> Option<Held> {
    if blob.is_directory || blob.is_uncommitted() {
        return None;
    }
    Some(Held {
        path: blob.name.parse().ok()?,
        size: blob.size,
        blake3: blob.digests.map(|digests| digests.blake3),
        managed: blob.digests.is_some(),
        // What tells no date may be new.
        modified: blob.last_modified.unwrap_or(now),
    })
}

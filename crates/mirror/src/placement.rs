//! Where in the library each file goes, or stands already.
//!
//! A blob that some release may name is never written over. So a name that is taken by other bytes is left alone, and
//! the file gets one beside it that its digest decides.

use std::collections::HashMap;

use longshore_manifest::{BlobPath, LockKey, Locked, Release};
use longshore_store::ListedBlob;

/// How many digits of the digest are in the name of a file whose own name is taken.
const DIGITS: usize = 12;

/// Where a file goes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Placement {
    /// The blob, below the root of the library.
    pub(crate) blob: BlobPath,
    /// Whether it is there already, with these bytes.
    pub(crate) is_present: bool,
}

/// What the library holds, as far as it matters to files that are to be placed.
#[derive(Debug, Default)]
pub(crate) struct Held {
    blobs: HashMap<String, ListedBlob>,
    released: HashMap<LockKey, BlobPath>,
}

impl Held {
    /// What a listing shows, and what the release that counts says.
    pub(crate) fn new(blobs: Vec<ListedBlob>, current: Option<&Release>) -> Self {
        let released = current.into_iter().flat_map(|it| &it.content.artifacts);
        Self {
            blobs: blobs
                .into_iter()
                .map(|blob| (blob.name.clone(), blob))
                .collect(),
            released: released.map(|it| (it.key(), it.blob.clone())).collect(),
        }
    }

    /// Where a file goes whose blob should be called `wanted`.
    pub(crate) fn place(&self, wanted: &BlobPath, pin: &Locked) -> Placement {
        let beside = beside(wanted, pin);
        let names = [self.released.get(&pin.key()), Some(wanted), beside.as_ref()];
        if let Some(blob) = names
            .into_iter()
            .flatten()
            .find(|name| self.holds(name, pin))
        {
            return Placement {
                blob: blob.clone(),
                is_present: true,
            };
        }
        let free = if self.blobs.contains_key(wanted.as_str()) {
            beside.unwrap_or_else(|| wanted.clone())
        } else {
            wanted.clone()
        };
        Placement {
            blob: free,
            is_present: false,
        }
    }

    fn holds(&self, name: &BlobPath, pin: &Locked) -> bool {
        self.blobs.get(name.as_str()).is_some_and(|blob| {
            blob.size == pin.size && blob.digests.is_some_and(|it| it.blake3 == pin.blake3)
        })
    }
}

/// The name beside the one that is taken: its last segment in a folder that the digest names.
fn beside(wanted: &BlobPath, pin: &Locked) -> Option<BlobPath> {
    let digits = &pin.blake3.to_string()[..DIGITS];
    let name = match wanted.as_str().rsplit_once('/') {
        Some((folder, file)) => format!("{folder}/{digits}/{file}"),
        None => format!("{digits}/{wanted}"),
    };
    name.parse().ok()
}

//! What is to go, and by what it is known to be what was meant.

use longshore_content::Blake3Digest;
use serde::{Deserialize, Serialize};

use crate::platform::Stamp;

/// What is to go.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Doomed {
    /// It waits until all of those before it are gone.
    pub(crate) phase: u32,
    pub(crate) name: String,
    pub(crate) size: u64,
    pub(crate) mark: Mark,
}

/// By what it is known to be what was meant.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Mark {
    /// The version of a blob.
    Etag(String),
    /// The state of a file.
    Stamp(String),
    /// The content of a file.
    Content(Blake3Digest),
}

impl Mark {
    pub(crate) fn of_stamp(stamp: &Stamp) -> Self {
        let Stamp {
            identity,
            size,
            modified,
            changed,
        } = stamp;
        Self::Stamp(format!(
            "{}.{}.{size}.{modified}.{changed}",
            identity.device, identity.inode
        ))
    }
}

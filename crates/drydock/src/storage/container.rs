//! What the index holds of a container.

use std::collections::BTreeMap;
use std::time::SystemTime;

use serde::{Deserialize, Serialize};

use super::attributes::Attributes;
use super::blob::Entry;
use super::lease::{Holding, Lease};
use super::stamp::Stamp;

/// What anybody may read of a container without a credential.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum PublicAccess {
    /// Nothing.
    #[default]
    None,
    /// Blobs, if their name is known.
    Blob,
    /// Blobs and the listing.
    Container,
}

impl PublicAccess {
    /// The value of `x-ms-blob-public-access`, which a private container does not have.
    pub(crate) const fn header(self) -> Option<&'static str> {
        match self {
            Self::None => None,
            Self::Blob => Some("blob"),
            Self::Container => Some("container"),
        }
    }
}

/// A stored access policy: what a SAS with its id may do, and when.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct StoredPolicy {
    /// The `si` of a SAS.
    pub(crate) id: String,
    /// As it came, so that a reader gets back what was written.
    pub(crate) start: Option<String>,
    /// As it came.
    pub(crate) expiry: Option<String>,
    /// As it came.
    pub(crate) permission: Option<String>,
}

/// A container without its blobs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct ContainerInfo {
    /// When metadata or access were last written.
    pub(crate) modified: Stamp,
    /// Metadata.
    pub(crate) attributes: Attributes,
    /// Anonymous access.
    pub(crate) access: PublicAccess,
    /// At most five.
    pub(crate) policies: Vec<StoredPolicy>,
}

/// A container and its blobs, in the order of the bytes of their names.
#[derive(Debug)]
pub(crate) struct Container {
    /// Everything but the blobs.
    pub(crate) info: ContainerInfo,
    /// Who alone may delete it, even if that time is over.
    pub(crate) lease: Option<Lease>,
    /// By name.
    pub(crate) blobs: BTreeMap<Box<str>, Entry>,
}

impl Container {
    /// Its lease at this moment.
    pub(crate) fn holding(&self, now: SystemTime) -> Holding<'_> {
        Holding::new(self.lease.as_ref(), now)
    }
}

//! What a signature opens.

use super::permissions::SasPermissions;

/// What a signature opens; names as they are, not encoded.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SasResource {
    /// A container, and all blobs in it.
    Container {
        /// Its name.
        container: String,
    },
    /// A directory of an account with a hierarchical namespace, and all below it.
    Directory {
        /// The container.
        container: String,
        /// The directory's name, without slashes at its ends.
        directory: String,
    },
    /// One blob.
    Blob {
        /// The container.
        container: String,
        /// The blob's name.
        blob: String,
    },
}

impl SasResource {
    /// What can be permitted of it; more makes a signature that the service refuses.
    pub fn permissions(&self) -> SasPermissions {
        const CHANGES: SasPermissions = SasPermissions::READ
            .and(SasPermissions::ADD)
            .and(SasPermissions::CREATE)
            .and(SasPermissions::WRITE)
            .and(SasPermissions::DELETE);
        const POSIX: SasPermissions = SasPermissions::MOVE
            .and(SasPermissions::EXECUTE)
            .and(SasPermissions::OWNERSHIP)
            .and(SasPermissions::PERMISSIONS);
        const VERSIONS: SasPermissions = SasPermissions::DELETE_VERSION
            .and(SasPermissions::PERMANENT_DELETE)
            .and(SasPermissions::TAGS)
            .and(SasPermissions::IMMUTABILITY);
        match self {
            Self::Container { .. } => CHANGES.and(POSIX).and(VERSIONS).and(SasPermissions::LIST),
            Self::Directory { .. } => CHANGES.and(POSIX).and(SasPermissions::LIST),
            Self::Blob { .. } => CHANGES.and(POSIX).and(VERSIONS),
        }
    }

    pub(super) const fn letter(&self) -> &'static str {
        match self {
            Self::Container { .. } => "c",
            Self::Directory { .. } => "d",
            Self::Blob { .. } => "b",
        }
    }

    /// How deep a directory lies.
    pub(super) fn depth(&self) -> Option<usize> {
        match self {
            Self::Directory { directory, .. } => Some(directory.split('/').count()),
            Self::Container { .. } | Self::Blob { .. } => None,
        }
    }

    pub(super) fn canonical(&self, account: &str) -> String {
        match self {
            Self::Container { container } => format!("/blob/{account}/{container}"),
            Self::Directory {
                container,
                directory: name,
            }
            | Self::Blob {
                container,
                blob: name,
            } => format!("/blob/{account}/{container}/{name}"),
        }
    }
}

//! What only a directory can object to, and how the errors of the disk look to a caller.

use std::io;
use std::path::{Path, PathBuf};

use crate::StoreError;

/// Why a directory cannot hold a blob; the cause of a [`StoreError::Io`] or [`StoreError::Denied`].
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum DirectoryError {
    /// The name is kept for the store, or is one that this system gives to no file.
    #[error("`{name}` cannot be the name of a file here")]
    Reserved {
        /// The name.
        name: String,
    },
    /// There is a file where a folder is needed, or a folder where the file would be.
    #[error("a file or folder is in the way: `{}`", .path.display())]
    InTheWay {
        /// What is there.
        path: PathBuf,
    },
    /// A folder on the way is a symbolic link.
    #[error("not followed, since it is a symbolic link: `{}`", .path.display())]
    Link {
        /// The link.
        path: PathBuf,
    },
    /// The file system does not distinguish case, and the same name in another spelling is there.
    #[error("the same file in another spelling is there: `{}`", .path.display())]
    Spelling {
        /// The file in its own spelling.
        path: PathBuf,
    },
}

impl DirectoryError {
    pub(super) fn in_the_way(path: &Path) -> StoreError {
        Self::InTheWay {
            path: path.to_owned(),
        }
        .into()
    }
}

impl From<DirectoryError> for StoreError {
    fn from(error: DirectoryError) -> Self {
        match error {
            DirectoryError::Link { .. } => Self::Denied {
                hint: Some("replace the link by a folder".to_owned()),
                cause: error.into(),
            },
            _ => Self::Io {
                cause: error.into(),
            },
        }
    }
}

/// The error of a call to the disk.
pub(super) fn disk(error: io::Error) -> StoreError {
    match error.kind() {
        io::ErrorKind::PermissionDenied | io::ErrorKind::ReadOnlyFilesystem => StoreError::Denied {
            hint: None,
            cause: error.into(),
        },
        _ => StoreError::Io {
            cause: error.into(),
        },
    }
}

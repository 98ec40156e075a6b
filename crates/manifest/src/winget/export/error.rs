//! Why nothing was exported, and what a person should know when something was.

use std::fmt;

use crate::{ArtifactId, LibraryName};

/// Why nothing was exported.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ExportError {
    /// winget is for Windows.
    #[error("the library `{library}` is for Linux, and winget is for Windows")]
    Linux {
        /// The library.
        library: LibraryName,
    },
    /// The root of the library is no address that winget can be given.
    #[error("the root of the library cannot be written into winget manifests: {because}")]
    Root {
        /// What is wrong with it.
        because: &'static str,
    },
    /// An option is something that winget does not allow.
    #[error("{option} cannot be `{}` in winget manifests: {rule}", .text.escape_debug())]
    Option {
        /// The option, by the name of its flag.
        option: &'static str,
        /// What it is.
        text: String,
        /// What it has to be.
        rule: &'static str,
    },
}

impl ExportError {
    /// What to do next.
    pub fn hint(&self) -> Option<&'static str> {
        match self {
            Self::Linux { .. } | Self::Option { .. } => None,
            Self::Root { .. } => Some(
                "give the `https://…` of the container, with a prefix if wanted, and no signature",
            ),
        }
    }
}

/// What a person should know about an export.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ExportNote {
    /// An artifact is not in the export.
    LeftOut {
        /// The artifact.
        id: ArtifactId,
        /// Why.
        because: &'static str,
    },
    /// Something about an artifact cannot be said to winget.
    Unsaid {
        /// The artifact.
        id: ArtifactId,
        /// What, and what that means.
        what: &'static str,
    },
    /// An id has no dot, so something was put before it.
    Prefixed {
        /// The artifact.
        id: ArtifactId,
        /// What winget knows it as.
        identifier: String,
    },
}

impl fmt::Display for ExportNote {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::LeftOut { id, because } => write!(f, "`{id}` was left out: {because}"),
            Self::Unsaid { id, what } => write!(f, "`{id}`: {what}"),
            Self::Prefixed { id, identifier } => {
                write!(f, "`{id}` is `{}` in winget", identifier.escape_debug())
            }
        }
    }
}

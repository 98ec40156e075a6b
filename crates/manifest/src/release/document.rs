//! The release document: written once, and read only if it holds what its name says.

use sha2::{Digest, Sha256};

use longshore_content::Sha256Digest;

use super::{Content, Document, Provenance, RELEASE_VERSION, Release, ReleaseDigest};
use crate::document::{Head, render};
use crate::{BlobPath, LockKey};

/// Why a text or a list of files is no release to rely on.
#[derive(Debug, thiserror::Error)]
pub enum ReleaseError {
    /// It is not JSON, or not such a document's.
    #[error("not a document of a release")]
    Syntax(#[source] serde_json::Error),
    /// It is not such a twin.
    #[error("not the tab-separated twin of a release: line {line} {what}")]
    Twin {
        /// The line, from 1.
        line: usize,
        /// What is wrong there.
        what: &'static str,
    },
    /// It is of a version that this program does not know.
    #[error(
        "the document has version {version} and was written by a newer longshore; this one reads versions up to {RELEASE_VERSION}"
    )]
    Newer {
        /// Its version.
        version: i64,
    },
    /// It is of a version that never was.
    #[error("the document has version {version}, which never was")]
    Version {
        /// Its version.
        version: i64,
    },
    /// It does not hold what its name says.
    #[error("the document says that it is release {said}, but what it holds is {holds}")]
    Digest {
        /// What it says.
        said: ReleaseDigest,
        /// What it holds.
        holds: ReleaseDigest,
    },
    /// A pointer names other documents than those of its release.
    #[error("the pointer names `{blob}`, which is no document of its release")]
    Foreign {
        /// The blob that it names.
        blob: Box<BlobPath>,
    },
    /// Two files are not in order.
    #[error("{key} is out of order")]
    Unsorted {
        /// The second of the two.
        key: Box<LockKey>,
    },
    /// Two files have one key.
    #[error("{key} is there twice; files of one artifact need different names")]
    Duplicate {
        /// The key.
        key: Box<LockKey>,
    },
    /// Two files have one blob.
    #[error("two files have the blob `{blob}`; give one of them another `blob`")]
    Blob {
        /// The blob.
        blob: Box<BlobPath>,
    },
    /// A text holds a NUL, which no program can be given.
    #[error("an argument or a path of {key} holds a NUL character")]
    Nul {
        /// The file.
        key: Box<LockKey>,
    },
}

/// Refuses versions that this program does not read.
pub(super) fn check_version(text: &str) -> Result<(), ReleaseError> {
    let Head { version } = serde_json::from_str(text).map_err(ReleaseError::Syntax)?;
    match version {
        1 => Ok(()),
        ..=0 => Err(ReleaseError::Version { version }),
        _ => Err(ReleaseError::Newer { version }),
    }
}

impl Release {
    /// A release of this content.
    pub fn new(content: Content, provenance: Provenance) -> Self {
        Self {
            version: RELEASE_VERSION,
            release: content.digest(),
            content,
            provenance,
        }
    }

    /// The text of the document: JSON for people, always the same for the same release.
    pub fn render(&self) -> String {
        render(self)
    }

    /// Reads a document.
    ///
    /// # Errors
    ///
    /// [`ReleaseError::Syntax`] for a text that is none, [`ReleaseError::Newer`] and [`ReleaseError::Version`] for
    /// versions that this program does not read, [`ReleaseError::Digest`] when it holds something else than its digest
    /// says, and what [`Content::new`] refuses.
    pub fn parse(text: &str) -> Result<Self, ReleaseError> {
        check_version(text)?;
        let release: Self = serde_json::from_str(text).map_err(ReleaseError::Syntax)?;
        release.content.check()?;
        let holds = release.content.digest();
        if holds != release.release {
            let said = release.release;
            return Err(ReleaseError::Digest { said, holds });
        }
        Ok(release)
    }

    /// The JSON Schema of release documents.
    pub fn json_schema() -> serde_json::Value {
        schemars::schema_for!(Self).into()
    }
}

impl Document {
    /// The document with these bytes.
    pub fn of(blob: BlobPath, bytes: &[u8]) -> Self {
        Self {
            blob,
            size: bytes.len() as u64,
            sha256: Sha256Digest::from_bytes(Sha256::digest(bytes).into()),
        }
    }
}

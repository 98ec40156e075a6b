//! A release: what a build VM is given, named by what it holds; and the pointer to the one that counts.
//!
//! | module | holds |
//! | --- | --- |
//! | `content` | what a release holds: its checks, its digest, the order of installing |
//! | `document` | the JSON document |
//! | `twin` | the tab-separated twin for shells without JSON |
//! | `pointer` | which release counts |
//! | `blob` | what these documents are called |
//! | `change` | the differences between two releases |

mod blob;
mod change;
mod content;
mod document;
mod pointer;
mod twin;

#[cfg(test)]
mod tests;

use std::fmt;
use std::str::FromStr;

use jiff::Timestamp;
use longshore_content::{Blake3Digest, DigestError, Sha256Digest};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use url::Url;

use crate::{
    Architecture, ArtifactId, BlobPath, FileName, Install, LibraryName, LockKey, TargetOs, Version,
};

pub use blob::{ReleaseBlob, releases_prefix};
pub use change::{Change, ChangeKind, diff};
pub use document::ReleaseError;
pub use twin::{Twin, TwinFile, encode_twin_text};

/// The version of releases and pointers that this crate writes.
pub const RELEASE_VERSION: u32 = 1;

/// What names a release: the SHA-256 of its [`Content`], in hex.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
)]
#[serde(transparent)]
pub struct ReleaseDigest(#[schemars(with = "String")] pub Sha256Digest);

impl fmt::Display for ReleaseDigest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl FromStr for ReleaseDigest {
    type Err = DigestError;

    fn from_str(text: &str) -> Result<Self, DigestError> {
        text.parse().map(Self)
    }
}

/// A release document: `_releases/<library>/<digest>.json`, written once and never again.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Release {
    /// The version of the format.
    pub version: u32,
    /// What names it.
    pub release: ReleaseDigest,
    /// What it holds.
    #[serde(flatten)]
    pub content: Content,
    /// How it came to be; no part of what names it.
    pub provenance: Provenance,
}

/// What a release holds: the same content has the same name, whoever publishes it and when.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Content {
    /// The library.
    pub library: LibraryName,
    /// What the build VM runs.
    pub os: TargetOs,
    /// The files, sorted by id, architecture and file name.
    pub artifacts: Vec<Released>,
}

/// One file of a release.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Released {
    /// The artifact.
    pub id: ArtifactId,
    /// What it is for.
    pub architecture: Architecture,
    /// Its version.
    pub version: Version,
    /// The name that the file is given on the build VM.
    pub file: FileName,
    /// The blob, below the root of the library, so that a copy of the library is whole.
    pub blob: BlobPath,
    /// Its size in bytes.
    pub size: u64,
    /// Its SHA-256.
    #[schemars(with = "String")]
    pub sha256: Sha256Digest,
    /// Its BLAKE3.
    #[schemars(with = "String")]
    pub blake3: Blake3Digest,
    /// Where the vendor publishes it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub url: Option<Url>,
    /// How it is installed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub install: Option<Install>,
}

impl Released {
    /// What tells it apart within its release.
    pub fn key(&self) -> LockKey {
        LockKey {
            id: self.id.clone(),
            architecture: self.architecture,
            file: self.file.clone(),
        }
    }

    /// What it is sorted by, without a copy.
    fn order(&self) -> (&ArtifactId, Architecture, &FileName) {
        (&self.id, self.architecture, &self.file)
    }
}

/// How a release came to be.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Provenance {
    /// When.
    #[schemars(with = "String")]
    pub created: Timestamp,
    /// By which tool: `longshore 0.1.0`.
    pub tool: String,
    /// The SHA-256 of the manifest's text.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<String>")]
    pub manifest: Option<Sha256Digest>,
    /// The repository that the manifest is from.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub repository: Option<String>,
    /// Its revision.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub revision: Option<String>,
    /// The pipeline run.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pipeline: Option<Pipeline>,
}

/// A run of a pipeline.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Pipeline {
    /// Which system: `azure-pipelines`, `github`.
    pub system: String,
    /// The run's id.
    pub run: String,
    /// Where a person looks at it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub url: Option<String>,
}

/// `_releases/<library>/current.json`: which release counts. Flipped in one step, so that nobody sees half a release.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Pointer {
    /// The version of the format.
    pub version: u32,
    /// The library.
    pub library: LibraryName,
    /// The release that counts.
    pub release: ReleaseDigest,
    /// Its document.
    pub json: Document,
    /// Its tab-separated twin.
    pub tsv: Document,
    /// The release that counted before.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub previous: Option<ReleaseDigest>,
    /// When and by what it was flipped.
    pub provenance: Provenance,
}

/// A document that a pointer names, with what its bytes must be.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Document {
    /// The blob, below the root of the library.
    pub blob: BlobPath,
    /// Its size in bytes.
    pub size: u64,
    /// Its SHA-256.
    #[schemars(with = "String")]
    pub sha256: Sha256Digest,
}

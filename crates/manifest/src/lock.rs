//! A library's lock: what its manifest named when somebody looked, pinned by digest.
//!
//! | module | holds |
//! | --- | --- |
//! | `read` | reading, and the checks that make a lock one to rely on |
//! | `write` | the one way in which a lock is written |
//! | `drift` | what in a lock no longer says what the manifest or the world says |

mod drift;
mod read;
mod write;

#[cfg(test)]
mod tests;

use std::fmt;

use jiff::Timestamp;
use longshore_content::{Blake3Digest, Digests, Sha256Digest};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use url::Url;

use crate::{Architecture, ArtifactId, FileName, LibraryName, Source, Version};

pub use drift::{Drift, Drifted, Expanded, drift};
pub use read::LockError;

/// The version of locks that this crate writes.
pub const LOCK_VERSION: u32 = 1;

/// A library's lock: `NAME.lock` beside `NAME.toml`.
///
/// Its artifacts are sorted by [`LockKey`] and each key is there once: [`Lock::parse`] checks it, [`Lock::upsert`] keeps it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Lock {
    /// The version of the format.
    pub version: u32,
    /// The library.
    pub library: LibraryName,
    /// What is pinned, sorted by its key.
    #[serde(default, rename = "artifact")]
    pub artifacts: Vec<Locked>,
}

/// One file that is pinned.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Locked {
    /// The artifact.
    pub id: ArtifactId,
    /// What it is for.
    pub architecture: Architecture,
    /// The version in the manifest.
    pub version: Version,
    /// The name of the file.
    pub file: FileName,
    /// The file it is, relative to the manifest, with `/` between the parts.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub path: Option<String>,
    /// Where its vendor publishes it, as the manifest says: never a mirror, never a secret.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub url: Option<Url>,
    /// The blob elsewhere, as the manifest says.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub from: Option<String>,
    /// Its size in bytes.
    pub size: u64,
    /// Its SHA-256.
    #[schemars(with = "String")]
    pub sha256: Sha256Digest,
    /// Its BLAKE3.
    #[schemars(with = "String")]
    pub blake3: Blake3Digest,
    /// The ETag that the source told with these bytes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub etag: Option<String>,
    /// The date that the source told with these bytes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<String>")]
    pub modified: Option<Timestamp>,
    /// When these bytes were first seen; none for local files, so that a lock of the same files is the same.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<String>")]
    pub seen: Option<Timestamp>,
}

/// What tells the files of a lock or a release apart, in their order.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
pub struct LockKey {
    /// The artifact.
    pub id: ArtifactId,
    /// What it is for.
    pub architecture: Architecture,
    /// The file: an artifact whose path is a pattern has several.
    pub file: FileName,
}

impl Lock {
    /// A lock that pins nothing.
    pub const fn empty(library: LibraryName) -> Self {
        Self {
            version: LOCK_VERSION,
            library,
            artifacts: Vec::new(),
        }
    }

    /// What is pinned under a key.
    pub fn get(&self, key: &LockKey) -> Option<&Locked> {
        let at = self.find(key).ok()?;
        self.artifacts.get(at)
    }

    /// The files of an artifact, in the order of their names.
    pub fn of_artifact(
        &self,
        id: &ArtifactId,
        architecture: Architecture,
    ) -> impl Iterator<Item = &Locked> {
        self.artifacts
            .iter()
            .filter(move |locked| locked.id == *id && locked.architecture == architecture)
    }

    /// Pins a file in its place; what was pinned under its key before is given back.
    pub fn upsert(&mut self, locked: Locked) -> Option<Locked> {
        match self.find(&locked.key()) {
            Ok(at) => Some(std::mem::replace(&mut self.artifacts[at], locked)),
            Err(at) => {
                self.artifacts.insert(at, locked);
                None
            }
        }
    }

    /// Pins a file no longer.
    pub fn remove(&mut self, key: &LockKey) -> Option<Locked> {
        let at = self.find(key).ok()?;
        Some(self.artifacts.remove(at))
    }

    /// The JSON Schema of locks.
    pub fn json_schema() -> serde_json::Value {
        schemars::schema_for!(Self).into()
    }

    fn find(&self, key: &LockKey) -> Result<usize, usize> {
        self.artifacts
            .binary_search_by(|locked| locked.order().cmp(&key.order()))
    }
}

impl Locked {
    /// What tells it apart.
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

    /// Where it comes from; none when the lock does not say just one thing, which a checked lock does.
    pub fn source(&self) -> Option<Source<'_>> {
        Source::of(
            self.path.as_deref(),
            self.url.as_ref(),
            self.from.as_deref(),
        )
    }

    /// Both digests.
    pub const fn digests(&self) -> Digests {
        Digests {
            blake3: self.blake3,
            sha256: self.sha256,
        }
    }
}

impl LockKey {
    fn order(&self) -> (&ArtifactId, Architecture, &FileName) {
        (&self.id, self.architecture, &self.file)
    }
}

impl fmt::Display for LockKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            id,
            architecture,
            file,
        } = self;
        write!(f, "`{id}` ({}, `{file}`)", architecture.name())
    }
}

//! Drift: what in a lock no longer says what its manifest says, or what the world says.
//!
//! What the manifest says is found here; what the world says is found by whoever looks at it, and told in the same words.

#[cfg(test)]
mod tests;

use std::collections::BTreeMap;
use std::fmt;

use jiff::Timestamp;
use longshore_content::Sha256Digest;

use super::{Lock, LockKey, Locked};
use crate::{Architecture, Artifact, FileName, LibraryName, Manifest, Source, Version};

/// A file that a manifest names, once its patterns are expanded.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Expanded {
    /// Which artifact of the manifest names it: an index into [`Manifest::artifacts`].
    pub artifact: usize,
    /// The name of the file.
    pub file: FileName,
    /// For a local file: where it is, relative to the manifest, with `/` between the parts.
    pub path: Option<String>,
}

/// One thing in a lock that no longer holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Drifted {
    /// Which file it is about; none for the lock as a whole.
    pub key: Option<LockKey>,
    /// What no longer holds.
    pub drift: Drift,
}

/// What no longer holds. The first half is found by [`drift`]; the second is for those who look at the sources.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Drift {
    /// The lock is another library's.
    Library {
        /// In the lock.
        was: LibraryName,
        /// In the manifest.
        now: LibraryName,
    },
    /// The manifest names it, the lock does not.
    Missing,
    /// The lock names it, the manifest does not.
    Orphan,
    /// The manifest names another version.
    Version {
        /// In the lock.
        was: Version,
        /// In the manifest.
        now: Version,
    },
    /// The manifest names another source.
    Source {
        /// In the lock.
        was: String,
        /// In the manifest.
        now: String,
    },
    /// The manifest expects other bytes.
    Sha256 {
        /// In the lock.
        was: Sha256Digest,
        /// In the manifest.
        now: Sha256Digest,
    },
    /// The manifest gives the file another name.
    File {
        /// In the lock.
        was: FileName,
        /// In the manifest.
        now: FileName,
    },
    /// The manifest says that it is for another processor.
    Architecture {
        /// In the lock.
        was: Architecture,
        /// In the manifest.
        now: Architecture,
    },
    /// The source has other bytes.
    Bytes {
        /// What is locked.
        expected: Sha256Digest,
        /// What the source has.
        found: Sha256Digest,
    },
    /// The source tells another size.
    Size {
        /// What is locked.
        expected: u64,
        /// What the source tells.
        found: u64,
    },
    /// The source tells another ETag, so that its bytes may be others.
    Etag {
        /// What is locked.
        expected: String,
        /// What the source tells; none if it tells none now.
        found: Option<String>,
    },
    /// The source tells another date, so that its bytes may be others.
    Modified {
        /// What is locked.
        expected: Timestamp,
        /// What the source tells; none if it tells none now.
        found: Option<Timestamp>,
    },
    /// The source is not there any more.
    Gone,
}

impl Drifted {
    /// Something about one file.
    pub const fn of(key: LockKey, drift: Drift) -> Self {
        Self {
            key: Some(key),
            drift,
        }
    }
}

impl fmt::Display for Drifted {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.key {
            Some(key) => write!(f, "{key}: {}", self.drift),
            None => self.drift.fmt(f),
        }
    }
}

impl fmt::Display for Drift {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Library { was, now } => write!(
                f,
                "the lock is of the library `{was}`, the manifest of `{now}`"
            ),
            Self::Missing => f.write_str("the manifest names it, the lock does not"),
            Self::Orphan => f.write_str("the lock names it, the manifest does not"),
            Self::Version { was, now } => {
                write!(f, "locked at version {was}, the manifest says {now}")
            }
            Self::Source { was, now } => {
                write!(f, "locked from `{was}`, the manifest says `{now}`")
            }
            Self::Sha256 { was, now } => {
                write!(f, "locked with sha256 {was}, the manifest says {now}")
            }
            Self::File { was, now } => write!(f, "locked as `{was}`, the manifest says `{now}`"),
            Self::Architecture { was, now } => {
                let (was, now) = (was.name(), now.name());
                write!(f, "locked for {was}, the manifest says {now}")
            }
            Self::Bytes { expected, found } => {
                write!(
                    f,
                    "locked with sha256 {expected}, its source has other bytes now: {found}"
                )
            }
            Self::Size { expected, found } => {
                write!(
                    f,
                    "locked with {expected} bytes, its source tells {found} now"
                )
            }
            Self::Etag { expected, found } => told(f, "ETag", expected, found.as_ref()),
            Self::Modified { expected, found } => told(f, "date", expected, found.as_ref()),
            Self::Gone => f.write_str("its source is not there any more"),
        }
    }
}

fn told<T: fmt::Display>(
    f: &mut fmt::Formatter<'_>,
    what: &str,
    expected: &T,
    found: Option<&T>,
) -> fmt::Result {
    match found {
        Some(found) => write!(
            f,
            "locked with the {what} {expected}, its source tells {found} now"
        ),
        None => write!(
            f,
            "locked with the {what} {expected}, its source tells none now"
        ),
    }
}

/// What in a lock no longer says what the manifest says: what is about the lock as a whole, then the rest in the order
/// of the keys.
///
/// `files` are the files that the manifest names, once its patterns are expanded. Where an artifact lost one file and got
/// one, that is told as one change.
pub fn drift(manifest: &Manifest, lock: &Lock, files: &[Expanded]) -> Vec<Drifted> {
    let mut found = Vec::new();
    let mut locked: BTreeMap<LockKey, &Locked> = lock
        .artifacts
        .iter()
        .map(|locked| (locked.key(), locked))
        .collect();
    let mut missing = BTreeMap::new();
    for file in files {
        let Some(artifact) = manifest.artifacts.get(file.artifact) else {
            continue;
        };
        let named = Named { artifact, file };
        match locked.remove(&named.key()) {
            Some(locked) => named.compare(locked, &mut found),
            None => drop(missing.insert(named.key(), named)),
        }
    }
    for (key, named) in &missing {
        match renamed(key, &missing, &locked) {
            Some(was) => {
                locked.remove(&was.key());
                named.compare(was, &mut found);
            }
            None => found.push(Drifted::of(key.clone(), Drift::Missing)),
        }
    }
    found.extend(
        locked
            .into_keys()
            .map(|key| Drifted::of(key, Drift::Orphan)),
    );
    if lock.library != manifest.library.name {
        found.push(Drifted {
            key: None,
            drift: Drift::Library {
                was: lock.library.clone(),
                now: manifest.library.name.clone(),
            },
        });
    }
    found.sort_by(|a, b| a.key.cmp(&b.key));
    found
}

/// A file as the manifest names it.
#[derive(Clone, Copy)]
struct Named<'a> {
    artifact: &'a Artifact,
    file: &'a Expanded,
}

impl<'a> Named<'a> {
    fn key(&self) -> LockKey {
        LockKey {
            id: self.artifact.id.clone(),
            architecture: self.artifact.architecture,
            file: self.file.file.clone(),
        }
    }
    /// What a lock says otherwise about this file.
    fn compare(&self, locked: &Locked, found: &mut Vec<Drifted>) {
        let Artifact {
            architecture,
            version,
            sha256,
            ..
        } = self.artifact;
        let mut differ = |differs: bool, drift: &dyn Fn() -> Drift| {
            if differs {
                found.push(Drifted::of(self.key(), drift()));
            }
        };
        differ(locked.file != self.file.file, &|| Drift::File {
            was: locked.file.clone(),
            now: self.file.file.clone(),
        });
        differ(locked.architecture != *architecture, &|| {
            Drift::Architecture {
                was: locked.architecture,
                now: *architecture,
            }
        });
        differ(locked.version != *version, &|| Drift::Version {
            was: locked.version.clone(),
            now: version.clone(),
        });
        let (was, now) = (locked.source(), self.source());
        differ(was != now, &|| Drift::Source {
            was: source_text(was),
            now: source_text(now),
        });
        if let Some(now) = sha256 {
            let was = locked.sha256;
            differ(was != *now, &|| Drift::Sha256 { was, now: *now });
        }
    }

    /// Where it comes from: for a local file the file, also where the manifest has a pattern.
    fn source(&self) -> Option<Source<'a>> {
        match (self.artifact.source(), &self.file.path) {
            (Some(Source::Path(_)), Some(path)) => Some(Source::Path(path)),
            (source, _) => source,
        }
    }
}

fn source_text(source: Option<Source<'_>>) -> String {
    match source {
        Some(Source::Path(text) | Source::Blob(text)) => text.into(),
        Some(Source::Url(url)) => url.to_string(),
        None => "nothing, or more than one thing".into(),
    }
}

/// What is locked in place of a missing file: the one file that its artifact lost for the one that it got, or the same
/// file for another processor.
fn renamed<'a>(
    key: &LockKey,
    missing: &BTreeMap<LockKey, Named<'_>>,
    locked: &BTreeMap<LockKey, &'a Locked>,
) -> Option<&'a Locked> {
    let sibling = |other: &LockKey| other.id == key.id && other.architecture == key.architecture;
    let twin = |other: &LockKey| other.id == key.id && other.file == key.file;
    let swap = |alike: &dyn Fn(&LockKey) -> bool| {
        only(missing, alike)?;
        only(locked, alike).copied()
    };
    swap(&sibling).or_else(|| swap(&twin))
}

/// The value of the only key that is so.
fn only<'a, T>(map: &'a BTreeMap<LockKey, T>, is_so: &dyn Fn(&LockKey) -> bool) -> Option<&'a T> {
    let mut found = map.iter().filter(|(key, _)| is_so(key));
    match (found.next(), found.next()) {
        (Some((_, value)), None) => Some(value),
        _ => None,
    }
}

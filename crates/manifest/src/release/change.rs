//! The differences between two releases.

#[cfg(test)]
mod tests;

use std::collections::BTreeMap;
use std::fmt;

use longshore_content::Sha256Digest;
use serde::Serialize;

use super::{Content, Released};
use crate::{BlobPath, FileName, LockKey, Version};

/// One difference between two releases.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Change {
    /// Which file it is about.
    #[serde(flatten)]
    pub key: LockKey,
    /// What is different.
    #[serde(flatten)]
    pub kind: ChangeKind,
}

/// What is different in a file of two releases.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase", tag = "change")]
pub enum ChangeKind {
    /// It is there now.
    Added {
        /// Its version.
        version: Version,
    },
    /// It is not there any more.
    Removed {
        /// Its version.
        version: Version,
    },
    /// It has another version.
    Version {
        /// Before.
        from: Version,
        /// Now.
        to: Version,
    },
    /// It has other bytes under the same version.
    Bytes {
        /// Before.
        from: Sha256Digest,
        /// Now.
        to: Sha256Digest,
    },
    /// Its file has another name under the same version.
    Renamed {
        /// Before.
        from: FileName,
        /// Now.
        to: FileName,
    },
    /// It is installed in another way.
    Install,
    /// It is another blob with the same bytes.
    Moved {
        /// Before.
        from: BlobPath,
        /// Now.
        to: BlobPath,
    },
}

impl fmt::Display for Change {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let key = &self.key;
        match &self.kind {
            ChangeKind::Added { version } => write!(f, "+ {key}: {version}"),
            ChangeKind::Removed { version } => write!(f, "- {key}: {version}"),
            ChangeKind::Version { from, to } => write!(f, "~ {key}: {from} -> {to}"),
            ChangeKind::Bytes { from, to } => {
                write!(
                    f,
                    "~ {key}: other bytes under the same version: {from} -> {to}"
                )
            }
            ChangeKind::Renamed { from, .. } => write!(f, "~ {key}: was called `{from}`"),
            ChangeKind::Install => write!(f, "~ {key}: installed in another way"),
            ChangeKind::Moved { from, to } => write!(f, "~ {key}: moved from `{from}` to `{to}`"),
        }
    }
}

/// What is different between two releases, in the order of the keys.
///
/// A file is told from others by its artifact, architecture and name. Where an artifact has just one file in each
/// release, it is that file also under another name, as when the version is in the name.
pub fn diff(old: &Content, new: &Content) -> Vec<Change> {
    let mut removed = by_key(old);
    let mut added = by_key(new);
    let mut pairs = Vec::new();
    for (key, now) in &by_key(new) {
        if let Some(was) = removed.remove(key) {
            added.remove(key);
            pairs.push((was, *now));
        }
    }
    for (key, now) in added.clone() {
        let renamed = |was: &&Released| is_sibling(was, now) && is_alone(was, old);
        if is_alone(now, new)
            && let Some(was) = removed.values().copied().find(renamed)
        {
            removed.remove(&was.key());
            added.remove(&key);
            pairs.push((was, now));
        }
    }
    let mut changes: Vec<Change> = pairs
        .into_iter()
        .flat_map(|(was, now)| changed(was, now))
        .collect();
    changes.extend(removed.into_values().map(|was| {
        let version = was.version.clone();
        Change::of(was, ChangeKind::Removed { version })
    }));
    changes.extend(added.into_values().map(|now| {
        let version = now.version.clone();
        Change::of(now, ChangeKind::Added { version })
    }));
    changes.sort_by(|a, b| a.key.cmp(&b.key));
    changes
}

fn by_key(content: &Content) -> BTreeMap<LockKey, &Released> {
    content
        .artifacts
        .iter()
        .map(|released| (released.key(), released))
        .collect()
}

fn is_sibling(a: &Released, b: &Released) -> bool {
    a.id == b.id && a.architecture == b.architecture
}

/// Whether it is the only file of its artifact in a release.
fn is_alone(released: &Released, content: &Content) -> bool {
    content
        .artifacts
        .iter()
        .filter(|other| is_sibling(released, other))
        .count()
        == 1
}

/// What is different in one file.
fn changed(was: &Released, now: &Released) -> Vec<Change> {
    let mut kinds = Vec::new();
    if was.version != now.version {
        kinds.push(ChangeKind::Version {
            from: was.version.clone(),
            to: now.version.clone(),
        });
    } else if was.sha256 != now.sha256 || was.size != now.size {
        kinds.push(ChangeKind::Bytes {
            from: was.sha256,
            to: now.sha256,
        });
    } else if was.blob != now.blob {
        kinds.push(ChangeKind::Moved {
            from: was.blob.clone(),
            to: now.blob.clone(),
        });
    }
    if was.file != now.file && was.version == now.version {
        kinds.push(ChangeKind::Renamed {
            from: was.file.clone(),
            to: now.file.clone(),
        });
    }
    if was.install != now.install {
        kinds.push(ChangeKind::Install);
    }
    kinds
        .into_iter()
        .map(|kind| Change::of(now, kind))
        .collect()
}

impl Change {
    fn of(released: &Released, kind: ChangeKind) -> Self {
        Self {
            key: released.key(),
            kind,
        }
    }
}

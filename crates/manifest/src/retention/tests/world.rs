//! What a container holds, for tests.

use std::collections::BTreeSet;

use super::super::*;
use crate::samples::{provenance, released};
use crate::{Content, Locked, Released, TargetOs};

const DAY: i64 = 86_400;

/// What a container holds, and who names it.
#[derive(Debug, Clone, Default)]
pub(super) struct World {
    pub(super) blobs: Vec<Held>,
    pub(super) releases: Vec<Release>,
    pub(super) pointers: Vec<Pointer>,
    pub(super) locks: Vec<Lock>,
}

pub(super) fn at(day: i64) -> Timestamp {
    Timestamp::from_second(1_000_000 + day * DAY).unwrap()
}

impl World {
    /// A blob of ours that was written on some day.
    pub(super) fn hold(&mut self, path: &str, day: i64) {
        if self.blobs.iter().all(|held| held.path.as_str() != path) {
            self.blobs.push(Held {
                path: path.parse().unwrap(),
                size: 1000,
                blake3: None,
                managed: true,
                modified: at(day),
            });
        }
    }

    /// A release of a library that was published on some day, and that counts from then on.
    pub(super) fn publish(&mut self, library: &str, day: i64, artifacts: Vec<Released>) {
        for released in &artifacts {
            self.hold(released.blob.as_str(), day);
        }
        let library: LibraryName = library.parse().unwrap();
        let content = Content::new(library.clone(), TargetOs::Windows, artifacts).unwrap();
        let release = Release::new(content, provenance(at(day).as_second()));
        let previous = self
            .pointers
            .iter()
            .find(|pointer| pointer.library == library)
            .map(|pointer| pointer.release);
        self.pointers.retain(|pointer| pointer.library != library);
        self.pointers
            .push(Pointer::new(&release, previous, release.provenance.clone()));
        for document in [
            Release::json_path(&library, release.release),
            Release::tsv_path(&library, release.release),
        ] {
            self.hold(document.as_str(), day);
        }
        self.hold(Pointer::path(&library).as_str(), day);
        self.releases.push(release);
    }

    pub(super) fn decide(&self, retention: Retention) -> Result<PruneDecision, RetentionError> {
        let locks: Vec<NamedLock<'_>> = self
            .locks
            .iter()
            .map(|lock| NamedLock {
                name: "tools.lock",
                lock,
            })
            .collect();
        retention.decide(&Holdings {
            blobs: &self.blobs,
            releases: &self.releases,
            pointers: &self.pointers,
            locks: &locks,
            now: at(100),
        })
    }

    /// The world after the first deletions of a decision.
    pub(super) fn without(&self, decision: &PruneDecision, count: usize) -> Self {
        let gone: BTreeSet<&BlobPath> = decision
            .deletions()
            .take(count)
            .map(|doomed| &doomed.path)
            .collect();
        let mut world = self.clone();
        world.blobs.retain(|held| !gone.contains(&held.path));
        world
            .releases
            .retain(|release| !gone.contains(&json(release)));
        world
    }
}

pub(super) fn json(release: &Release) -> BlobPath {
    Release::json_path(&release.content.library, release.release)
}

pub(super) fn locked(id: &str, version: &str, file: &str) -> Locked {
    let Released {
        id,
        version,
        architecture,
        size,
        sha256,
        blake3,
        ..
    } = released(id, version, 1);
    Locked {
        id,
        architecture,
        version,
        file: file.parse().unwrap(),
        path: Some("a".into()),
        url: None,
        from: None,
        size,
        sha256,
        blake3,
        etag: None,
        modified: None,
        seen: None,
    }
}

pub(super) fn lock_of(entries: &[Locked]) -> Lock {
    let mut lock = Lock::empty("tools".parse().unwrap());
    for locked in entries {
        lock.upsert(locked.clone());
    }
    lock
}

pub(super) fn retention(keep_versions: usize, keep_releases: usize) -> Retention {
    Retention {
        keep_versions,
        keep_releases,
        older_than: Some(SignedDuration::from_hours(24)),
    }
}

pub(super) fn deleted(decision: &PruneDecision) -> Vec<&str> {
    decision
        .deletions()
        .map(|doomed| doomed.path.as_str())
        .collect()
}

pub(super) fn reason(decision: &PruneDecision, path: &str) -> KeepReason {
    let kept = decision.keep.iter().find(|kept| kept.path.as_str() == path);
    kept.unwrap_or_else(|| panic!("{path} goes")).reason.clone()
}

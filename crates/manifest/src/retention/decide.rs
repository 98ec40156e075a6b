//! The decision about each blob.

use std::collections::{BTreeMap, BTreeSet};

use jiff::{SignedDuration, Timestamp};
use longshore_content::Blake3Digest;

use super::releases::{KeptReleases, ReleaseKey};
use super::versions::Versions;
use super::{
    Doomed, Held, Holdings, KeepReason, Kept, NamedLock, PruneDecision, Retention, RetentionError,
};
use crate::{BlobPath, LibraryName, ReleaseBlob, ReleaseDigest};

impl Retention {
    /// Decides what stays and what goes.
    ///
    /// Kept are the release of every pointer and the one before, the newest releases, all that a kept release or a lock
    /// names, the last versions of every artifact, and whatever is young, not ours or without our digests. Whoever deletes
    /// looks at the pointers once more before: what a release names that was published meanwhile is not in the holdings.
    ///
    /// # Errors
    ///
    /// [`RetentionError::Unread`] when a document is listed that is not among the holdings, [`RetentionError::Dangling`]
    /// when a pointer's release is not. Nothing is safe to delete then.
    pub fn decide(&self, holdings: &Holdings<'_>) -> Result<PruneDecision, RetentionError> {
        let documents: Vec<(ReleaseBlob, usize)> = holdings
            .blobs
            .iter()
            .enumerate()
            .filter_map(|(at, held)| Some((ReleaseBlob::of(&held.path)?, at)))
            .collect();
        let kept = KeptReleases::find(self, holdings, &documents)?;
        let mut decision = PruneDecision::default();
        let mut doomed = BTreeMap::new();
        for (document, at) in &documents {
            let held = &holdings.blobs[*at];
            match judge_document(document, &kept) {
                Some(reason) => decision.keep.push(held.kept(reason)),
                None => drop(doomed.insert(deletion_order(document), held.doomed())),
            }
        }
        decision.releases = doomed
            .keys()
            .filter_map(|(library, release, _)| Some(((*library).clone(), (*release)?)))
            .collect();
        decision.releases.dedup();
        decision.documents = doomed.into_values().collect();
        let survey = Survey::of(self, holdings, &kept);
        for held in holdings
            .blobs
            .iter()
            .filter(|held| ReleaseBlob::of(&held.path).is_none())
        {
            match survey.judge(held) {
                Some(reason) => decision.keep.push(held.kept(reason)),
                None => decision.blobs.push(held.doomed()),
            }
        }
        decision.keep.sort_by(|a, b| a.path.cmp(&b.path));
        decision.blobs.sort_by(|a, b| a.path.cmp(&b.path));
        Ok(decision)
    }

    /// How long ago a blob was written, if that is too recently to delete it.
    pub(super) fn recent(&self, held: &Held, now: Timestamp) -> Option<SignedDuration> {
        let age = now.duration_since(held.modified);
        self.older_than.filter(|least| age < *least).map(|_| age)
    }
}

/// Why a document is kept; none if it goes.
fn judge_document(document: &ReleaseBlob, kept: &KeptReleases<'_>) -> Option<KeepReason> {
    match document.release() {
        Some(release) => kept.reason(document.library(), release),
        None => Some(KeepReason::Pointer),
    }
}

/// Of each release the document, then its twin.
fn deletion_order(document: &ReleaseBlob) -> (&LibraryName, Option<ReleaseDigest>, bool) {
    let is_twin = matches!(document, ReleaseBlob::Tsv(..));
    (document.library(), document.release(), is_twin)
}

impl Held {
    fn kept(&self, reason: KeepReason) -> Kept {
        Kept {
            path: self.path.clone(),
            size: self.size,
            reason,
        }
    }

    fn doomed(&self) -> Doomed {
        Doomed {
            path: self.path.clone(),
            size: self.size,
        }
    }
}

/// What is known about all blobs that are no documents.
struct Survey<'a> {
    retention: &'a Retention,
    now: Timestamp,
    named: BTreeMap<&'a BlobPath, ReleaseKey<'a>>,
    locked_bytes: BTreeMap<Blake3Digest, &'a str>,
    locked_names: BTreeMap<String, &'a str>,
    versions: Versions<'a>,
    last: BTreeSet<&'a BlobPath>,
}

impl<'a> Survey<'a> {
    fn of(retention: &'a Retention, holdings: &Holdings<'a>, kept: &KeptReleases<'a>) -> Self {
        let versions = Versions::of(holdings.blobs, holdings.releases, kept);
        let mut survey = Self {
            retention,
            now: holdings.now,
            named: kept.names(),
            locked_bytes: BTreeMap::new(),
            locked_names: BTreeMap::new(),
            last: versions.last(retention.keep_versions),
            versions,
        };
        for NamedLock { name, lock } in holdings.locks {
            for locked in &lock.artifacts {
                let path = format!("{}/{}/{}", locked.id, locked.version, locked.file);
                survey.locked_bytes.entry(locked.blake3).or_insert(name);
                survey.locked_names.entry(path).or_insert(name);
            }
        }
        survey
    }

    /// Why a blob is kept; none if it goes.
    fn judge(&self, held: &Held) -> Option<KeepReason> {
        if let Some((library, release)) = self.named.get(&held.path) {
            return Some(KeepReason::NamedByRelease((*library).clone(), *release));
        }
        if let Some(lock) = self.lock_of(held) {
            return Some(KeepReason::NamedByLock(lock.to_owned()));
        }
        if !held.managed {
            return Some(KeepReason::Unmanaged);
        }
        if !self.versions.knows(&held.path) {
            return Some(KeepReason::NotOurs);
        }
        if self.last.contains(&held.path) {
            return Some(KeepReason::LastVersions);
        }
        self.retention
            .recent(held, self.now)
            .map(KeepReason::Recent)
    }

    /// The lock that names a blob: by its bytes, where they are known, else by the name that it has unless said.
    fn lock_of(&self, held: &Held) -> Option<&'a str> {
        match held.blake3 {
            Some(digest) => self.locked_bytes.get(&digest),
            None => self.locked_names.get(held.path.as_str()),
        }
        .copied()
    }
}

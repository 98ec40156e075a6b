//! Which releases are kept: those that counted, the newest ones, and those that may still be in the making.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};

use super::{Holdings, KeepReason, Retention, RetentionError};
use crate::{BlobPath, LibraryName, Release, ReleaseBlob, ReleaseDigest};

/// What tells releases apart.
pub(super) type ReleaseKey<'a> = (&'a LibraryName, ReleaseDigest);

/// The releases that are kept, each with its strongest reason.
pub(super) struct KeptReleases<'a> {
    reasons: BTreeMap<ReleaseKey<'a>, KeepReason>,
    /// The releases themselves, those that count first.
    releases: Vec<&'a Release>,
}

impl<'a> KeptReleases<'a> {
    /// Finds them.
    pub(super) fn find(
        retention: &Retention,
        holdings: &Holdings<'a>,
        documents: &'a [(ReleaseBlob, usize)],
    ) -> Result<Self, RetentionError> {
        let given: BTreeMap<ReleaseKey<'_>, &Release> = holdings
            .releases
            .iter()
            .map(|release| (key(release), release))
            .collect();
        check(holdings, &given, documents)?;
        let mut kept = Self {
            reasons: BTreeMap::new(),
            releases: Vec::new(),
        };
        for pointer in holdings.pointers {
            kept.keep((&pointer.library, pointer.release), KeepReason::Current);
        }
        for pointer in holdings.pointers {
            if let Some(previous) = pointer.previous {
                kept.keep((&pointer.library, previous), KeepReason::Previous);
            }
        }
        for release in newest(&given, retention.keep_releases.max(1)) {
            kept.keep(key(release), KeepReason::NewestReleases);
        }
        for (document, at) in documents {
            let held = &holdings.blobs[*at];
            let Some(release) = document.release() else {
                continue;
            };
            if !held.managed {
                kept.keep((document.library(), release), KeepReason::Unmanaged);
            } else if let Some(age) = retention.recent(held, holdings.now) {
                kept.keep((document.library(), release), KeepReason::Recent(age));
            }
        }
        let mut releases: Vec<&Release> = given
            .iter()
            .filter(|(key, _)| kept.reasons.contains_key(key))
            .map(|(_, release)| *release)
            .collect();
        releases.sort_by_key(|release| {
            let is_current = kept.reasons.get(&key(release)) == Some(&KeepReason::Current);
            (!is_current, Reverse(release.provenance.created))
        });
        kept.releases = releases;
        Ok(kept)
    }

    fn keep(&mut self, release: ReleaseKey<'a>, reason: KeepReason) {
        self.reasons.entry(release).or_insert(reason);
    }

    /// Why a release is kept; none if it goes.
    pub(super) fn reason(
        &self,
        library: &LibraryName,
        release: ReleaseDigest,
    ) -> Option<KeepReason> {
        self.reasons.get(&(library, release)).cloned()
    }

    /// The releases themselves, those that count first, then the newest.
    pub(super) fn releases(&self) -> &[&'a Release] {
        &self.releases
    }

    /// Which of them names a blob.
    pub(super) fn names(&self) -> BTreeMap<&'a BlobPath, ReleaseKey<'a>> {
        let mut names = BTreeMap::new();
        for release in &self.releases {
            for released in &release.content.artifacts {
                names.entry(&released.blob).or_insert(key(release));
            }
        }
        names
    }
}

fn key(release: &Release) -> ReleaseKey<'_> {
    (&release.content.library, release.release)
}

/// What was not read may name anything.
fn check(
    holdings: &Holdings<'_>,
    given: &BTreeMap<ReleaseKey<'_>, &Release>,
    documents: &[(ReleaseBlob, usize)],
) -> Result<(), RetentionError> {
    let pointers: BTreeSet<&LibraryName> = holdings
        .pointers
        .iter()
        .map(|pointer| &pointer.library)
        .collect();
    for (document, _) in documents {
        let is_read = match document {
            ReleaseBlob::Json(library, release) => given.contains_key(&(library, *release)),
            ReleaseBlob::Pointer(library) => pointers.contains(library),
            ReleaseBlob::Tsv(..) => true,
        };
        if !is_read {
            let path = document.path();
            return Err(RetentionError::Unread { path });
        }
    }
    for pointer in holdings.pointers {
        let (library, release) = (&pointer.library, pointer.release);
        if !given.contains_key(&(library, release)) {
            let library = library.clone();
            return Err(RetentionError::Dangling { library, release });
        }
    }
    Ok(())
}

/// The newest releases of each library.
fn newest<'a>(given: &BTreeMap<ReleaseKey<'a>, &'a Release>, count: usize) -> Vec<&'a Release> {
    let mut releases: Vec<&Release> = given.values().copied().collect();
    releases.sort_by_key(|release| {
        (
            &release.content.library,
            Reverse((release.provenance.created, release.release)),
        )
    });
    releases
        .chunk_by(|a, b| a.content.library == b.content.library)
        .flat_map(|library| library.iter().take(count).copied())
        .collect()
}

//! Looking at one file: what the lock says of it, what it is, and what its source says by now.

use jiff::Timestamp;
use longshore_content::{Digests, Sha256Digest};
use longshore_manifest::{ArtifactId, Drift, Drifted, Locked};

use super::{Ask, LockOptions, Refresh};
use crate::bring::{self, Now};
use crate::event::PinChange;
use crate::expand::{Origin, Wanted};
use crate::{Event, ItemError, Library, Tools};

/// What was found out about one file.
pub(super) struct Found {
    pub(super) pin: Locked,
    pub(super) change: PinChange,
    pub(super) drift: Option<Drifted>,
}

/// Looks at one file after the other.
pub(super) struct Pinning<'a> {
    pub(super) library: &'a Library,
    pub(super) tools: &'a Tools,
    pub(super) options: &'a LockOptions,
    pub(super) ask: Ask,
}

impl Pinning<'_> {
    /// What is to be pinned of a file.
    pub(super) async fn look(&self, wanted: &Wanted<'_>) -> Result<Found, ItemError> {
        if self.tools.cancel.is_draining() {
            return Err(ItemError::Stopped);
        }
        let old = self.library.lock.get(&wanted.key);
        let fitting = old.filter(|old| fits(old, wanted));
        match &wanted.origin {
            Origin::File { path, .. } => {
                let (size, digests) = bring::digest_file(self.tools, path).await?;
                let seen = Seen::of(size, digests);
                self.take(wanted, old, &seen)
            }
            Origin::Url(_) | Origin::Blob(_) => match fitting {
                Some(pin) if !self.is_refreshed(&wanted.key.id) => Ok(self.keep(wanted, pin).await),
                fitting => self.renew(wanted, old, fitting).await,
            },
        }
    }

    fn is_refreshed(&self, id: &ArtifactId) -> bool {
        !self.options.locked
            && match &self.options.refresh {
                Refresh::Needed => false,
                Refresh::Only(ids) => ids.contains(id),
                Refresh::All => true,
            }
    }

    /// The pin stays; the source is only asked what it has now.
    async fn keep(&self, wanted: &Wanted<'_>, pin: &Locked) -> Found {
        Found {
            pin: pin.clone(),
            change: PinChange::Kept,
            drift: self.moved(wanted, pin).await,
        }
    }

    /// What the source says that does not fit the pin. A source that cannot be asked is no drift.
    async fn moved(&self, wanted: &Wanted<'_>, pin: &Locked) -> Option<Drifted> {
        let now = match bring::probe(self.tools, wanted).await {
            Ok(now) => now,
            Err(error) => {
                tracing::debug!(name = %wanted.key, %error, "the source cannot be asked");
                return None;
            }
        };
        let of = |drift| Some(Drifted::of(wanted.key.clone(), drift));
        if let Some(digests) = now.digests {
            return compare(wanted, pin, digests.sha256);
        }
        if let Some(size) = now.size.filter(|size| *size != pin.size) {
            return of(Drift::Size {
                expected: pin.size,
                found: size,
            });
        }
        let drift = told(pin, &now)?;
        if self.ask == Ask::Hints {
            return of(drift);
        }
        // Another version may have the same bytes, and only they count.
        match bring::fetch(self.tools, wanted, None).await {
            Ok(fetched) => compare(wanted, pin, fetched.digests.sha256),
            Err(_) => of(drift),
        }
    }

    /// Finds out what the source has, and pins it.
    async fn renew(
        &self,
        wanted: &Wanted<'_>,
        old: Option<&Locked>,
        fitting: Option<&Locked>,
    ) -> Result<Found, ItemError> {
        if self.options.locked {
            // The comparison of manifest and lock has said why already.
            return old.map_or(Err(ItemError::NotLocked), |old| {
                Ok(Found {
                    pin: old.clone(),
                    change: PinChange::Kept,
                    drift: None,
                })
            });
        }
        match self.fresh(wanted).await {
            Err(ItemError::Cooling { until }) if fitting.is_some() => {
                self.tools.report(&Event::Cooling {
                    key: &wanted.key,
                    until,
                });
                Ok(Found {
                    pin: fitting.cloned().ok_or(ItemError::Cooling { until })?,
                    change: PinChange::Kept,
                    drift: None,
                })
            }
            Err(error) => Err(error),
            Ok(seen) => self.take(wanted, old, &seen),
        }
    }

    /// What the source has, when that is old enough.
    async fn fresh(&self, wanted: &Wanted<'_>) -> Result<Seen, ItemError> {
        if self.options.cooldown.is_some()
            && let Ok(now) = bring::probe(self.tools, wanted).await
            && let Some(modified) = now.modified
        {
            self.check_age(modified)?;
        }
        let brought = bring::fetch(self.tools, wanted, wanted.expected()).await?;
        if self.options.cooldown.is_some() && brought.modified.is_none() {
            self.check_age(bring::first_seen(self.tools, wanted, &brought)?)?;
        }
        Ok(Seen {
            size: brought.size,
            digests: brought.digests,
            etag: brought.etag,
            modified: brought.modified,
            since: Some(self.tools.now),
        })
    }

    fn check_age(&self, since: Timestamp) -> Result<(), ItemError> {
        let Some(cooldown) = self.options.cooldown else {
            return Ok(());
        };
        // A date beyond what can be said is as good as never.
        let until = since.checked_add(cooldown).unwrap_or(Timestamp::MAX);
        if until > self.tools.now {
            return Err(ItemError::Cooling { until });
        }
        Ok(())
    }

    /// Makes a pin of what was seen.
    fn take(
        &self,
        wanted: &Wanted<'_>,
        old: Option<&Locked>,
        seen: &Seen,
    ) -> Result<Found, ItemError> {
        let found = seen.digests.sha256;
        if let Some(expected) = wanted.expected().filter(|expected| *expected != found) {
            return Err(ItemError::Mismatch { expected, found });
        }
        let same = old.filter(|old| fits(old, wanted) && old.sha256 == found);
        let pin = entry(wanted, seen, same.and_then(|same| same.seen));
        let change = match old {
            None => PinChange::New,
            Some(_) if same.is_some() => PinChange::Kept,
            Some(old) if fits(old, wanted) && seen.since.is_some() => PinChange::Updated,
            Some(_) => PinChange::Changed,
        };
        if self.options.locked {
            let old = old.ok_or(ItemError::NotLocked)?;
            return Ok(Found {
                drift: compare(wanted, old, found),
                pin: old.clone(),
                change: PinChange::Kept,
            });
        }
        Ok(Found {
            pin,
            change,
            drift: None,
        })
    }
}

/// What was seen of a source.
struct Seen {
    size: u64,
    digests: Digests,
    etag: Option<String>,
    modified: Option<Timestamp>,
    /// Since when; none for files of this machine.
    since: Option<Timestamp>,
}

impl Seen {
    /// A file of this machine: it has no history.
    const fn of(size: u64, digests: Digests) -> Self {
        Self {
            size,
            digests,
            etag: None,
            modified: None,
            since: None,
        }
    }
}

fn entry(wanted: &Wanted<'_>, seen: &Seen, since: Option<Timestamp>) -> Locked {
    let (mut path, mut url, mut from) = (None, None, None);
    match &wanted.origin {
        Origin::File { shown, .. } => path = Some(shown.clone()),
        Origin::Url(address) => url = Some(address.clone()),
        Origin::Blob(blob) => from = Some(blob.clone()),
    }
    Locked {
        id: wanted.key.id.clone(),
        architecture: wanted.key.architecture,
        version: wanted.artifact.version.clone(),
        file: wanted.key.file.clone(),
        path,
        url,
        from,
        size: seen.size,
        sha256: seen.digests.sha256,
        blake3: seen.digests.blake3,
        etag: seen.etag.clone(),
        modified: seen.modified,
        seen: since.or(seen.since),
    }
}

/// Whether a pin is still one of what the manifest asks for.
fn fits(pin: &Locked, wanted: &Wanted<'_>) -> bool {
    let same_origin = match &wanted.origin {
        Origin::File { shown, .. } => pin.path.as_ref() == Some(shown),
        Origin::Url(url) => pin.url.as_ref() == Some(url),
        Origin::Blob(blob) => pin.from.as_ref() == Some(blob),
    };
    same_origin
        && pin.version == wanted.artifact.version
        && wanted
            .expected()
            .is_none_or(|expected: Sha256Digest| expected == pin.sha256)
}

/// Whether bytes are the pinned ones.
fn compare(wanted: &Wanted<'_>, pin: &Locked, found: Sha256Digest) -> Option<Drifted> {
    (found != pin.sha256).then(|| {
        let drift = Drift::Bytes {
            expected: pin.sha256,
            found,
        };
        Drifted::of(wanted.key.clone(), drift)
    })
}

/// What the source tells with its bytes, where that is not what it told with the pinned ones.
fn told(pin: &Locked, now: &Now) -> Option<Drift> {
    if let (Some(expected), Some(_)) = (&pin.etag, &now.etag) {
        return (now.etag.as_ref() != Some(expected)).then(|| Drift::Etag {
            expected: expected.clone(),
            found: now.etag.clone(),
        });
    }
    match (pin.modified, now.modified) {
        (Some(expected), Some(found)) if expected != found => Some(Drift::Modified {
            expected,
            found: Some(found),
        }),
        _ => None,
    }
}

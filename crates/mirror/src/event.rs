//! Discrete facts of a run over a library, for whoever reports them.

use longshore_manifest::{Drifted, LockKey, ReleaseDigest};

use crate::ItemError;
use crate::check::SignatureReport;

/// What became of a pin.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, serde::Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum PinChange {
    /// It was not pinned before.
    New,
    /// The manifest asks for something else than before, or the local file has other bytes.
    Changed,
    /// The source was looked at again, and has other bytes than before.
    Updated,
    /// It is as it was.
    Kept,
}

/// A fact.
#[derive(Debug)]
#[non_exhaustive]
pub enum Event<'a> {
    /// A file was pinned, or its pin was kept.
    Pinned {
        /// The file.
        key: &'a LockKey,
        /// Its size in bytes.
        size: u64,
        /// What became of the pin.
        change: PinChange,
    },
    /// The source no longer has what is pinned, or does not say so any more; the pinned bytes are kept.
    Republished {
        /// The file.
        key: &'a LockKey,
        /// What is different.
        drift: &'a Drifted,
    },
    /// New bytes are not taken yet, because they are too young; what was pinned before is kept.
    Cooling {
        /// The file.
        key: &'a LockKey,
        /// When they will be old enough.
        until: jiff::Timestamp,
    },
    /// A file begins to be fetched.
    Fetching {
        /// The file.
        key: &'a LockKey,
        /// Where from, as the manifest says.
        from: &'a str,
    },
    /// A file was fetched, and is what it should be.
    Fetched {
        /// The file.
        key: &'a LockKey,
        /// Its size in bytes.
        size: u64,
        /// The bytes that had to travel.
        received: u64,
        /// Whether an unfinished download was continued.
        resumed: bool,
    },
    /// The destination holds a file already.
    Present {
        /// The file.
        key: &'a LockKey,
        /// The blob below the destination.
        blob: &'a str,
        /// Its size in bytes.
        size: u64,
    },
    /// The name that a file should have is taken by other bytes, which a release may name; it gets another one.
    Renamed {
        /// The file.
        key: &'a LockKey,
        /// The name that is taken.
        taken: &'a str,
        /// The name that it gets.
        blob: &'a str,
    },
    /// A signature was looked at.
    Checked {
        /// The file.
        key: &'a LockKey,
        /// What was proved, and what was not.
        report: &'a SignatureReport,
    },
    /// The scanner had nothing to say against a file.
    Scanned {
        /// The file.
        key: &'a LockKey,
    },
    /// A file travelled on its own between the vendor and the service.
    Ingested {
        /// The file.
        key: &'a LockKey,
        /// Its size in bytes.
        size: u64,
    },
    /// A file would be brought in and uploaded (dry run).
    WouldStage {
        /// The file.
        key: &'a LockKey,
        /// The blob below the destination.
        blob: &'a str,
        /// Its size in bytes.
        size: u64,
    },
    /// The pointer would be flipped (dry run).
    WouldFlip {
        /// The release that counts.
        from: Option<ReleaseDigest>,
        /// The release that would count.
        to: ReleaseDigest,
    },
    /// The engine begins to upload; these are its numbers as it goes.
    Uploading {
        /// The numbers.
        progress: &'a std::sync::Arc<longshore_sync::Progress>,
    },
    /// What the engine reports while it uploads.
    Transfer(&'a longshore_sync::Event<'a>),
    /// A file failed; the others go on.
    Failed {
        /// The file, or the artifact alone where its files are not known.
        name: &'a str,
        /// Why.
        error: &'a ItemError,
    },
    /// A release was written, or was there already.
    Released {
        /// What names it.
        release: ReleaseDigest,
        /// Whether its document is new.
        is_new: bool,
    },
    /// The pointer was flipped.
    Flipped {
        /// The release that counted before.
        from: Option<ReleaseDigest>,
        /// The release that counts now.
        to: ReleaseDigest,
    },
}

/// Takes facts as they happen, from several threads; it should return soon.
pub trait Reporter: Send + Sync + 'static {
    /// Takes one fact.
    fn report(&self, event: &Event<'_>);
}

/// Drops every fact.
#[derive(Debug, Clone, Copy, Default)]
pub struct NoReporter;

impl Reporter for NoReporter {
    fn report(&self, _: &Event<'_>) {}
}

//! Discrete facts of a run, for whoever reports them.

use std::path::PathBuf;

use crate::{Finding, ItemError};

/// Why something is to be done.
#[derive(
    Debug,
    Clone,
    Copy,
    PartialEq,
    Eq,
    Hash,
    serde::Serialize,
    serde::Deserialize,
    schemars::JsonSchema,
)]
#[serde(rename_all = "kebab-case")]
pub enum Reason {
    /// The destination has no blob of that name.
    New,
    /// The blob there has other content.
    Changed,
    /// What is there carries no digest of ours, so nobody can tell what it holds.
    Unknown,
    /// The blob has the file's size and MD5, and lacks our digests.
    Recognised,
    /// The source has nothing of that name.
    Surplus,
    /// Nothing that is kept needs it.
    Unused,
}

/// Something in the source that is not staged, and is no failure.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Note {
    /// A symbolic link, while links are not followed.
    Symlink {
        /// Where it stands.
        path: PathBuf,
    },
    /// A pipe, socket or device.
    Special {
        /// Where it stands.
        path: PathBuf,
    },
    /// The digest cache could not be used, so every file is read.
    NoCache {
        /// Why.
        why: String,
    },
}

/// Why nothing was deleted although deleting was asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum DeletesWithheld {
    /// A part of the source could not be read, or a file could not be sent.
    Failures,
    /// The run was interrupted.
    Interrupted,
}

/// A fact.
#[derive(Debug)]
#[non_exhaustive]
pub enum Event<'a> {
    /// Something in the source is not staged.
    Noted(&'a Note),
    /// A blob holds what its file holds.
    Unchanged {
        /// The blob.
        name: &'a str,
        /// Its size in bytes.
        size: u64,
    },
    /// A file would be sent (dry run).
    WouldUpload {
        /// The blob.
        name: &'a str,
        /// The file's size in bytes.
        size: u64,
        /// Why.
        reason: Reason,
    },
    /// A file begins to be sent by blocks, or received by ranges.
    Started {
        /// The blob.
        name: &'a str,
        /// The file's size in bytes.
        size: u64,
    },
    /// A file was sent.
    Uploaded {
        /// The blob.
        name: &'a str,
        /// The file's size in bytes.
        size: u64,
        /// The bytes that had to travel.
        sent: u64,
        /// Why it was sent.
        reason: Reason,
        /// Whether blocks that an earlier run had staged were used.
        resumed: bool,
    },
    /// A blob would be copied by the service (dry run).
    WouldCopy {
        /// The blob.
        name: &'a str,
        /// Its size in bytes.
        size: u64,
        /// The blob that holds the content.
        from: &'a str,
        /// Why.
        reason: Reason,
    },
    /// A blob was copied by the service; no byte passed through here.
    Copied {
        /// The blob.
        name: &'a str,
        /// Its size in bytes.
        size: u64,
        /// The blob that holds the content.
        from: &'a str,
        /// Why.
        reason: Reason,
    },
    /// A blob would get its digests (dry run).
    WouldAdopt {
        /// The blob.
        name: &'a str,
        /// Its size in bytes.
        size: u64,
    },
    /// A blob that holds the right bytes got its digests.
    Adopted {
        /// The blob.
        name: &'a str,
        /// Its size in bytes.
        size: u64,
    },
    /// A blob would come down into a file (dry run).
    WouldDownload {
        /// The name.
        name: &'a str,
        /// Its size in bytes.
        size: u64,
        /// Why.
        reason: Reason,
    },
    /// A blob would be deleted (dry run).
    WouldDelete {
        /// The blob.
        name: &'a str,
    },
    /// A blob was deleted.
    Deleted {
        /// The blob.
        name: &'a str,
    },
    /// Deleting was asked for, and is left for a later run.
    DeletesWithheld {
        /// How many blobs stay that the source does not have.
        count: u64,
        /// Why.
        why: DeletesWithheld,
    },
    /// A file, directory or blob failed; the others go on.
    Failed(&'a ItemError),
    /// A blob was received into its file.
    Downloaded {
        /// The blob.
        name: &'a str,
        /// Its size in bytes.
        size: u64,
        /// The bytes that had to travel.
        received: u64,
        /// Whether ranges that an earlier run had received were used.
        resumed: bool,
    },
    /// A name was looked at in an audit.
    Verified(&'a Finding),
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

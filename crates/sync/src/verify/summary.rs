//! What came of an audit.

use super::finding::{Adoption, Finding, Proof, Verdict};
use crate::{CancelLevel, Tally};

/// What came of an audit that went to its end, or was stopped.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct VerifySummary {
    /// Names by what was found.
    pub counts: VerifyCounts,
    /// Blobs and files that could not be checked.
    pub failed: u64,
    /// Those of them that somebody else wrote meanwhile.
    pub conflicts: u64,
    /// Links and special files of the directory that was compared with.
    pub skipped: u64,
    /// Blobs that were read, and how many could have been; none unless reading was asked for.
    pub sampled: Option<Sampled>,
    /// Bytes of blobs that were read.
    pub bytes_verified: u64,
    /// Bytes of files that were read.
    pub bytes_read: u64,
    /// How far the audit was asked to stop.
    pub cancelled: CancelLevel,
    /// Whether nothing was written.
    pub dry_run: bool,
}

/// How many blobs were chosen to be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize)]
pub struct Sampled {
    /// Those that were chosen.
    pub chosen: u64,
    /// Those among which they were chosen.
    pub candidates: u64,
}

/// Names by what was found. Each blob that is there counts once among the proofs, unless it is damaged.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, serde::Serialize)]
pub struct VerifyCounts {
    /// Blobs that were looked at, and their bytes.
    pub checked: Tally,
    /// Whose bytes have the digests of their metadata.
    pub proved_by_bytes: u64,
    /// Whose blocks name the content of their metadata.
    pub proved_by_list: u64,
    /// Of one block, with digests in their metadata.
    pub recorded: u64,
    /// Large ones with digests, and without a list of ours.
    pub unproven: u64,
    /// Of other tools, whose bytes have their Content-MD5.
    pub proved_by_md5: u64,
    /// Of other tools.
    pub foreign: u64,
    /// Of other tools, and given our digests; or that would be.
    pub adopted: u64,
    /// Of other tools, with the Content-MD5 of what is expected.
    pub same_by_md5: u64,
    /// That are not what they say of themselves.
    pub damaged: u64,
    /// That hold something else than is expected.
    pub different: u64,
    /// That are expected, and not there.
    pub missing: u64,
    /// That are there, and not expected.
    pub extra: u64,
    /// Of which nobody can tell whether they hold what is expected.
    pub unknown: u64,
}

impl VerifyCounts {
    /// Whether the destination is not what it was compared with, or nobody can tell.
    pub const fn has_drift(&self) -> bool {
        self.different + self.missing + self.extra + self.unknown > 0
    }

    pub(super) fn add(&mut self, finding: &Finding) {
        if finding.verdict != Verdict::Missing {
            self.checked.files += 1;
            self.checked.bytes += finding.size;
        }
        match finding.verdict {
            Verdict::Sound => {}
            Verdict::SameByMd5 => self.same_by_md5 += 1,
            Verdict::Damaged(_) => self.damaged += 1,
            Verdict::Different(_) => self.different += 1,
            Verdict::Missing => self.missing += 1,
            Verdict::Extra => self.extra += 1,
            Verdict::Unknown => self.unknown += 1,
        }
        match finding.proof {
            None => {}
            Some(Proof::Bytes) => self.proved_by_bytes += 1,
            Some(Proof::List) => self.proved_by_list += 1,
            Some(Proof::Recorded) => self.recorded += 1,
            Some(Proof::Unproven(_)) => self.unproven += 1,
            Some(Proof::Md5) => self.proved_by_md5 += 1,
            Some(Proof::Foreign) => self.foreign += 1,
        }
        self.adopted += u64::from(finding.adoption != Adoption::None);
    }
}

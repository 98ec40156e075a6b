//! The judgement of one blob: pure, by what is expected, what is recorded and what was read.

use longshore_content::{Block, Digests, TreeError};
use longshore_store::BlockList;

use super::finding::{Damage, Difference, Doubt, Proof, Verdict};
use super::{Facts, Wanted};

/// What is known of a blob that is there.
#[derive(Debug, Clone, Copy)]
pub(super) struct Evidence<'a> {
    /// What the listing says.
    pub(super) recorded: Facts,
    /// Its blocks, when they were asked for.
    pub(super) list: Option<&'a BlockList>,
    /// Its bytes, when they were read.
    pub(super) read: Option<&'a ReadBack>,
}

/// What reading a blob told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum ReadBack {
    /// All of it was read.
    Whole {
        digests: Digests,
        /// When it was wanted.
        md5: Option<[u8; 16]>,
    },
    /// This block does not hold what its name says; what comes after it was not read.
    Damaged(Block),
}

/// What is expected under a name.
#[derive(Debug, Clone, Copy)]
pub(super) enum Expectation {
    /// Nothing is said of it.
    Anything,
    /// This.
    Wanted(Wanted),
}

/// Judges a name. None when there is nothing to be said: no blob, and none is expected.
pub(super) fn judge(
    expected: Expectation,
    found: Option<Evidence<'_>>,
) -> Option<(Verdict, Option<Proof>)> {
    let Some(found) = found else {
        return matches!(expected, Expectation::Wanted(Wanted::Content(_)))
            .then_some((Verdict::Missing, None));
    };
    let proof = match vouch(&found) {
        Ok(proof) => proof,
        Err(damage) => return Some((Verdict::Damaged(damage), None)),
    };
    let verdict = match expected {
        Expectation::Anything => Verdict::Sound,
        Expectation::Wanted(Wanted::Absent) => Verdict::Extra,
        Expectation::Wanted(Wanted::Content(wanted)) => compare(&wanted, &known(&found)),
    };
    Some((verdict, Some(proof)))
}

/// What vouches for a blob's content, or what speaks against it.
pub(super) fn vouch(found: &Evidence<'_>) -> Result<Proof, Damage> {
    match (found.recorded.digests, found.read) {
        (_, Some(ReadBack::Damaged(block))) => Err(Damage::Block(*block)),
        (Some(recorded), Some(ReadBack::Whole { digests, .. })) => {
            if recorded.blake3 != digests.blake3 {
                Err(Damage::Blake3)
            } else if recorded.sha256 != digests.sha256 {
                Err(Damage::Sha256)
            } else {
                Ok(Proof::Bytes)
            }
        }
        (None, Some(ReadBack::Whole { md5, .. })) => match (found.recorded.content_md5, md5) {
            (Some(recorded), Some(md5)) if recorded != *md5 => Err(Damage::ContentMd5),
            (Some(_), Some(_)) => Ok(Proof::Md5),
            _ => Ok(Proof::Foreign),
        },
        (None, None) => Ok(Proof::Foreign),
        (Some(digests), None) => match found.list {
            Some(list) => read_list(found.recorded.size, &digests, list),
            None => Ok(Proof::Recorded),
        },
    }
}

/// What a committed block list says of a blob that is large enough for one.
fn read_list(size: u64, digests: &Digests, list: &BlockList) -> Result<Proof, Damage> {
    match list.tree() {
        Ok(tree) if tree.layout.file_size() != size => {
            Err(Damage::ListSize(tree.layout.file_size()))
        }
        Ok(tree) if tree.root != digests.blake3 => Err(Damage::ListNames(tree.root)),
        Ok(_) => Ok(Proof::List),
        Err(TreeError::Foreign { .. }) => Ok(Proof::Unproven(Doubt::ForeignList)),
        Err(TreeError::TooFew { count: 0 }) => Ok(Proof::Unproven(Doubt::NoList)),
        // Ids of ours that no file of ours has in this way.
        Err(TreeError::TooFew { .. } | TreeError::Count { .. } | TreeError::Size { .. }) => {
            Err(Damage::ListMixed)
        }
    }
}

/// What a blob that is sound holds: what it records, or else what was read.
fn known(found: &Evidence<'_>) -> Facts {
    match (found.recorded.digests, found.read) {
        (None, Some(ReadBack::Whole { digests, .. })) => Facts {
            digests: Some(*digests),
            ..found.recorded
        },
        _ => found.recorded,
    }
}

/// Compares by the strongest that both sides have.
fn compare(wanted: &Facts, found: &Facts) -> Verdict {
    if wanted.size != found.size {
        return Verdict::Different(Difference::Size {
            expected: wanted.size,
        });
    }
    match (
        (wanted.digests, found.digests),
        (wanted.content_md5, found.content_md5),
    ) {
        ((Some(wanted), Some(found)), _) if wanted == found => Verdict::Sound,
        ((Some(wanted), Some(found)), _) if wanted.blake3 == found.blake3 => {
            Verdict::Different(Difference::Sha256)
        }
        ((Some(_), Some(_)), _) => Verdict::Different(Difference::Digest),
        (_, (Some(wanted), Some(found))) if wanted == found => Verdict::SameByMd5,
        (_, (Some(_), Some(_))) => Verdict::Different(Difference::Md5),
        _ => Verdict::Unknown,
    }
}

#[cfg(test)]
mod tests;

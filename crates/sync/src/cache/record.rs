//! One entry of the digest cache, as bytes.

use longshore_content::{Blake3Digest, Crc64, Digests, Sha256Digest};

use crate::platform::{Identity, Nanoseconds, Stamp};

pub(super) const KEY_LENGTH: usize = 16;
pub(super) const VALUE_LENGTH: usize = BODY_LENGTH + 8;

const BODY_LENGTH: usize = 8 + 3 * 16 + 2 * 32;

/// How long a file must have rested before a digest of it is believed: longer than the coarsest clock of a file
/// system in use (FAT: two seconds).
const REST: Nanoseconds = 2_500_000_000;

pub(super) fn key(identity: Identity) -> [u8; KEY_LENGTH] {
    let mut key = [0; KEY_LENGTH];
    key[..8].copy_from_slice(&identity.device.to_be_bytes());
    key[8..].copy_from_slice(&identity.inode.to_be_bytes());
    key
}

/// The digests of a file in one state, and when they were taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Record {
    size: u64,
    modified: Nanoseconds,
    changed: Nanoseconds,
    taken: Nanoseconds,
    digests: Digests,
}

impl Record {
    pub(super) fn new(stamp: &Stamp, digests: Digests, taken: Nanoseconds) -> Self {
        Self {
            size: stamp.size,
            modified: stamp.modified,
            changed: stamp.changed,
            taken,
            digests,
        }
    }

    /// The digests, when the file is in the state in which they were taken, and had rested before.
    pub(super) fn digests_for(&self, stamp: &Stamp) -> Option<Digests> {
        let same = self.size == stamp.size
            && self.modified == stamp.modified
            && self.changed == stamp.changed;
        let rested = stamp.newest() + REST <= self.taken;
        (same && rested).then_some(self.digests)
    }

    pub(super) fn encode(&self) -> [u8; VALUE_LENGTH] {
        let mut value = [0; VALUE_LENGTH];
        value[..8].copy_from_slice(&self.size.to_le_bytes());
        value[8..24].copy_from_slice(&self.modified.to_le_bytes());
        value[24..40].copy_from_slice(&self.changed.to_le_bytes());
        value[40..56].copy_from_slice(&self.taken.to_le_bytes());
        value[56..88].copy_from_slice(self.digests.blake3.as_bytes());
        value[88..BODY_LENGTH].copy_from_slice(self.digests.sha256.as_bytes());
        let check = Crc64::of(&value[..BODY_LENGTH]).to_bytes();
        value[BODY_LENGTH..].copy_from_slice(&check);
        value
    }

    /// The record in these bytes, unless they were damaged.
    pub(super) fn decode(value: &[u8; VALUE_LENGTH]) -> Option<Self> {
        if Crc64::of(&value[..BODY_LENGTH]).to_bytes() != part::<8>(value, BODY_LENGTH) {
            return None;
        }
        Some(Self {
            size: u64::from_le_bytes(part(value, 0)),
            modified: i128::from_le_bytes(part(value, 8)),
            changed: i128::from_le_bytes(part(value, 24)),
            taken: i128::from_le_bytes(part(value, 40)),
            digests: Digests {
                blake3: Blake3Digest::from_bytes(part(value, 56)),
                sha256: Sha256Digest::from_bytes(part(value, 88)),
            },
        })
    }
}

fn part<const LENGTH: usize>(value: &[u8; VALUE_LENGTH], at: usize) -> [u8; LENGTH] {
    let mut part = [0; LENGTH];
    part.copy_from_slice(&value[at..at + LENGTH]);
    part
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECOND: Nanoseconds = 1_000_000_000;

    fn stamp() -> Stamp {
        Stamp {
            identity: Identity {
                device: 1,
                inode: 2,
            },
            size: 3,
            modified: 4 * SECOND,
            changed: 5 * SECOND,
        }
    }

    fn digests() -> Digests {
        Digests {
            blake3: Blake3Digest::from_bytes([6; 32]),
            sha256: Sha256Digest::from_bytes([7; 32]),
        }
    }

    #[test]
    fn a_record_survives_its_bytes() {
        let record = Record::new(&stamp(), digests(), -8);
        assert_eq!(Record::decode(&record.encode()), Some(record));
        let mut damaged = record.encode();
        damaged[60] ^= 1;
        assert_eq!(Record::decode(&damaged), None);
    }

    #[test]
    fn only_the_same_state_counts() {
        let record = Record::new(&stamp(), digests(), 100 * SECOND);
        assert_eq!(record.digests_for(&stamp()), Some(digests()));
        assert_eq!(record.digests_for(&Stamp { size: 4, ..stamp() }), None);
        assert_eq!(
            record.digests_for(&Stamp {
                modified: 0,
                ..stamp()
            }),
            None
        );
        assert_eq!(
            record.digests_for(&Stamp {
                changed: 0,
                ..stamp()
            }),
            None
        );
    }

    #[test]
    fn a_digest_taken_too_soon_after_a_write_is_not_believed() {
        let after = |nanoseconds| Record::new(&stamp(), digests(), 5 * SECOND + nanoseconds);
        assert_eq!(after(0).digests_for(&stamp()), None);
        assert_eq!(after(SECOND).digests_for(&stamp()), None);
        assert_eq!(after(-9 * SECOND).digests_for(&stamp()), None);
        assert_eq!(after(3 * SECOND).digests_for(&stamp()), Some(digests()));
    }
}

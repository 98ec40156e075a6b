//! What is known of a blob as a whole, and whether a file holds it.

use longshore_content::{Blake3Digest, BlockLayout, Digests, FileHasher, HashError};
use md5::{Digest, Md5};

/// What is known of a blob as a whole.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Proof {
    /// Both digests, as Longshore recorded them.
    Digests(Digests),
    /// The BLAKE3 that the names of its blocks make.
    Blake3(Blake3Digest),
    /// The MD5 that somebody stored.
    Md5([u8; 16]),
    /// Nothing.
    None,
}

/// What a file holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Whole {
    pub(super) digests: Digests,
    /// Taken only where it is asked for.
    md5: Option<[u8; 16]>,
}

impl Proof {
    /// Whether `whole` is the blob, as far as anybody can tell.
    pub(super) fn holds(&self, whole: &Whole) -> bool {
        match self {
            Self::Digests(digests) => *digests == whole.digests,
            Self::Blake3(digest) => *digest == whole.digests.blake3,
            Self::Md5(digest) => Some(*digest) == whole.md5,
            Self::None => true,
        }
    }

    /// Takes what this proof has to be compared with.
    pub(super) fn hasher(&self, layout: BlockLayout) -> WholeHasher {
        WholeHasher {
            hasher: FileHasher::new(layout),
            md5: matches!(self, Self::Md5(_)).then(Md5::new),
        }
    }
}

/// Takes the bytes of a file in order.
pub(super) struct WholeHasher {
    hasher: FileHasher,
    md5: Option<Md5>,
}

impl WholeHasher {
    pub(super) fn update(&mut self, bytes: &[u8]) -> Result<(), HashError> {
        if let Some(md5) = &mut self.md5 {
            md5.update(bytes);
        }
        self.hasher.update(bytes)
    }

    pub(super) fn finish(self) -> Result<Whole, HashError> {
        Ok(Whole {
            digests: self.hasher.finish()?.digests,
            md5: self.md5.map(|md5| md5.finalize().into()),
        })
    }
}

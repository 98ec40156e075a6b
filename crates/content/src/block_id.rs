//! The name of a block: what it holds and where it stands, in 33 bytes.

use std::fmt;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use blake3::hazmat::{ChainingValue, HasherExt};

use crate::layout::Block;

/// How a block was cut out of its file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum BlockKind {
    /// At a multiple of a fixed power of two: kind byte 0.
    Fixed,
}

/// Why some bytes are not the id of a Longshore block.
///
/// Not an error of the blob's: other tools name their blocks otherwise, and are right to do so.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("not a Longshore block id: {length} bytes, kind {kind:?}")]
pub struct BlockIdError {
    length: usize,
    kind: Option<u8>,
}

/// The id of a block: one kind byte, then the BLAKE3 subtree chaining value of the block's bytes at its offset.
///
/// The service wants every id of a blob to have one length, and takes up to 64 bytes; these have 33. Two blocks
/// share an id only when they hold the same bytes at the same offset, so staging one twice is harmless.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct BlockId([u8; Self::LENGTH]);

impl BlockId {
    /// The length of an id in bytes, before base64.
    pub const LENGTH: usize = 33;

    const FIXED: u8 = 0;

    /// The id of `bytes`, standing at `block` of their file.
    ///
    /// The block must be one of several: a file of a single block has no subtree, and goes up in one Put Blob.
    pub fn of(block: Block, bytes: &[u8]) -> Self {
        let mut hasher = blake3::Hasher::new();
        hasher.set_input_offset(block.offset);
        hasher.update(bytes);
        Self::from_chaining_value(hasher.finalize_non_root())
    }

    pub(crate) fn from_chaining_value(value: ChainingValue) -> Self {
        let mut id = [Self::FIXED; Self::LENGTH];
        id[1..].copy_from_slice(&value);
        Self(id)
    }

    pub(crate) fn chaining_value(&self) -> ChainingValue {
        let mut value = [0; 32];
        value.copy_from_slice(&self.0[1..]);
        value
    }

    /// How the block was cut.
    pub const fn kind(&self) -> BlockKind {
        BlockKind::Fixed
    }

    /// The 33 bytes, as they are given to the service before base64.
    pub const fn as_bytes(&self) -> &[u8; Self::LENGTH] {
        &self.0
    }
}

impl TryFrom<&[u8]> for BlockId {
    type Error = BlockIdError;

    fn try_from(bytes: &[u8]) -> Result<Self, BlockIdError> {
        match <[u8; Self::LENGTH]>::try_from(bytes) {
            Ok(id) if id[0] == Self::FIXED => Ok(Self(id)),
            _ => Err(BlockIdError {
                length: bytes.len(),
                kind: bytes.first().copied(),
            }),
        }
    }
}

impl fmt::Display for BlockId {
    /// Writes the base64 that the service shows.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&STANDARD.encode(self.0))
    }
}

impl fmt::Debug for BlockId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "BlockId({self})")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const BLOCK: Block = Block {
        index: 1,
        offset: 1024,
        length: 4,
    };

    #[test]
    fn an_id_depends_on_bytes_and_offset() {
        let id = BlockId::of(BLOCK, b"same");
        assert_eq!(id, BlockId::of(BLOCK, b"same"));
        assert_ne!(id, BlockId::of(BLOCK, b"else"));
        assert_ne!(
            id,
            BlockId::of(
                Block {
                    index: 2,
                    offset: 2048,
                    length: 4
                },
                b"same"
            )
        );
    }

    #[test]
    fn ids_of_other_tools_are_told_apart() {
        let id = BlockId::of(BLOCK, b"same");
        assert_eq!(BlockId::try_from(id.as_bytes().as_slice()), Ok(id));
        let foreign: [&[u8]; 4] = [b"", b"block-00000001", &[1; 33], &[0; 32]];
        for bytes in foreign {
            assert!(BlockId::try_from(bytes).is_err(), "{bytes:?}");
        }
    }
}

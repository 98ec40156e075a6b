//! Blocks as a store sees them: named by raw bytes, whoever staged them.

use std::fmt;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use longshore_content::{BlockId, BlockTree, TreeError};

use crate::ETag;

/// Why some bytes cannot name a block.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("a block id has 1 to 64 bytes, not {length}")]
pub struct BlockNameError {
    length: usize,
}

/// The id of a block as raw bytes, before base64: ours have 33 bytes, those of other tools up to 64.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct BlockName(Box<[u8]>);

impl BlockName {
    /// The block named by these bytes.
    ///
    /// # Errors
    ///
    /// [`BlockNameError`] unless there are 1 to 64 of them.
    pub fn new(bytes: impl Into<Box<[u8]>>) -> Result<Self, BlockNameError> {
        let bytes = bytes.into();
        match bytes.len() {
            1..=64 => Ok(Self(bytes)),
            length => Err(BlockNameError { length }),
        }
    }

    /// The raw bytes.
    pub fn as_bytes(&self) -> &[u8] {
        &self.0
    }

    /// The content that the name stands for, when Longshore staged the block.
    pub fn content_id(&self) -> Option<BlockId> {
        BlockId::try_from(self.as_bytes()).ok()
    }
}

impl From<BlockId> for BlockName {
    fn from(id: BlockId) -> Self {
        Self(id.as_bytes().as_slice().into())
    }
}

impl fmt::Display for BlockName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&STANDARD.encode(&self.0))
    }
}

impl fmt::Debug for BlockName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "BlockName({self})")
    }
}

/// A block of a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ListedBlock {
    /// Its id.
    pub name: BlockName,
    /// Its size in bytes.
    pub size: u64,
}

/// The blocks of a blob. A blob written by Put Blob has none.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct BlockList {
    /// Those that make up the blob, in its order.
    pub committed: Vec<ListedBlock>,
    /// Those that were staged and not committed yet, in no order.
    pub uncommitted: Vec<ListedBlock>,
    /// The version of the committed blob, when there is one.
    pub etag: Option<ETag>,
}

impl BlockList {
    /// The content that the committed blocks name.
    ///
    /// # Errors
    ///
    /// [`TreeError`] when the list is not one that Longshore committed.
    pub fn tree(&self) -> Result<BlockTree, TreeError> {
        BlockTree::from_list(
            self.committed
                .iter()
                .map(|block| (block.name.as_bytes(), block.size)),
        )
    }
}

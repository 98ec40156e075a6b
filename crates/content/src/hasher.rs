//! Both digests and all block ids of a file, in one read of it.

use blake3::hazmat::HasherExt;
use sha2::{Digest, Sha256};

use crate::{Blake3Digest, BlockId, BlockLayout, Digests, Sha256Digest, TreeError, root_of};

/// Why a file could not be hashed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum HashError {
    /// The bytes are not as many as the layout was made for: the file changed while it was read.
    #[error("read {read} bytes of a file of {expected}")]
    Length {
        /// The size that the layout was made for.
        expected: u64,
        /// How many bytes came.
        read: u64,
    },
    /// The blocks make no tree; never the case for ids that this hasher made.
    #[error(transparent)]
    Tree(#[from] TreeError),
}

/// What one read of a file tells.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FileContent {
    /// How the file is cut.
    pub layout: BlockLayout,
    /// Its two digests.
    pub digests: Digests,
    /// The ids of its blocks, in order; empty when the file goes up in one Put Blob.
    pub blocks: Vec<BlockId>,
}

/// Takes the bytes of a file in order, in pieces of any size.
#[derive(Debug)]
pub struct FileHasher {
    layout: BlockLayout,
    position: u64,
    sha256: Sha256,
    block: blake3::Hasher,
    blocks: Vec<BlockId>,
}

impl FileHasher {
    /// A hasher for a file that is cut as `layout` says.
    pub fn new(layout: BlockLayout) -> Self {
        Self {
            layout,
            position: 0,
            sha256: Sha256::new(),
            block: blake3::Hasher::new(),
            blocks: Vec::new(),
        }
    }

    /// Takes the next bytes.
    ///
    /// # Errors
    ///
    /// [`HashError::Length`] when there are more than the layout's file has.
    pub fn update(&mut self, mut bytes: &[u8]) -> Result<(), HashError> {
        let read = self.position + bytes.len() as u64;
        if read > self.layout.file_size() {
            return Err(HashError::Length {
                expected: self.layout.file_size(),
                read,
            });
        }
        self.sha256.update(bytes);
        while !bytes.is_empty() {
            let room = self.layout.block_size() - self.position % self.layout.block_size();
            let length = usize::try_from(room).map_or(bytes.len(), |room| room.min(bytes.len()));
            let (now, later) = bytes.split_at(length);
            self.block.update(now);
            self.position += length as u64;
            bytes = later;
            self.end_block();
        }
        Ok(())
    }

    /// The ids of the blocks that are complete so far.
    pub fn blocks(&self) -> &[BlockId] {
        &self.blocks
    }

    /// Ends the file.
    ///
    /// # Errors
    ///
    /// [`HashError::Length`] when bytes are missing.
    pub fn finish(self) -> Result<FileContent, HashError> {
        if self.position != self.layout.file_size() {
            return Err(HashError::Length {
                expected: self.layout.file_size(),
                read: self.position,
            });
        }
        let blake3 = if self.layout.is_single() {
            Blake3Digest::from_bytes(*self.block.finalize().as_bytes())
        } else {
            root_of(&self.layout, &self.blocks)?
        };
        let sha256 = Sha256Digest::from_bytes(self.sha256.finalize().into());
        Ok(FileContent {
            layout: self.layout,
            digests: Digests { blake3, sha256 },
            blocks: self.blocks,
        })
    }

    /// Closes the block that ends at the current position, if one does.
    fn end_block(&mut self) {
        let at_end = self.position == self.layout.file_size();
        let at_boundary = self.position.is_multiple_of(self.layout.block_size());
        if self.layout.is_single() || !(at_end || at_boundary) {
            return;
        }
        self.blocks
            .push(BlockId::from_chaining_value(self.block.finalize_non_root()));
        self.block = blake3::Hasher::new();
        if !at_end {
            self.block.set_input_offset(self.position);
        }
    }
}

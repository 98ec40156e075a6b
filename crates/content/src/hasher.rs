//! Both digests and all block ids of a file, in one read of it.
//!
//! The two digests cost very different amounts of time, and neither needs the other: a thread that reads can take the
//! block ids and leave SHA-256 to a second one, see [`FileHasher::in_two`].

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

/// So many bytes are taken through both digests before the next ones: they are still in the processor's cache then.
const AT_ONCE: usize = 64 << 10;

/// Takes the bytes of a file in order, in pieces of any size.
#[derive(Debug)]
pub struct FileHasher {
    tree: TreeHasher,
    stream: StreamHasher,
}

impl FileHasher {
    /// A hasher for a file that is cut as `layout` says.
    pub fn new(layout: BlockLayout) -> Self {
        let (tree, stream) = Self::in_two(layout);
        Self { tree, stream }
    }

    /// The same in two halves for two threads, each of which must be given all bytes;
    /// [`FileContent::of_halves`] puts together what they find.
    pub fn in_two(layout: BlockLayout) -> (TreeHasher, StreamHasher) {
        let stream = StreamHasher {
            read: 0,
            sha256: Sha256::new(),
        };
        (TreeHasher::new(layout), stream)
    }

    /// Takes the next bytes.
    ///
    /// # Errors
    ///
    /// [`HashError::Length`] when there are more than the layout's file has.
    pub fn update(&mut self, bytes: &[u8]) -> Result<(), HashError> {
        for piece in bytes.chunks(AT_ONCE) {
            self.tree.update(piece)?;
            self.stream.update(piece);
        }
        Ok(())
    }

    /// The ids of the blocks that are complete so far.
    pub fn blocks(&self) -> &[BlockId] {
        self.tree.blocks()
    }

    /// Ends the file.
    ///
    /// # Errors
    ///
    /// [`HashError::Length`] when bytes are missing.
    pub fn finish(self) -> Result<FileContent, HashError> {
        FileContent::of_halves(self.tree, self.stream)
    }
}

impl FileContent {
    /// What two hashers found that were each given all bytes of one file.
    ///
    /// # Errors
    ///
    /// [`HashError::Length`] when one of them misses bytes.
    pub fn of_halves(tree: TreeHasher, stream: StreamHasher) -> Result<Self, HashError> {
        let expected = tree.layout.file_size();
        if let Some(&read) = [tree.position, stream.read]
            .iter()
            .find(|read| **read != expected)
        {
            return Err(HashError::Length { expected, read });
        }
        let blake3 = if tree.layout.is_single() {
            Blake3Digest::from_bytes(*tree.block.finalize().as_bytes())
        } else {
            root_of(&tree.layout, &tree.blocks)?
        };
        let sha256 = Sha256Digest::from_bytes(stream.sha256.finalize().into());
        Ok(Self {
            layout: tree.layout,
            digests: Digests { blake3, sha256 },
            blocks: tree.blocks,
        })
    }
}

/// The half of a [`FileHasher`] that knows where it is: BLAKE3 and the ids of the blocks.
#[derive(Debug)]
pub struct TreeHasher {
    layout: BlockLayout,
    position: u64,
    block: blake3::Hasher,
    blocks: Vec<BlockId>,
}

impl TreeHasher {
    fn new(layout: BlockLayout) -> Self {
        Self {
            layout,
            position: 0,
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

/// The half of a [`FileHasher`] that only sees bytes go by: SHA-256.
#[derive(Debug)]
pub struct StreamHasher {
    read: u64,
    sha256: Sha256,
}

impl StreamHasher {
    /// Takes the next bytes.
    pub fn update(&mut self, bytes: &[u8]) {
        self.sha256.update(bytes);
        self.read += bytes.len() as u64;
    }
}

//! How a file is cut into blocks.

use std::num::NonZeroU64;

/// The most blocks that one block blob may hold once committed (Azure Blob Storage, scalability targets).
pub const MAX_BLOCKS: u64 = 50_000;

/// The size of a block unless the file is too large for it: 8 MiB.
///
/// Above the 4 MiB from which the service takes its high-throughput path, small enough that a changed byte costs
/// little.
pub const MIN_BLOCK_SIZE: u64 = 8 << 20;

/// The largest power of two within the service's 4,000 MiB a block.
const MAX_BLOCK_SIZE: u64 = 2 << 30;

/// Below one BLAKE3 chunk there is no subtree.
const CHUNK: u64 = blake3::CHUNK_LEN as u64;

/// Why a file has no layout.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum LayoutError {
    /// The file would need more than 50,000 blocks of the largest size.
    #[error("a file of {size} bytes is larger than a block blob can be")]
    TooLarge {
        /// The file's size in bytes.
        size: u64,
    },
    /// The block size is no power of two, or below 1 KiB.
    #[error("a block size is a power of two of at least {CHUNK} bytes, not {block_size}")]
    BlockSize {
        /// The size asked for, in bytes.
        block_size: u64,
    },
}

/// One block of a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Block {
    /// Its place among the blocks, from 0.
    pub index: u64,
    /// Where it starts in the file, in bytes.
    pub offset: u64,
    /// How many bytes it holds.
    pub length: u64,
}

/// How a file of one size is cut: blocks of a power of two, the last one shorter.
///
/// It depends on the size alone, so any machine cuts the same file in the same way.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct BlockLayout {
    file_size: u64,
    block_size: NonZeroU64,
}

impl BlockLayout {
    /// The layout of a file of `size` bytes: blocks of 8 MiB, doubled until at most 50,000 hold the file.
    ///
    /// # Errors
    ///
    /// [`LayoutError::TooLarge`] above 97 TiB.
    pub fn for_file(size: u64) -> Result<Self, LayoutError> {
        let mut block_size = MIN_BLOCK_SIZE;
        while size.div_ceil(block_size) > MAX_BLOCKS {
            block_size *= 2;
        }
        if block_size > MAX_BLOCK_SIZE {
            return Err(LayoutError::TooLarge { size });
        }
        Self::with_block_size(size, block_size)
    }

    /// The layout of a file of `size` bytes with blocks of `block_size` bytes; for tests and for lists found
    /// elsewhere.
    ///
    /// # Errors
    ///
    /// [`LayoutError::BlockSize`] when `block_size` is no power of two or below 1 KiB.
    pub fn with_block_size(size: u64, block_size: u64) -> Result<Self, LayoutError> {
        if !block_size.is_power_of_two() || block_size < CHUNK {
            return Err(LayoutError::BlockSize { block_size });
        }
        let block_size =
            NonZeroU64::new(block_size).ok_or(LayoutError::BlockSize { block_size })?;
        Ok(Self {
            file_size: size,
            block_size,
        })
    }

    /// The size of the file in bytes.
    pub const fn file_size(&self) -> u64 {
        self.file_size
    }

    /// The size of every block but the last, in bytes.
    pub const fn block_size(&self) -> u64 {
        self.block_size.get()
    }

    /// How many blocks there are; an empty file has none.
    pub const fn count(&self) -> u64 {
        self.file_size.div_ceil(self.block_size.get())
    }

    /// Whether the file goes up in one Put Blob, without a block list.
    pub const fn is_single(&self) -> bool {
        self.file_size <= self.block_size.get()
    }

    /// The block at `index`; empty beyond the last.
    pub fn block(&self, index: u64) -> Block {
        let offset = index.saturating_mul(self.block_size()).min(self.file_size);
        Block {
            index,
            offset,
            length: self.block_size().min(self.file_size - offset),
        }
    }

    /// All blocks, in order.
    pub fn blocks(&self) -> impl Iterator<Item = Block> + use<> {
        let layout = *self;
        (0..self.count()).map(move |index| layout.block(index))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn blocks_double_so_that_50_000_hold_the_file() {
        let full = MIN_BLOCK_SIZE * MAX_BLOCKS;
        for (size, block_size, count) in [
            (0, MIN_BLOCK_SIZE, 0),
            (1, MIN_BLOCK_SIZE, 1),
            (MIN_BLOCK_SIZE, MIN_BLOCK_SIZE, 1),
            (MIN_BLOCK_SIZE + 1, MIN_BLOCK_SIZE, 2),
            (full, MIN_BLOCK_SIZE, MAX_BLOCKS),
            (full + 1, MIN_BLOCK_SIZE * 2, 25_001),
            (MAX_BLOCK_SIZE * MAX_BLOCKS, MAX_BLOCK_SIZE, MAX_BLOCKS),
        ] {
            let layout = BlockLayout::for_file(size).unwrap();
            assert_eq!(
                (layout.block_size(), layout.count()),
                (block_size, count),
                "{size}"
            );
        }
        let size = MAX_BLOCK_SIZE * MAX_BLOCKS + 1;
        assert_eq!(
            BlockLayout::for_file(size),
            Err(LayoutError::TooLarge { size })
        );
    }

    #[test]
    fn blocks_cover_the_file_without_gap() {
        for size in [0, 1, 1023, 1024, 1025, 4096, 5000] {
            let layout = BlockLayout::with_block_size(size, 1024).unwrap();
            let mut end = 0;
            for block in layout.blocks() {
                assert_eq!(block.offset, end);
                assert!(block.length > 0);
                end += block.length;
            }
            assert_eq!(end, size);
        }
    }

    #[test]
    fn only_powers_of_two_are_block_sizes() {
        for block_size in [0, 1, 512, 1000, 3 << 20] {
            assert_eq!(
                BlockLayout::with_block_size(9, block_size),
                Err(LayoutError::BlockSize { block_size })
            );
        }
    }
}

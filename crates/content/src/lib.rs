//! What bytes are: digests, blocks and block ids.
//!
//! Longshore decides by content, never by time, and this crate is where content gets its names:
//!
//! - [`Blake3Digest`] and [`Sha256Digest`], both taken in one read by [`FileHasher`];
//! - [`BlockLayout`], how a file is cut into the blocks of a block blob;
//! - [`BlockId`], the name of a block: one kind byte and the block's BLAKE3 subtree chaining value;
//! - [`root_of`] and [`BlockTree`], which merge block ids into the file's BLAKE3, so that a block list alone tells
//!   which content it names;
//! - [`Crc64`], the checksum that travels with each request.
//!
//! The crate is pure: it knows no network, no disk, no clock and no async runtime.
//!
//! ```
//! use longshore_content::{BlockLayout, FileHasher, root_of};
//!
//! let bytes = vec![7u8; 20 << 20];
//! let layout = BlockLayout::for_file(bytes.len() as u64)?;
//! let mut hasher = FileHasher::new(layout);
//! hasher.update(&bytes)?;
//! let content = hasher.finish()?;
//!
//! assert_eq!(content.blocks.len(), 3);
//! assert_eq!(content.digests.blake3.as_bytes(), blake3::hash(&bytes).as_bytes());
//! assert_eq!(root_of(&layout, &content.blocks)?, content.digests.blake3);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod block_id;
mod crc;
mod digest;
mod hasher;
mod layout;
mod tree;

pub use block_id::{BlockId, BlockIdError, BlockKind};
pub use crc::Crc64;
pub use digest::{Blake3Digest, DigestError, Digests, Sha256Digest};
pub use hasher::{FileContent, FileHasher, HashError, StreamHasher, TreeHasher};
pub use layout::{Block, BlockLayout, LayoutError, MAX_BLOCKS, MIN_BLOCK_SIZE};
pub use tree::{BlockTree, TreeError, root_of};

//! From block ids to the file's BLAKE3: a block list is a Merkle tree whose leaves are the blocks.

use blake3::hazmat::{ChainingValue, Mode, merge_subtrees_non_root, merge_subtrees_root};

use crate::{Blake3Digest, BlockId, BlockIdError, BlockLayout};

/// Why block ids do not make a tree.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TreeError {
    /// A file of one block or none has no tree: its digest is that of its bytes.
    #[error("a list of {count} blocks is no tree: it takes at least two")]
    TooFew {
        /// How many there are.
        count: usize,
    },
    /// The number of ids is not the layout's.
    #[error("{found} block ids where the layout has {expected} blocks")]
    Count {
        /// How many the layout has.
        expected: u64,
        /// How many ids were given.
        found: usize,
    },
    /// A block was named by another tool.
    #[error("block {index} was named by another tool")]
    Foreign {
        /// The block's place, from 0.
        index: usize,
        /// What is wrong with its id.
        #[source]
        source: BlockIdError,
    },
    /// The sizes are not those of a Longshore layout, so the list was mixed or cut.
    #[error("block {index} has {size} bytes, which no layout gives it")]
    Size {
        /// The block's place, from 0.
        index: usize,
        /// Its size in bytes.
        size: u64,
    },
}

/// The BLAKE3 of the file whose blocks have these ids.
///
/// # Errors
///
/// [`TreeError::TooFew`] below two blocks, [`TreeError::Count`] when there are more or fewer ids than blocks.
pub fn root_of(layout: &BlockLayout, ids: &[BlockId]) -> Result<Blake3Digest, TreeError> {
    if ids.len() as u64 != layout.count() {
        return Err(TreeError::Count {
            expected: layout.count(),
            found: ids.len(),
        });
    }
    let Some((left, right)) = split(ids) else {
        return Err(TreeError::TooFew { count: ids.len() });
    };
    let root = merge_subtrees_root(&subtree(left), &subtree(right), Mode::Hash);
    Ok(Blake3Digest::from_bytes(*root.as_bytes()))
}

fn subtree(ids: &[BlockId]) -> ChainingValue {
    match split(ids) {
        Some((left, right)) => merge_subtrees_non_root(&subtree(left), &subtree(right), Mode::Hash),
        None => ids.first().map_or([0; 32], BlockId::chaining_value),
    }
}

/// BLAKE3's rule: the left subtree is the largest power of two that leaves something for the right one.
fn split(ids: &[BlockId]) -> Option<(&[BlockId], &[BlockId])> {
    (ids.len() > 1).then(|| ids.split_at(ids.len().next_power_of_two() / 2))
}

/// What a committed block list says of the content, without a byte of it being read.
///
/// It proves which content the list *names*: a list that was mixed, cut or rewritten by another tool shows. That the
/// bytes behind each id are the right ones is for the one who staged them, or for a deep verification.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BlockTree {
    /// How the file was cut.
    pub layout: BlockLayout,
    /// The blocks, in order.
    pub ids: Vec<BlockId>,
    /// The file's BLAKE3.
    pub root: Blake3Digest,
}

impl BlockTree {
    /// Reads a block list: ids as raw bytes, sizes in bytes, in the order of the blob.
    ///
    /// # Errors
    ///
    /// [`TreeError::TooFew`] below two blocks, [`TreeError::Foreign`] for an id of another tool,
    /// [`TreeError::Size`] for a size that no layout gives.
    pub fn from_list<'a>(
        list: impl IntoIterator<Item = (&'a [u8], u64)>,
    ) -> Result<Self, TreeError> {
        let mut ids = Vec::new();
        let mut sizes = Vec::new();
        for (index, (name, size)) in list.into_iter().enumerate() {
            ids.push(
                BlockId::try_from(name).map_err(|source| TreeError::Foreign { index, source })?,
            );
            sizes.push(size);
        }
        let layout = layout_of(&sizes)?;
        let root = root_of(&layout, &ids)?;
        Ok(Self { layout, ids, root })
    }
}

fn layout_of(sizes: &[u64]) -> Result<BlockLayout, TreeError> {
    let [block_size, .., last] = *sizes else {
        return Err(TreeError::TooFew { count: sizes.len() });
    };
    let layout = BlockLayout::with_block_size(sizes.iter().sum(), block_size).map_err(|_| {
        TreeError::Size {
            index: 0,
            size: block_size,
        }
    })?;
    let full = &sizes[..sizes.len() - 1];
    if let Some(index) = full.iter().position(|&size| size != block_size) {
        return Err(TreeError::Size {
            index,
            size: full[index],
        });
    }
    if last == 0 || last > block_size {
        return Err(TreeError::Size {
            index: full.len(),
            size: last,
        });
    }
    Ok(layout)
}

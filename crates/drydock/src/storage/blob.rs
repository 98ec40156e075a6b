//! What the index holds of a blob.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::SystemTime;

use super::attributes::Attributes;
use super::lease::{Holding, Lease};
use super::stamp::Stamp;
use super::vault::Extent;

/// A block id, decoded: at most 64 bytes.
pub(crate) type BlockId = Box<[u8]>;

/// A blob as readers see it. It never changes: a write puts another one in its place.
#[derive(Debug)]
pub(crate) struct Blob {
    /// When the name was first written.
    pub(crate) created: Stamp,
    /// When content, properties or metadata were last written.
    pub(crate) modified: Stamp,
    /// The sum of the content's pieces.
    pub(crate) length: u64,
    /// Properties and metadata.
    pub(crate) attributes: Attributes,
    /// The bytes; shared with the blob that this one was before its properties changed.
    pub(crate) content: Content,
}

/// The bytes of a blob.
#[derive(Debug, Clone)]
pub(crate) enum Content {
    /// No bytes and no blocks.
    Empty,
    /// Written in one piece: there is no block list.
    Whole(Arc<Extent>),
    /// Several pieces and no block list, as a copy of a blob of blocks has them.
    Joined(Arc<[Arc<Extent>]>),
    /// Committed from blocks.
    Blocks(Arc<[Block]>),
}

/// One entry of a block list.
#[derive(Debug, Clone)]
pub(crate) struct Block {
    /// Chosen by the client.
    pub(crate) id: BlockId,
    /// The bytes; none for an empty block, which the service refuses.
    pub(crate) extent: Arc<Extent>,
}

impl Content {
    /// Content without a block list.
    pub(crate) fn plain(mut extents: Vec<Arc<Extent>>) -> Self {
        match extents.len() {
            0 => Self::Empty,
            1 => Self::Whole(extents.remove(0)),
            _ => Self::Joined(extents.into()),
        }
    }

    /// The committed block list.
    pub(crate) fn blocks(&self) -> &[Block] {
        match self {
            Self::Blocks(blocks) => blocks,
            Self::Empty | Self::Whole(_) | Self::Joined(_) => &[],
        }
    }

    /// The extents in order.
    pub(crate) fn extents(&self) -> Vec<Arc<Extent>> {
        match self {
            Self::Empty => Vec::new(),
            Self::Whole(extent) => vec![Arc::clone(extent)],
            Self::Joined(extents) => extents.to_vec(),
            Self::Blocks(blocks) => blocks
                .iter()
                .map(|block| Arc::clone(&block.extent))
                .collect(),
        }
    }
}

/// Blocks that were put and not committed.
#[derive(Debug)]
pub(crate) struct Staged {
    /// By id, in the order in which the service lists them.
    pub(crate) blocks: BTreeMap<BlockId, Arc<Extent>>,
    /// When the last block came: a week later they are forgotten.
    pub(crate) touched: Stamp,
}

/// Everything under one name.
#[derive(Debug, Default)]
pub(crate) struct Entry {
    /// What readers see.
    pub(crate) committed: Option<Arc<Blob>>,
    /// What waits for a commit.
    pub(crate) staged: Option<Box<Staged>>,
    /// Who alone may write, even if that time is over.
    pub(crate) lease: Option<Box<Lease>>,
}

/// What a write finds under its name.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Standing<'a> {
    /// The blob, if one was committed.
    pub(crate) blob: Option<&'a Blob>,
    /// Its lease at this moment.
    pub(crate) holding: Holding<'a>,
}

/// A blob as it was read, and its lease at that moment.
#[derive(Debug)]
pub(crate) struct Sighting {
    /// The blob.
    pub(crate) blob: Arc<Blob>,
    lease: Option<Box<Lease>>,
    at: SystemTime,
}

impl Sighting {
    /// A blob and its lease at `at`.
    pub(crate) fn new(blob: Arc<Blob>, lease: Option<Box<Lease>>, at: SystemTime) -> Self {
        Self { blob, lease, at }
    }

    /// The lease at that moment.
    pub(crate) fn holding(&self) -> Holding<'_> {
        Holding::new(self.lease.as_deref(), self.at)
    }
}

impl Entry {
    /// The length of the block ids in use, committed or not: all have the same.
    pub(crate) fn id_length(&self) -> Option<usize> {
        let staged = self
            .staged
            .as_ref()
            .and_then(|staged| staged.blocks.keys().next());
        let committed = self
            .committed
            .as_ref()
            .and_then(|blob| blob.content.blocks().first().map(|block| &block.id));
        staged.or(committed).map(|id| id.len())
    }

    /// Adds a block, and gives back the one that had its id.
    pub(crate) fn stage(
        &mut self,
        at: Stamp,
        id: BlockId,
        extent: Arc<Extent>,
    ) -> Option<Arc<Extent>> {
        let staged = self.staged.get_or_insert_with(|| {
            Box::new(Staged {
                blocks: BTreeMap::new(),
                touched: at,
            })
        });
        staged.touched = at;
        staged.blocks.insert(id, extent)
    }
}

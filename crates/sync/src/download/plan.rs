//! How a blob is cut on its way down, and what each range is checked against.

use std::ops::Range;

use longshore_content::{BlockId, BlockLayout, BlockTree, LayoutError, MIN_BLOCK_SIZE};
use longshore_store::MAX_CHECKED_RANGE;

use super::Download;
use super::proof::Proof;

/// Sizes that decide how a blob travels; smaller in tests.
#[derive(Debug, Clone, Copy)]
pub(super) struct Cut {
    /// Up to so many bytes come in one answer.
    pub(super) single: u64,
    /// The size of a range, unless the blob's own blocks are larger.
    pub(super) range: u64,
    /// The size of a range that the service tells the checksum of.
    pub(super) checked: u64,
    /// Blocks above this are not held in memory whole, so they are not checked one by one.
    pub(super) largest: u64,
    /// After so many bytes it is noted what is there.
    pub(super) flush: u64,
}

impl Default for Cut {
    fn default() -> Self {
        Self {
            single: MIN_BLOCK_SIZE,
            range: MIN_BLOCK_SIZE,
            checked: MAX_CHECKED_RANGE,
            largest: 8 * MIN_BLOCK_SIZE,
            flush: 8 * MIN_BLOCK_SIZE,
        }
    }
}

impl Cut {
    /// Whether the blob comes in one answer.
    pub(super) fn is_single(&self, download: &Download) -> bool {
        let most = match Proof::of(download, None) {
            Proof::None => self.single.min(self.checked),
            _ => self.single,
        };
        download.size <= most
    }
}

/// Why a blob cannot be received.
#[derive(Debug)]
pub(super) enum PlanError {
    /// The list of its blocks contradicts the digest in its metadata.
    Contradiction,
    /// It is larger than a blob of ours can be.
    TooLarge,
}

impl From<LayoutError> for PlanError {
    fn from(_: LayoutError) -> Self {
        Self::TooLarge
    }
}

/// How one blob is cut and checked.
#[derive(Debug)]
pub(super) struct Plan {
    pub(super) layout: BlockLayout,
    pub(super) proof: Proof,
    /// The size of every range but the last.
    pub(super) range: u64,
    /// The names of the blob's blocks, where each is checked against its own.
    ids: Option<Vec<BlockId>>,
}

impl Proof {
    /// The strongest that is known.
    pub(super) fn of(download: &Download, tree: Option<&BlockTree>) -> Self {
        match (download.digests, tree, download.content_md5) {
            (Some(digests), _, _) => Self::Digests(digests),
            (None, Some(tree), _) => Self::Blake3(tree.root),
            (None, None, Some(md5)) => Self::Md5(md5),
            (None, None, None) => Self::None,
        }
    }
}

impl Plan {
    /// The plan for a blob that is made of the blocks of `tree`, if they are ours.
    pub(super) fn new(
        download: &Download,
        tree: Option<BlockTree>,
        cut: &Cut,
    ) -> Result<Self, PlanError> {
        let tree = tree.filter(|tree| tree.layout.file_size() == download.size);
        if let (Some(tree), Some(digests)) = (&tree, &download.digests)
            && tree.root != digests.blake3
        {
            return Err(PlanError::Contradiction);
        }
        let proof = Proof::of(download, tree.as_ref());
        match tree {
            Some(tree) if tree.layout.block_size() <= cut.largest => {
                let block = tree.layout.block_size();
                Ok(Self {
                    layout: tree.layout,
                    proof,
                    range: block.max(cut.range / block * block),
                    ids: Some(tree.ids),
                })
            }
            _ => Ok(Self {
                layout: BlockLayout::for_file(download.size)?,
                proof,
                range: match proof {
                    Proof::None => cut.checked,
                    _ => cut.range,
                },
                ids: None,
            }),
        }
    }

    /// How many ranges there are.
    pub(super) fn count(&self) -> u64 {
        self.layout.file_size().div_ceil(self.range)
    }

    /// The bytes of a range.
    pub(super) fn bytes(&self, index: u64) -> Range<u64> {
        let size = self.layout.file_size();
        let start = index.saturating_mul(self.range).min(size);
        start..start.saturating_add(self.range).min(size)
    }

    /// How many bytes a range has.
    pub(super) fn length(&self, index: u64) -> u64 {
        let bytes = self.bytes(index);
        bytes.end - bytes.start
    }

    /// Whether the service is to tell the checksum of each range.
    pub(super) fn wants_checksums(&self) -> bool {
        self.proof == Proof::None
    }

    /// Whether these are the bytes of a range, as far as its own blocks can tell.
    pub(super) fn is_right(&self, index: u64, bytes: &[u8]) -> bool {
        let Some(ids) = &self.ids else {
            return true;
        };
        let range = self.bytes(index);
        let first = range.start / self.layout.block_size();
        let mut rest = bytes;
        for place in first..range.end.div_ceil(self.layout.block_size()) {
            let block = self.layout.block(place);
            let id = usize::try_from(place).ok().and_then(|place| ids.get(place));
            let length = usize::try_from(block.length).ok();
            let Some((now, later)) = length.and_then(|length| rest.split_at_checked(length)) else {
                return false;
            };
            if id != Some(&BlockId::of(block, now)) {
                return false;
            }
            rest = later;
        }
        rest.is_empty()
    }
}

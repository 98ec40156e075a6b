//! The calls of a store by name, for those who count or disturb them.

/// A call of a [`BlobStore`](crate::BlobStore).
///
/// `copy_source` is none: it sends nothing, so it is neither counted nor disturbed nor does it wait for a turn.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Operation {
    /// `create_container`.
    CreateContainer,
    /// `listing_order`.
    ListingOrder,
    /// One page of `list_pages`; the end of a listing counts as none.
    ListPage,
    /// `properties`.
    Properties,
    /// `get`.
    Get,
    /// `put`.
    Put,
    /// `stage_block`.
    StageBlock,
    /// `commit_blocks`.
    CommitBlocks,
    /// `block_list`.
    BlockList,
    /// `set_metadata`.
    SetMetadata,
    /// `delete`.
    Delete,
    /// `put_from`.
    PutFrom,
    /// `stage_block_from`.
    StageBlockFrom,
    /// `delete_batch`.
    DeleteBatch,
}

impl Operation {
    /// All of them.
    pub const ALL: [Self; 14] = [
        Self::CreateContainer,
        Self::ListingOrder,
        Self::ListPage,
        Self::Properties,
        Self::Get,
        Self::Put,
        Self::StageBlock,
        Self::CommitBlocks,
        Self::BlockList,
        Self::SetMetadata,
        Self::Delete,
        Self::PutFrom,
        Self::StageBlockFrom,
        Self::DeleteBatch,
    ];

    /// Whether it changes a blob.
    pub const fn is_write(self) -> bool {
        matches!(
            self,
            Self::Put
                | Self::StageBlock
                | Self::CommitBlocks
                | Self::SetMetadata
                | Self::Delete
                | Self::PutFrom
                | Self::StageBlockFrom
                | Self::DeleteBatch
        )
    }

    pub(super) const fn index(self) -> usize {
        self as usize
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn indexes_are_places_in_the_list_of_all() {
        for (index, operation) in Operation::ALL.into_iter().enumerate() {
            assert_eq!(operation.index(), index);
        }
    }
}

//! A blob that the service writes on its own. It must not know what the bytes are.

use futures::{StreamExt as _, TryStreamExt as _};
use longshore_content::BlockLayout;
use longshore_store::{BlobName, BlobStore, BlockName, CopySource, WriteOptions};
use longshore_sync::Cancel;

use super::halt::Halt;
use crate::ItemError;

/// How many blocks of a file the service is asked for at once.
const BLOCKS: usize = 8;

/// One blob.
pub(super) struct Copy<'a> {
    pub(super) store: &'a dyn BlobStore,
    pub(super) cancel: &'a Cancel,
    pub(super) to: &'a BlobName,
    pub(super) source: &'a CopySource,
    pub(super) options: WriteOptions,
}

impl Copy<'_> {
    /// In one request; the blob has no block list.
    pub(super) async fn whole(self) -> Result<(), Halt> {
        self.store
            .put_from(self.to, self.source, self.options)
            .await?;
        Ok(())
    }

    /// Block by block, under these names.
    pub(super) async fn by_blocks(
        self,
        layout: &BlockLayout,
        names: &[BlockName],
    ) -> Result<(), Halt> {
        futures::stream::iter(layout.blocks().zip(names))
            .map(|(block, name)| async move {
                if self.cancel.is_draining() {
                    return Err(Halt::Item(ItemError::Stopped));
                }
                let range = block.offset..block.offset + block.length;
                let staged = self
                    .store
                    .stage_block_from(self.to, name, self.source, range);
                Ok(staged.await?)
            })
            .buffer_unordered(BLOCKS)
            .try_collect::<()>()
            .await?;
        self.store
            .commit_blocks(self.to, names, self.options)
            .await?;
        Ok(())
    }
}

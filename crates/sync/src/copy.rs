//! Copies that the service makes on its own, so that no byte passes through here.
//!
//! A blob of one block is copied whole (Put Blob From URL). A larger one is copied block by block under the same ids
//! (Put Block From URL), because a whole copy has no block list: it could neither be verified cheaply nor be changed
//! block by block. What was staged of such a copy is used by the next try, like that of an upload.

use std::collections::HashSet;
use std::ops::Range;
use std::sync::Arc;

use futures::{StreamExt, TryStreamExt};
use longshore_content::{BlockTree, MIN_BLOCK_SIZE};
use longshore_store::{
    BLAKE3_KEY, BlobName, BlobStore, BlockListKind, BlockName, Condition, CopySource, ListedBlob,
    MAX_PUT_FROM, Metadata, SHA256_KEY, StoreError, WriteOptions,
};

use crate::ItemError;
use crate::context::Context;
use crate::upload::settle;

/// So many blocks of one copy are asked for at once.
const BLOCKS: usize = 16;

/// What stands before the digests of a backup, so that it counts neither as staged nor as something to delete.
const BACKUP_KEY: &str = "longshore_backup_";

/// One copy.
#[derive(Debug)]
pub(crate) struct Copy<'a> {
    pub(crate) store: &'a Arc<dyn BlobStore>,
    pub(crate) from: &'a ListedBlob,
    pub(crate) to: &'a BlobName,
    pub(crate) options: WriteOptions,
    /// Whether a large blob that has no list of ours may be copied whole.
    pub(crate) may_lose_blocks: bool,
}

impl Copy<'_> {
    /// Makes it. [`StoreError::CopyRefused`] and [`StoreError::SourceChanged`]: send the bytes instead.
    pub(crate) async fn run(self, context: &Arc<Context>) -> Result<(), StoreError> {
        let name = BlobName::new(self.from.name.as_str())?;
        let source = self.store.copy_source(&name, self.from.etag.as_ref());
        let source = source.await?;
        if self.from.size <= MIN_BLOCK_SIZE {
            return self.whole(context, &source).await;
        }
        match self.tree(context, &name).await? {
            Some(tree) => self.by_blocks(context, &source, &tree).await,
            None if self.may_lose_blocks && self.from.size <= MAX_PUT_FROM => {
                self.whole(context, &source).await
            }
            None => Err(self.refused()),
        }
    }

    fn refused(&self) -> StoreError {
        StoreError::CopyRefused {
            name: self.to.clone(),
            cause: None,
        }
    }

    /// The blocks of the source, when their ids prove what it is said to hold.
    async fn tree(
        &self,
        context: &Context,
        name: &BlobName,
    ) -> Result<Option<BlockTree>, StoreError> {
        let _pass = context.requests.pass().await;
        let list = match self.store.block_list(name, BlockListKind::Committed).await {
            Err(StoreError::NotFound { .. }) => {
                let name = self.to.clone();
                return Err(StoreError::SourceChanged { name });
            }
            list => list?,
        };
        Ok(list.tree().ok().filter(|tree| {
            tree.layout.file_size() == self.from.size
                && self
                    .from
                    .digests
                    .is_none_or(|digests| digests.blake3 == tree.root)
        }))
    }

    async fn whole(self, context: &Context, source: &CopySource) -> Result<(), StoreError> {
        let pass = context.requests.pass().await;
        let outcome = context
            .store
            .put_from(self.to, source, self.options.clone())
            .await;
        pass.done(self.from.size, &outcome);
        self.settle(context, outcome).await
    }

    async fn by_blocks(
        self,
        context: &Arc<Context>,
        source: &CopySource,
        tree: &BlockTree,
    ) -> Result<(), StoreError> {
        let held = self.held(context).await?;
        let names: Vec<BlockName> = tree.ids.iter().map(|&id| id.into()).collect();
        let missing: Vec<(Range<u64>, BlockName)> = tree
            .layout
            .blocks()
            .zip(names.iter().cloned())
            .map(|(block, name)| (block.offset..block.offset + block.length, name))
            .filter(|(_, name)| !held.contains(name))
            .collect();
        let staging = futures::stream::iter(missing)
            .map(|(range, block)| stage(context, (self.to, source), block, range))
            .buffer_unordered(BLOCKS);
        staging.try_collect::<()>().await?;
        let _pass = context.requests.pass().await;
        let outcome = context
            .store
            .commit_blocks(self.to, &names, self.options.clone())
            .await;
        self.settle(context, outcome).await
    }

    /// The blocks that the target has already.
    async fn held(&self, context: &Context) -> Result<HashSet<BlockName>, StoreError> {
        let _pass = context.requests.pass().await;
        let list = match context.store.block_list(self.to, BlockListKind::All).await {
            Err(StoreError::NotFound { .. }) => return Ok(HashSet::new()),
            list => list?,
        };
        let blocks = list.committed.into_iter().chain(list.uncommitted);
        Ok(blocks.map(|block| block.name).collect())
    }

    /// Takes the outcome of the write that makes the copy visible; a lost answer is recognised by reading.
    async fn settle<T>(
        self,
        context: &Context,
        outcome: Result<T, StoreError>,
    ) -> Result<(), StoreError> {
        match self.options.metadata.digests() {
            Some(digests) => {
                let expect = (&digests, self.from.size);
                settle(&*context.store, self.to, expect, outcome).await
            }
            None => outcome.map(drop),
        }
    }
}

async fn stage(
    context: &Context,
    (to, source): (&BlobName, &CopySource),
    block: BlockName,
    range: Range<u64>,
) -> Result<(), StoreError> {
    let pass = context.requests.pass().await;
    if context.is_stopping() {
        return Err(stopped(to));
    }
    let size = range.end - range.start;
    let outcome = context
        .store
        .stage_block_from(to, &block, source, range)
        .await;
    pass.done(size, &outcome);
    outcome
}

/// The run is being stopped: nobody looks at this error.
fn stopped(name: &BlobName) -> StoreError {
    StoreError::CopyRefused {
        name: name.clone(),
        cause: None,
    }
}

/// Keeps a copy of a blob that is about to be written over or deleted, where that was asked for.
pub(crate) async fn back_up(
    context: &Arc<Context>,
    name: &BlobName,
    condition: &Condition,
) -> Result<(), ItemError> {
    let (Some(prefix), Condition::Matches(_)) = (&context.backup_to, condition) else {
        return Ok(());
    };
    let backup = async {
        let there = context.store.properties(name).await?;
        let from = ListedBlob {
            name: name.to_string(),
            size: there.size,
            etag: Some(there.etag.clone()),
            last_modified: None,
            digests: there.metadata.digests(),
            content_md5: None,
            is_directory: false,
        };
        let copy = Copy {
            store: &context.store,
            from: &from,
            to: &BlobName::new(format!("{prefix}{name}"))?,
            options: WriteOptions {
                condition: Condition::Absent,
                content_type: there.content_type,
                metadata: set_aside(&there.metadata),
            },
            may_lose_blocks: true,
        };
        copy.run(context).await
    };
    let outcome = backup.await;
    outcome.map_err(|cause| ItemError::BackUp {
        name: name.to_string(),
        cause,
    })
}

/// The metadata of a backup: our digests under other keys.
fn set_aside(metadata: &Metadata) -> Metadata {
    metadata
        .iter()
        .map(|(key, value)| {
            let ours = key == BLAKE3_KEY || key == SHA256_KEY;
            let bare = key.strip_prefix("longshore_").filter(|_| ours);
            let key = bare.map_or_else(|| key.to_owned(), |bare| format!("{BACKUP_KEY}{bare}"));
            (key, value.to_owned())
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_backup_says_what_it_holds_and_is_not_ours_to_delete() {
        let pairs = [(BLAKE3_KEY, "aa"), (SHA256_KEY, "bb"), ("owner", "cc")];
        let metadata: Metadata = pairs
            .map(|(k, v)| (k.to_owned(), v.to_owned()))
            .into_iter()
            .collect();
        let aside = set_aside(&metadata);
        assert_eq!(aside.get(BLAKE3_KEY), None);
        assert_eq!(aside.get("longshore_backup_blake3"), Some("aa"));
        assert_eq!(aside.get("longshore_backup_sha256"), Some("bb"));
        assert_eq!(aside.get("owner"), Some("cc"));
    }
}

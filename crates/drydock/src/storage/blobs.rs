//! Writing, reading and deleting blobs and their blocks.

use std::collections::HashMap;
use std::sync::{Arc, MutexGuard};
use std::time::SystemTime;

use super::attributes::Attributes;
use super::blob::{Blob, Block, BlockId, Content, Entry, Standing};
use super::lease::Holding;
use super::record::{BlockRecord, ContentRecord, Head, Record};
use super::vault::Extent;
use super::{State, Store};
use crate::failure::{Code, Outcome};

/// At most this many uncommitted blocks a blob.
const MAX_STAGED: usize = 100_000;

/// A blob's place: container and name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct BlobAddress {
    pub(crate) container: String,
    pub(crate) name: String,
}

/// Where a block list looks for a block.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum BlockChoice {
    /// Among the committed blocks.
    Committed,
    /// Among the uncommitted blocks.
    Uncommitted,
    /// Among the uncommitted blocks first, then among the committed.
    Latest,
}

/// One entry of a Put Block List.
#[derive(Debug)]
pub(crate) struct NamedBlock {
    pub(crate) choice: BlockChoice,
    pub(crate) id: BlockId,
}

/// The block lists of a blob.
#[derive(Debug)]
pub(crate) struct BlockLists {
    /// The blob, if it was ever committed.
    pub(crate) blob: Option<Arc<Blob>>,
    /// Ids and sizes, in the order of the content.
    pub(crate) committed: Vec<(BlockId, u64)>,
    /// Ids and sizes, in the order of the ids.
    pub(crate) uncommitted: Vec<(BlockId, u64)>,
}

impl Store {
    /// Writes a blob in one piece; what was staged under its name is gone.
    pub(crate) fn put_blob(
        &self,
        address: &BlobAddress,
        attributes: Attributes,
        content: Content,
        check: impl FnOnce(Standing<'_>) -> Outcome<()>,
    ) -> Outcome<Arc<Blob>> {
        let state = self.state();
        check(state.standing(address, self.lease_time.now())?)?;
        self.commit(state, address, attributes, content)
    }

    /// Stages a block.
    pub(crate) fn put_block(
        &self,
        address: &BlobAddress,
        id: BlockId,
        extent: Arc<Extent>,
        check: impl FnOnce(Standing<'_>) -> Outcome<()>,
    ) -> Outcome<()> {
        let mut state = self.state();
        check(state.standing(address, self.lease_time.now())?)?;
        let blobs = &state.container(&address.container)?.blobs;
        if let Some(entry) = blobs.get(address.name.as_str()) {
            admit(entry, &id)?;
        }
        let at = self.clock.now();
        state.journal.append(&Record::Block {
            container: (&address.container).into(),
            name: (&address.name).into(),
            at,
            block: block_record(&id, &extent),
        })?;
        let replaced = match state.containers.get_mut(&address.container) {
            Some(container) => {
                let entry = container.blobs.entry(address.name.as_str().into());
                entry.or_default().stage(at, id, extent)
            }
            None => None,
        };
        drop(state);
        drop(replaced);
        Ok(())
    }

    /// Makes a blob of blocks; all others are gone.
    pub(crate) fn put_block_list(
        &self,
        address: &BlobAddress,
        attributes: Attributes,
        list: &[NamedBlock],
        check: impl FnOnce(Standing<'_>) -> Outcome<()>,
    ) -> Outcome<Arc<Blob>> {
        let state = self.state();
        check(state.standing(address, self.lease_time.now())?)?;
        let blobs = &state.container(&address.container)?.blobs;
        let blocks = resolve(blobs.get(address.name.as_str()), list)?;
        self.commit(state, address, attributes, Content::Blocks(blocks.into()))
    }

    fn commit(
        &self,
        mut state: MutexGuard<'_, State>,
        address: &BlobAddress,
        attributes: Attributes,
        content: Content,
    ) -> Outcome<Arc<Blob>> {
        let before = state.blob(address)?;
        let modified = self.clock.now();
        let blob = Arc::new(Blob {
            created: before.map_or(modified, |before| before.created),
            modified,
            length: content.extents().iter().map(|extent| extent.length()).sum(),
            attributes,
            content,
        });
        state.end_idle_lease(address, self.lease_time.now())?;
        state.journal.append(&blob_record(address, &blob))?;
        let replaced = state.put(address, Arc::clone(&blob));
        drop(state);
        // Files are removed without the lock.
        drop(replaced);
        Ok(blob)
    }

    /// Writes properties and metadata anew, if `change` does not object; the content stays.
    pub(crate) fn update_blob(
        &self,
        address: &BlobAddress,
        change: impl FnOnce(&Blob, Holding<'_>) -> Outcome<Attributes>,
    ) -> Outcome<Arc<Blob>> {
        let mut state = self.state();
        let before = state.blob(address)?.ok_or(Code::BlobNotFound)?;
        let now = self.lease_time.now();
        let holding = state.standing(address, now)?.holding;
        let attributes = change(&before, holding)?;
        state.end_idle_lease(address, now)?;
        let blob = Arc::new(Blob {
            created: before.created,
            modified: self.clock.now(),
            length: before.length,
            attributes,
            content: before.content.clone(),
        });
        state.journal.append(&Record::Head {
            container: (&address.container).into(),
            name: (&address.name).into(),
            head: head(&blob),
        })?;
        if let Some(entry) = state.entry(address) {
            entry.committed = Some(Arc::clone(&blob));
        }
        Ok(blob)
    }

    /// A committed blob, for its content alone.
    pub(crate) fn blob(&self, address: &BlobAddress) -> Outcome<Arc<Blob>> {
        Ok(self.state().blob(address)?.ok_or(Code::BlobNotFound)?)
    }

    /// The committed and the uncommitted blocks.
    pub(crate) fn block_lists(&self, address: &BlobAddress) -> Outcome<BlockLists> {
        let state = self.state();
        let blobs = &state.container(&address.container)?.blobs;
        let entry = blobs.get(address.name.as_str()).ok_or(Code::BlobNotFound)?;
        let committed = entry.committed.as_ref().map(|blob| blob.content.blocks());
        let staged = entry.staged.as_ref().map(|staged| &staged.blocks);
        Ok(BlockLists {
            blob: entry.committed.clone(),
            committed: committed
                .into_iter()
                .flatten()
                .map(|block| (block.id.clone(), block.extent.length()))
                .collect(),
            uncommitted: staged
                .into_iter()
                .flatten()
                .map(|(id, extent)| (id.clone(), extent.length()))
                .collect(),
        })
    }

    /// Deletes a blob and what was staged for it, if `check` does not object.
    pub(crate) fn delete_blob(
        &self,
        address: &BlobAddress,
        check: impl FnOnce(Standing<'_>) -> Outcome<()>,
    ) -> Outcome<()> {
        let mut state = self.state();
        let standing = state.standing(address, self.lease_time.now())?;
        standing.blob.ok_or(Code::BlobNotFound)?;
        check(standing)?;
        state.journal.append(&Record::DropBlob {
            container: (&address.container).into(),
            name: (&address.name).into(),
        })?;
        let container = state.containers.get_mut(&address.container);
        let gone = container.and_then(|container| container.blobs.remove(address.name.as_str()));
        drop(state);
        drop(gone);
        Ok(())
    }
}

impl State {
    pub(super) fn blob(&self, address: &BlobAddress) -> Outcome<Option<Arc<Blob>>> {
        let blobs = &self.container(&address.container)?.blobs;
        Ok(blobs
            .get(address.name.as_str())
            .and_then(|entry| entry.committed.clone()))
    }

    /// What is under a name, and whose it is at this moment.
    pub(super) fn standing(&self, address: &BlobAddress, now: SystemTime) -> Outcome<Standing<'_>> {
        let blobs = &self.container(&address.container)?.blobs;
        let entry = blobs.get(address.name.as_str());
        let lease = entry.and_then(|entry| entry.lease.as_deref());
        Ok(Standing {
            blob: entry.and_then(|entry| entry.committed.as_deref()),
            holding: Holding::new(lease, now),
        })
    }

    /// Puts a blob in the place of what was there, which is given back. A lease stays.
    fn put(&mut self, address: &BlobAddress, blob: Arc<Blob>) -> Option<Entry> {
        let container = self.containers.get_mut(&address.container)?;
        let entry = container
            .blobs
            .entry(address.name.as_str().into())
            .or_default();
        let mut before = std::mem::take(entry);
        entry.committed = Some(blob);
        entry.lease = before.lease.take();
        Some(before)
    }

    pub(super) fn entry(&mut self, address: &BlobAddress) -> Option<&mut Entry> {
        let container = self.containers.get_mut(&address.container)?;
        container.blobs.get_mut(address.name.as_str())
    }
}

/// Whether a blob takes one more block under this id.
fn admit(entry: &Entry, id: &BlockId) -> Outcome<()> {
    if entry.id_length().is_some_and(|length| length != id.len()) {
        return Err(Code::InvalidBlobOrBlock.into());
    }
    let full = entry
        .staged
        .as_ref()
        .is_some_and(|staged| staged.blocks.len() >= MAX_STAGED && !staged.blocks.contains_key(id));
    if full {
        return Err(Code::BlockCountExceedsLimit.into());
    }
    Ok(())
}

fn resolve(entry: Option<&Entry>, list: &[NamedBlock]) -> Outcome<Vec<Block>> {
    let committed: HashMap<&BlockId, &Arc<Extent>> = entry
        .and_then(|entry| entry.committed.as_ref())
        .map(|blob| blob.content.blocks())
        .unwrap_or_default()
        .iter()
        .map(|block| (&block.id, &block.extent))
        .collect();
    let staged = entry.and_then(|entry| entry.staged.as_ref());
    let uncommitted = |id| staged.and_then(|staged| staged.blocks.get(id));
    list.iter()
        .map(|named| {
            let found = match named.choice {
                BlockChoice::Committed => committed.get(&named.id).copied(),
                BlockChoice::Uncommitted => uncommitted(&named.id),
                BlockChoice::Latest => {
                    uncommitted(&named.id).or_else(|| committed.get(&named.id).copied())
                }
            };
            let extent = Arc::clone(found.ok_or(Code::InvalidBlockList)?);
            let id = named.id.clone();
            Ok(Block { id, extent })
        })
        .collect()
}

pub(super) fn head(blob: &Blob) -> Head {
    Head {
        created: blob.created,
        modified: blob.modified,
        attributes: blob.attributes.clone(),
    }
}

pub(super) fn blob_record<'a>(address: &'a BlobAddress, blob: &Blob) -> Record<'a> {
    let content = match &blob.content {
        Content::Empty => ContentRecord::Empty,
        Content::Whole(extent) => ContentRecord::Whole(extent.place(), extent.length()),
        Content::Joined(extents) => ContentRecord::Joined(
            extents
                .iter()
                .map(|extent| (extent.place(), extent.length()))
                .collect(),
        ),
        Content::Blocks(blocks) => ContentRecord::Blocks(
            blocks
                .iter()
                .map(|block| block_record(&block.id, &block.extent))
                .collect(),
        ),
    };
    Record::Blob {
        container: (&address.container).into(),
        name: (&address.name).into(),
        head: head(blob),
        content,
    }
}

pub(super) fn block_record(id: &BlockId, extent: &Extent) -> BlockRecord {
    BlockRecord(hex::encode(id), extent.place(), extent.length())
}

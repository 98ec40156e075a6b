//! Reading a large file block by block, on a thread of its own, no faster than memory and the sender allow.

use std::collections::HashSet;
use std::path::Path;

use bytes::Bytes;
use longshore_content::{Block, BlockId, BlockLayout, FileContent, FileHasher, LayoutError};
use longshore_store::StoreError;
use tokio::runtime::Handle;
use tokio::sync::mpsc;

use crate::ItemError;
use crate::context::Context;
use crate::source::OpenFile;

/// How much is read at once when nothing is sent.
const PIECE: usize = 1 << 20;

/// Why a file was not sent.
#[derive(Debug)]
pub(super) enum Halt {
    /// The run is being stopped; what was staged stays for the next one.
    Stopped,
    /// The file is at fault.
    Item(ItemError),
    /// The store is at fault.
    Store(StoreError),
}

impl From<ItemError> for Halt {
    fn from(error: ItemError) -> Self {
        Self::Item(error)
    }
}

impl From<StoreError> for Halt {
    fn from(error: StoreError) -> Self {
        Self::Store(error)
    }
}

/// A block on its way.
#[derive(Debug)]
pub(super) struct ReadBlock {
    pub(super) block: Block,
    pub(super) id: BlockId,
    pub(super) bytes: Bytes,
}

/// The layout of the file as it is now; it must still be one of several blocks.
pub(super) fn layout_of(file: &OpenFile, path: &Path) -> Result<BlockLayout, ItemError> {
    let size = file.stamp().size;
    match BlockLayout::for_file(size) {
        Ok(layout) if layout.is_single() => Err(changed(path)),
        Ok(layout) => Ok(layout),
        Err(LayoutError::TooLarge { .. } | LayoutError::BlockSize { .. }) => {
            Err(ItemError::TooLarge {
                path: path.to_owned(),
                size,
            })
        }
    }
}

/// Reads and hashes the whole file; sends nothing.
pub(super) fn hash(context: &Context, path: &Path) -> Result<FileContent, Halt> {
    let mut file = OpenFile::open(path)?;
    let layout = layout_of(&file, path)?;
    let mut hasher = FileHasher::new(layout);
    let mut piece = vec![0; PIECE];
    let mut left = layout.file_size();
    while left > 0 {
        if context.is_stopping() {
            return Err(Halt::Stopped);
        }
        let length = usize::try_from(left).map_or(PIECE, |left| left.min(PIECE));
        file.read_exact(&mut piece[..length])?;
        hasher.update(&piece[..length]).map_err(|_| changed(path))?;
        context.progress.bytes_read.add(length as u64);
        left -= length as u64;
    }
    finish(context, &file, hasher, path)
}

/// Reads the file once, hashes it, and hands over each block that is not `held`.
pub(super) fn read_and_hash(
    context: &Context,
    path: &Path,
    held: &HashSet<BlockId>,
    sender: &mpsc::Sender<ReadBlock>,
) -> Result<FileContent, Halt> {
    let mut file = OpenFile::open(path)?;
    let layout = layout_of(&file, path)?;
    let mut hasher = FileHasher::new(layout);
    for block in layout.blocks() {
        let bytes = read_block(context, &mut file, block)?;
        hasher.update(&bytes).map_err(|_| changed(path))?;
        let Some(&id) = hasher.blocks().last() else {
            return Err(changed(path).into());
        };
        if held.contains(&id) {
            context.progress.bytes_reused.add(block.length);
        } else {
            sender
                .blocking_send(ReadBlock { block, id, bytes })
                .map_err(|_| Halt::Stopped)?;
        }
    }
    finish(context, &file, hasher, path)
}

/// Reads only the blocks that are not `held` of a file whose content is known.
pub(super) fn read_missing(
    context: &Context,
    path: &Path,
    content: &FileContent,
    held: &HashSet<BlockId>,
    sender: &mpsc::Sender<ReadBlock>,
) -> Result<(), Halt> {
    let mut file = OpenFile::open(path)?;
    if file.stamp().size != content.layout.file_size() {
        return Err(changed(path).into());
    }
    for (block, &id) in content.layout.blocks().zip(&content.blocks) {
        if held.contains(&id) {
            context.progress.bytes_reused.add(block.length);
            continue;
        }
        file.seek(block.offset)?;
        let bytes = read_block(context, &mut file, block)?;
        if BlockId::of(block, &bytes) != id {
            return Err(changed(path).into());
        }
        sender
            .blocking_send(ReadBlock { block, id, bytes })
            .map_err(|_| Halt::Stopped)?;
    }
    Ok(file.check_unchanged()?)
}

fn read_block(context: &Context, file: &mut OpenFile, block: Block) -> Result<Bytes, Halt> {
    let reservation = Handle::current().block_on(context.buffers.reserve(block.length));
    let reservation = reservation.map_err(|_| Halt::Stopped)?;
    if context.is_stopping() {
        return Err(Halt::Stopped);
    }
    let length = usize::try_from(block.length).map_err(|_| Halt::Stopped)?;
    let mut buffer = context.buffers.take(length, reservation);
    file.read_exact(buffer.as_mut_slice())?;
    context.progress.bytes_read.add(block.length);
    Ok(buffer.freeze())
}

/// Ends a read: the digests count only when nobody wrote to the file meanwhile.
fn finish(
    context: &Context,
    file: &OpenFile,
    hasher: FileHasher,
    path: &Path,
) -> Result<FileContent, Halt> {
    file.check_unchanged()?;
    let content = hasher.finish().map_err(|_| changed(path))?;
    if let Some(notes) = &context.notes {
        notes.remember(file.stamp(), file.opened(), content.digests);
    }
    Ok(content)
}

fn changed(path: &Path) -> ItemError {
    ItemError::Changed {
        path: path.to_owned(),
    }
}

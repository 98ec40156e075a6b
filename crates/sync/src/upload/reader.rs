//! Reading a large file block by block, on a thread of its own, no faster than memory and the sender allow.
//!
//! A block's id is needed before it can be sent, and the file's SHA-256 only at the end. So the thread that reads takes
//! the ids, while the bytes are still in the processor's cache, and a second one follows it with SHA-256, which takes as
//! long as all the rest.

use std::collections::HashSet;
use std::panic::resume_unwind;
use std::path::Path;
use std::sync::mpsc::{SyncSender, sync_channel};
use std::thread;

use bytes::Bytes;
use longshore_content::{
    Block, BlockId, BlockLayout, FileContent, FileHasher, LayoutError, TreeHasher,
};
use longshore_store::StoreError;
use tokio::runtime::Handle;
use tokio::sync::mpsc;

use crate::ItemError;
use crate::cache::Notes;
use crate::context::Context;
use crate::source::OpenFile;

/// How much is read and hashed at once: it fits into the cache next to the processor.
const WARM: usize = 256 << 10;

/// How many blocks the second thread may be behind.
const FOLLOWING: usize = 2;

/// Why a file was not sent.
#[derive(Debug)]
pub(crate) enum Halt {
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

/// Reads the file once, hashes it, and hands over each block that is not `held`.
pub(super) fn read_and_hash(
    context: &Context,
    path: &Path,
    held: &HashSet<BlockId>,
    sender: &mpsc::Sender<ReadBlock>,
) -> Result<FileContent, Halt> {
    let mut file = OpenFile::open(path)?;
    let layout = layout_of(&file, path)?;
    let (mut tree, mut stream) = FileHasher::in_two(layout);
    let stream = thread::scope(|scope| {
        let (follower, blocks) = sync_channel::<Bytes>(FOLLOWING);
        let following = scope.spawn(move || {
            for bytes in blocks {
                stream.update(&bytes);
            }
            stream
        });
        let mut lead = Lead {
            context,
            path,
            held,
            sender,
            follower,
        };
        let read = layout
            .blocks()
            .try_for_each(|block| lead.block(&mut file, &mut tree, block));
        drop(lead);
        let stream = following
            .join()
            .unwrap_or_else(|panic| resume_unwind(panic));
        read.map(|()| stream)
    })?;
    let content = FileContent::of_halves(tree, stream).map_err(|_| changed(path))?;
    finish(context, &file, content)
}

/// The thread that reads ahead of the one that only takes SHA-256.
struct Lead<'a> {
    context: &'a Context,
    path: &'a Path,
    held: &'a HashSet<BlockId>,
    sender: &'a mpsc::Sender<ReadBlock>,
    follower: SyncSender<Bytes>,
}

impl Lead<'_> {
    fn block(
        &mut self,
        file: &mut OpenFile,
        tree: &mut TreeHasher,
        block: Block,
    ) -> Result<(), Halt> {
        let mut hash = |piece: &[u8]| tree.update(piece).map_err(|_| changed(self.path));
        let bytes = read_block(self.context, file, block, &mut hash)?;
        let Some(&id) = tree.blocks().last() else {
            return Err(changed(self.path).into());
        };
        self.follower
            .send(bytes.clone())
            .map_err(|_| Halt::Stopped)?;
        if self.held.contains(&id) {
            self.context.progress.bytes_reused.add(block.length);
            return Ok(());
        }
        let read = ReadBlock { block, id, bytes };
        self.sender.blocking_send(read).map_err(|_| Halt::Stopped)
    }
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
        let bytes = read_block(context, &mut file, block, &mut |_| Ok(()))?;
        if BlockId::of(block, &bytes) != id {
            return Err(changed(path).into());
        }
        sender
            .blocking_send(ReadBlock { block, id, bytes })
            .map_err(|_| Halt::Stopped)?;
    }
    Ok(file.check_unchanged()?)
}

/// Reads a block, and shows each piece of it to `see` while it is warm.
fn read_block(
    context: &Context,
    file: &mut OpenFile,
    block: Block,
    see: &mut dyn FnMut(&[u8]) -> Result<(), ItemError>,
) -> Result<Bytes, Halt> {
    let reservation = Handle::current().block_on(context.buffers.reserve(block.length));
    let reservation = reservation.map_err(|_| Halt::Stopped)?;
    if context.is_stopping() {
        return Err(Halt::Stopped);
    }
    let length = usize::try_from(block.length).map_err(|_| Halt::Stopped)?;
    let mut buffer = context.buffers.take(length, reservation);
    for piece in buffer.as_mut_slice().chunks_mut(WARM) {
        file.read_exact(piece)?;
        see(piece)?;
    }
    context.progress.bytes_read.add(block.length);
    Ok(buffer.freeze())
}

/// Ends a read: the digests count only when nobody wrote to the file meanwhile.
fn finish(context: &Context, file: &OpenFile, content: FileContent) -> Result<FileContent, Halt> {
    file.check_unchanged()?;
    if let Some(notes) = &context.notes {
        let entry = Notes::entry(file.stamp(), file.opened(), content.digests);
        notes.remember(vec![entry]);
    }
    Ok(content)
}

fn changed(path: &Path) -> ItemError {
    ItemError::Changed {
        path: path.to_owned(),
    }
}

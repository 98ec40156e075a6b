//! The walk: every file of the source, in the order in which the destination lists.
//!
//! A directory's children are sorted as if directories ended with `/`; walking depth first then yields whole names in
//! order. Threads look ahead of it: they list directories, ask for the state of files and look digests up, so that
//! their waiting overlaps. Whatever nobody has looked at when its turn comes is looked at then and there: the order
//! and the outcome are those of one thread, whatever the others do. Memory is bounded by how far they may be ahead and
//! by the directories on the way down.

mod ahead;
mod listing;

use std::path::PathBuf;
use std::sync::Arc;

use fs_err as fs;
use longshore_content::Digests;
use longshore_store::{BlobName, ListingOrder};

use super::filter::Filter;
use super::read_error;
use crate::cache::Reader;
use crate::platform::{self, Stamp};
use crate::{ItemError, Note};
use ahead::{Ahead, Position, Turn};
use listing::{Found, Listing};

/// How many threads look ahead. They wait for the disk or the network more than they work.
const THREADS: usize = 4;

/// How many entries of directories they may be ahead, and how many a directory may have that is listed ahead.
const ENTRIES_AHEAD: usize = 8192;
const LARGE_DIRECTORY: usize = 4096;

/// A file of the source.
#[derive(Debug)]
pub(crate) struct LocalFile {
    /// The blob that is to hold it.
    pub(crate) name: BlobName,
    pub(crate) path: PathBuf,
    pub(crate) stamp: Stamp,
    /// Its digests, when they are remembered.
    pub(crate) digests: Option<Digests>,
}

impl LocalFile {
    /// The file at a path, as it is now.
    pub(crate) fn at(
        path: PathBuf,
        name: BlobName,
        digests: Option<Digests>,
    ) -> Result<Self, ItemError> {
        match fs::metadata(&path) {
            Ok(metadata) => Ok(Self {
                name,
                stamp: platform::stamp(&path, &metadata),
                path,
                digests,
            }),
            Err(cause) => Err(read_error(&path, cause)),
        }
    }
}

/// What the walk finds.
#[derive(Debug)]
pub(crate) enum LocalItem {
    File(LocalFile),
    /// Something that is not staged, with the name it would have: a blob of that name, or below it, is not surplus.
    Skipped(String, Note),
    /// Something that could not be read: from here on nobody knows what the source has.
    Failed(ItemError),
}

/// Gives the files among `items` the digests that are remembered of them.
pub(super) fn remember(cache: Option<&Reader>, items: &mut [LocalItem]) {
    let Some(cache) = cache else {
        return;
    };
    let mut files: Vec<_> = items
        .iter_mut()
        .filter_map(|item| match item {
            LocalItem::File(file) => Some(file),
            LocalItem::Skipped(..) | LocalItem::Failed(_) => None,
        })
        .collect();
    let stamps: Vec<_> = files.iter().map(|file| file.stamp).collect();
    for (file, digests) in files.iter_mut().zip(cache.find(&stamps)) {
        file.digests = digests;
    }
}

/// What the walk needs to know.
#[derive(Debug)]
pub(crate) struct WalkContext {
    pub(crate) root: PathBuf,
    pub(crate) prefix: String,
    pub(crate) filter: Arc<Filter>,
    pub(crate) order: ListingOrder,
    pub(crate) follow_symlinks: bool,
    pub(crate) cache: Option<Reader>,
}

/// Walks the source; `emit` takes each item and tells whether to go on.
///
/// # Panics
///
/// When one of its threads did.
#[expect(
    clippy::needless_pass_by_value,
    reason = "what the walk holds, such as the digest cache, is let go when it ends"
)]
pub(crate) fn walk(context: WalkContext, emit: impl FnMut(LocalItem) -> bool) {
    let reach = Reach {
        threads: THREADS,
        entries: ENTRIES_AHEAD,
        large: LARGE_DIRECTORY,
    };
    walk_ahead(&context, reach, emit);
}

/// How far the walk looks ahead.
#[derive(Debug, Clone, Copy)]
struct Reach {
    threads: usize,
    entries: usize,
    large: usize,
}

fn walk_ahead(context: &WalkContext, reach: Reach, emit: impl FnMut(LocalItem) -> bool) {
    let ahead = Ahead::new(reach.entries);
    std::thread::scope(|scope| {
        for _ in 0..reach.threads {
            scope.spawn(|| {
                let _stop = ahead.stop_on_panic();
                while let Some(task) = ahead.claim() {
                    let found = context.look(&task.listing, &task.step, reach.large);
                    ahead.finish(task, found);
                }
            });
        }
        let _stop = ahead.stop_on_drop();
        Walk {
            context,
            ahead: &ahead,
            emit,
        }
        .root();
    });
}

/// The one who goes through it all in order.
struct Walk<'walk, E> {
    context: &'walk WalkContext,
    ahead: &'walk Ahead,
    emit: E,
}

impl<E: FnMut(LocalItem) -> bool> Walk<'_, E> {
    fn root(mut self) {
        let found = self.context.root();
        let mut position = Position::new();
        self.open(&found, &position);
        self.take(found, &mut position);
    }

    /// Emits what was found at a position; tells whether to go on.
    fn take(&mut self, found: Found, position: &mut Position) -> bool {
        let goes_on = found.items.into_iter().all(&mut self.emit);
        match found.directory {
            Some(listing) if goes_on => self.directory(&listing, position),
            _ => goes_on,
        }
    }

    fn directory(&mut self, listing: &Listing, position: &mut Position) -> bool {
        let mut at = 0;
        while let Some(step) = listing.step(at) {
            position.push(at);
            at = step.end();
            let found = match self.ahead.turn(position) {
                Turn::Found(found) => found,
                Turn::Open => {
                    let found = self.context.look(listing, &step, usize::MAX);
                    self.open(&found, position);
                    found
                }
                Turn::Stopped => return false,
            };
            if !self.take(found, position) {
                return false;
            }
            position.pop();
        }
        true
    }

    fn open(&self, found: &Found, position: &Position) {
        if let Some(listing) = &found.directory {
            self.ahead.open(position, listing);
        }
    }
}

#[cfg(test)]
mod tests;

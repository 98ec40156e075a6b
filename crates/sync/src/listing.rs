//! The listing of a container: asked for once, as fast as it comes, and read as often as anybody likes.
//!
//! Pages go into a temporary file as they arrive, so the listing never waits for whoever compares it with something,
//! and memory stays flat. [`Shelf::find`] finds a content that stands there under any name, by an index of 16 bytes a
//! blob that is made from the file when it is asked for the first time: a run with nothing to send needs none.

mod index;
mod record;

use std::collections::{HashSet, VecDeque};
use std::fs::File;
use std::io::{self, BufReader, Read, Seek, SeekFrom, Write};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use futures::StreamExt;
use futures::stream::BoxStream;
use longshore_content::{Digests, MIN_BLOCK_SIZE};
use longshore_store::{BlobStore, ListOptions, ListPage, ListedBlob, ListingOrder, StoreError};
use tempfile::NamedTempFile;
use tokio::sync::watch;
use tokio::task::JoinHandle;
use tokio_util::task::AbortOnDropHandle;

use crate::SyncError;
use crate::task::ended;
use index::Index;

/// So many bytes are read back at once.
const CHUNK: usize = 256 << 10;

/// What a container holds below a prefix, as far as the listing has come.
#[derive(Debug)]
pub(crate) struct Shelf {
    store: Arc<dyn BlobStore>,
    prefix: String,
    file: NamedTempFile,
    lookups: Mutex<File>,
    index: OnceLock<Index>,
    /// The sizes of blobs of several blocks.
    large: Mutex<HashSet<u64>>,
    state: watch::Sender<State>,
    failure: Mutex<Option<Failure>>,
}

#[derive(Debug, Clone, Copy, Default)]
struct State {
    bytes: u64,
    blobs: u64,
    ended: bool,
}

/// Why a listing ended before its end.
#[derive(Debug)]
enum Failure {
    Store(StoreError),
    Order { earlier: String, later: String },
    Spool(io::Error),
}

/// A listing under way; it ends when this is dropped.
#[derive(Debug)]
pub(crate) struct Listed {
    shelf: Arc<Shelf>,
    _task: AbortOnDropHandle<()>,
}

impl Listed {
    /// Starts a listing.
    pub(crate) fn start(
        store: &Arc<dyn BlobStore>,
        prefix: &str,
        order: ListingOrder,
    ) -> Result<Self, SyncError> {
        let options = ListOptions {
            prefix: prefix.to_owned(),
            ..ListOptions::default()
        };
        let pages = store.list_pages(options);
        Self::from_pages(store, prefix, order, pages)
    }

    /// A container that is known to hold nothing.
    pub(crate) fn empty(store: &Arc<dyn BlobStore>, prefix: &str) -> Result<Self, SyncError> {
        let pages = futures::stream::empty().boxed();
        Self::from_pages(store, prefix, ListingOrder::default(), pages)
    }

    fn from_pages(
        store: &Arc<dyn BlobStore>,
        prefix: &str,
        order: ListingOrder,
        pages: BoxStream<'static, Result<ListPage, StoreError>>,
    ) -> Result<Self, SyncError> {
        let file = NamedTempFile::new().map_err(spool)?;
        let writer = file.reopen().map_err(spool)?;
        let lookups = Mutex::new(file.reopen().map_err(spool)?);
        let shelf = Arc::new(Shelf {
            store: Arc::clone(store),
            prefix: prefix.to_owned(),
            file,
            lookups,
            index: OnceLock::new(),
            large: Mutex::default(),
            state: watch::Sender::default(),
            failure: Mutex::default(),
        });
        let task = tokio::spawn(fill(Arc::clone(&shelf), writer, order, pages));
        Ok(Self {
            shelf,
            _task: AbortOnDropHandle::new(task),
        })
    }

    pub(crate) const fn shelf(&self) -> &Arc<Shelf> {
        &self.shelf
    }
}

/// Takes page after page to the end, or to the first failure.
async fn fill(
    shelf: Arc<Shelf>,
    mut writer: File,
    order: ListingOrder,
    mut pages: BoxStream<'static, Result<ListPage, StoreError>>,
) {
    let mut last = None;
    let failure = loop {
        let page = match pages.next().await {
            None => break None,
            Some(Err(error)) => break Some(Failure::Store(error)),
            Some(Ok(page)) => page,
        };
        if let Err(failure) = check_order(order, &page, &mut last) {
            break Some(failure);
        }
        let keeper = Arc::clone(&shelf);
        let kept = tokio::task::spawn_blocking(move || {
            let kept = keeper.keep(&page, &mut writer);
            (kept, writer)
        });
        // The runtime is going down where a task is given up.
        let Some((kept, back)) = ended(kept.await) else {
            return;
        };
        writer = back;
        if let Err(error) = kept {
            break Some(Failure::Spool(error));
        }
    };
    *lock(&shelf.failure) = failure;
    shelf.state.send_modify(|state| state.ended = true);
}

/// Makes sure that a page goes on where the last one ended: nothing can be concluded from a name that is missing in a
/// listing out of order.
fn check_order(
    order: ListingOrder,
    page: &ListPage,
    last: &mut Option<String>,
) -> Result<(), Failure> {
    for blob in page.blobs.iter().filter(|blob| !blob.is_directory) {
        if let Some(last) = last
            && order.compare(last, &blob.name) != std::cmp::Ordering::Less
        {
            return Err(Failure::Order {
                earlier: blob.name.clone(),
                later: last.clone(),
            });
        }
        match last {
            Some(last) => last.clone_from(&blob.name),
            None => *last = Some(blob.name.clone()),
        }
    }
    Ok(())
}

/// A blob that holds a content that is wanted elsewhere.
#[derive(Debug, Clone)]
pub(crate) struct Found {
    pub(crate) store: Arc<dyn BlobStore>,
    pub(crate) blob: ListedBlob,
}

impl Shelf {
    fn keep(&self, page: &ListPage, writer: &mut File) -> io::Result<()> {
        let mut bytes = Vec::new();
        let mut kept = 0;
        for blob in page.blobs.iter().filter(|blob| !blob.is_directory) {
            if blob.size > MIN_BLOCK_SIZE && blob.digests.is_some() {
                lock(&self.large).insert(blob.size);
            }
            record::encode(blob, &mut bytes);
            kept += 1;
        }
        writer.write_all(&bytes)?;
        self.state.send_modify(|state| {
            state.bytes += bytes.len() as u64;
            state.blobs += kept;
        });
        Ok(())
    }

    /// Waits for the first answer. An error here means that the container cannot be listed at all.
    pub(crate) async fn first_contact(&self) -> Result<(), StoreError> {
        self.wait_until(|state| state.ended || state.bytes > 0)
            .await;
        if self.state.borrow().bytes > 0 {
            return Ok(());
        }
        let mut failure = lock(&self.failure);
        match failure.take() {
            Some(Failure::Store(error)) => Err(error),
            other => {
                *failure = other;
                Ok(())
            }
        }
    }

    /// Waits for the end of the listing, whatever it is.
    pub(crate) async fn complete(&self) {
        self.wait_until(|state| state.ended).await;
    }

    async fn wait_until(&self, holds: impl Fn(&State) -> bool) {
        // The sender is ours, so it cannot be gone.
        let _ = self.state.subscribe().wait_for(|state| holds(state)).await;
    }

    /// How many blobs were listed so far.
    pub(crate) fn blobs(&self) -> u64 {
        self.state.borrow().blobs
    }

    /// Whether a blob of several blocks has this size, so that it is worth hashing a file before it is sent.
    pub(crate) fn has_large(&self, size: u64) -> bool {
        lock(&self.large).contains(&size)
    }

    /// A blob of this content, under any name. To be asked when the listing is complete.
    pub(crate) fn find(&self, size: u64, digests: &Digests) -> Option<Found> {
        let index = self.index.get_or_init(|| self.make_index());
        index
            .places(&digests.blake3)
            .filter_map(|place| self.blob_at(place).ok()?)
            .find(|blob| blob.size == size && blob.digests.as_ref() == Some(digests))
            .map(|blob| Found {
                store: Arc::clone(&self.store),
                blob,
            })
    }

    /// Reads the whole file once. What cannot be read back is not found, and is sent.
    fn make_index(&self) -> Index {
        let Ok(file) = self.file.reopen() else {
            return Index::default();
        };
        let mut file = BufReader::with_capacity(CHUNK, file);
        let mut place = 0;
        Index::of(std::iter::from_fn(move || {
            let (length, blob) = record::read(&mut file).ok()??;
            let start = place;
            place += length;
            Some((start, blob))
        }))
    }

    fn blob_at(&self, place: u64) -> io::Result<Option<ListedBlob>> {
        let mut bytes = Vec::new();
        {
            let mut file = lock(&self.lookups);
            file.seek(SeekFrom::Start(place))?;
            (&mut *file).take(record::LONGEST).read_to_end(&mut bytes)?;
        }
        Ok(record::decode(&mut bytes.as_slice()))
    }

    /// The blobs from the beginning, in order.
    pub(crate) fn read(self: &Arc<Self>) -> Result<Listing, SyncError> {
        Ok(Listing {
            file: Some(self.file.reopen().map_err(spool)?),
            state: self.state.subscribe(),
            shelf: Arc::clone(self),
            position: 0,
            reading: None,
            bytes: Vec::new(),
            blobs: VecDeque::new(),
            ended: false,
        })
    }

    fn failure(&self) -> Option<SyncError> {
        let destination = self.store.to_string();
        Some(match lock(&self.failure).take()? {
            Failure::Store(cause) => SyncError::Destination { destination, cause },
            Failure::Order { earlier, later } => SyncError::ListingOrder {
                destination,
                earlier,
                later,
            },
            Failure::Spool(cause) => spool(cause),
        })
    }
}

/// The blobs of a shelf, one after the other, while the listing still goes on.
#[derive(Debug)]
pub(crate) struct Listing {
    shelf: Arc<Shelf>,
    file: Option<File>,
    state: watch::Receiver<State>,
    position: u64,
    reading: Option<JoinHandle<Chunk>>,
    /// What was read back and is not a whole record yet.
    bytes: Vec<u8>,
    blobs: VecDeque<ListedBlob>,
    ended: bool,
}

/// Some records, read back.
#[derive(Debug)]
struct Chunk {
    read: io::Result<usize>,
    file: File,
    rest: Vec<u8>,
    blobs: VecDeque<ListedBlob>,
}

impl Chunk {
    fn read(mut file: File, mut bytes: Vec<u8>, length: u64) -> Self {
        let read = (&mut file).take(length).read_to_end(&mut bytes);
        let mut rest = bytes.as_slice();
        let blobs = std::iter::from_fn(|| record::decode(&mut rest)).collect();
        Self {
            read,
            file,
            rest: rest.to_vec(),
            blobs,
        }
    }
}

impl Listing {
    /// Waits until [`Listing::blobs`] has some, or the listing has ended.
    pub(crate) async fn fill(&mut self) -> Result<(), SyncError> {
        while self.blobs.is_empty() && !self.ended {
            let state = *self.state.borrow_and_update();
            if self.position < state.bytes {
                self.read_back(state.bytes).await?;
            } else if state.ended {
                self.ended = true;
                self.shelf.failure().map_or(Ok(()), Err)?;
            } else {
                // The shelf is held, so its sender is there.
                let _ = self.state.changed().await;
            }
        }
        Ok(())
    }

    /// Reads what is there. May be given up and asked again: the reading itself goes on.
    async fn read_back(&mut self, written: u64) -> Result<(), SyncError> {
        let length = (written - self.position).min(CHUNK as u64);
        if let Some(file) = self.file.take() {
            let bytes = std::mem::take(&mut self.bytes);
            let reading = move || Chunk::read(file, bytes, length);
            self.reading = Some(tokio::task::spawn_blocking(reading));
        }
        let Some(reading) = &mut self.reading else {
            return Ok(());
        };
        let outcome = ended(reading.await);
        self.reading = None;
        let Some(chunk) = outcome else {
            // The runtime is going down.
            self.ended = true;
            return Ok(());
        };
        self.position += chunk.read.map_err(spool)? as u64;
        self.file = Some(chunk.file);
        self.bytes = chunk.rest;
        self.blobs = chunk.blobs;
        Ok(())
    }

    pub(crate) const fn blobs(&self) -> &VecDeque<ListedBlob> {
        &self.blobs
    }

    pub(crate) fn pop(&mut self) -> Option<ListedBlob> {
        self.blobs.pop_front()
    }

    pub(crate) const fn has_ended(&self) -> bool {
        self.ended
    }

    /// The part of a name that counts: what stands behind the prefix.
    pub(crate) fn relative<'a>(&self, name: &'a str) -> &'a str {
        name.strip_prefix(self.shelf.prefix.as_str())
            .unwrap_or(name)
    }
}

fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

fn spool(cause: io::Error) -> SyncError {
    SyncError::Spool { cause }
}

#[cfg(test)]
mod tests;

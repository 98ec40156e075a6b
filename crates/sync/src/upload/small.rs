//! Files that go up in one Put Blob: read and hashed many at a time, sent side by side.

use std::ops::Range;
use std::sync::Arc;

use bytes::Bytes;
use longshore_content::{BlockLayout, Digests, FileHasher, MIN_BLOCK_SIZE};
use tokio::task::JoinSet;

use super::Candidate;
use super::budget::{Buffer, Pass, Reservation};
use super::large::send_large;
use super::reuse::reuse;
use super::settle::{resend, settle};
use crate::ItemError;
use crate::cache::{Entry, Notes};
use crate::context::Context;
use crate::copy::back_up;
use crate::source::OpenFile;
use crate::task::ended;

/// How often a file that changes while it is read is read anew.
const TRIES: usize = 3;

/// A file in memory, with how it is to be written.
struct Ready {
    candidate: Candidate,
    bytes: Bytes,
    digests: Digests,
}

/// Sends one file of any size.
pub(crate) async fn send_one(context: &Arc<Context>, candidate: Candidate) {
    if candidate.file.stamp.size > MIN_BLOCK_SIZE {
        send_large(Arc::clone(context), candidate).await;
    } else {
        send_batch(Arc::clone(context), vec![candidate]).await;
    }
}

/// Reads a batch of files on one thread, then sends what differs and is not held elsewhere.
pub(crate) async fn send_batch(context: Arc<Context>, batch: Vec<Candidate>) {
    let batch = reuse_known(&context, batch).await;
    let total = batch
        .iter()
        .map(|candidate| candidate.file.stamp.size)
        .sum();
    let Ok(reservation) = context.buffers.reserve(total).await else {
        return;
    };
    let ready = {
        let _reader = Arc::clone(&context.readers).acquire_owned().await;
        let context = Arc::clone(&context);
        tokio::task::spawn_blocking(move || Batch::read(&context, batch, reservation)).await
    };
    let mut puts = JoinSet::new();
    for ready in ended(ready).unwrap_or_default() {
        let pass = context.requests.pass().await;
        if context.is_stopping() {
            break;
        }
        let context = Arc::clone(&context);
        puts.spawn(async move {
            put(&context, ready, pass).await;
        });
    }
    puts.join_all().await;
}

/// Copies the files of which it is known without reading them that their content is held; returns the others.
async fn reuse_known(context: &Arc<Context>, batch: Vec<Candidate>) -> Vec<Candidate> {
    let reused = batch.into_iter().map(|candidate| async move {
        let size = candidate.file.stamp.size;
        let digests = candidate.file.digests.filter(|_| !candidate.compare);
        match digests {
            Some(digests) => match reuse(context, &candidate, (size, &digests)).await {
                Ok(true) => None,
                Ok(false) => Some(candidate),
                Err(error) => {
                    context.failed(error, size);
                    None
                }
            },
            None => Some(candidate),
        }
    });
    let left = futures::future::join_all(reused).await;
    left.into_iter().flatten().collect()
}

/// A batch that is being read, into one buffer that is used again for the next.
struct Batch<'a> {
    context: &'a Context,
    buffer: Buffer,
    /// How much of it is taken.
    taken: usize,
    entries: Vec<Entry>,
}

/// Where the bytes of a file are.
enum Held {
    InBuffer(Range<usize>),
    /// The file has grown since it was listed.
    Apart(Vec<u8>),
}

impl<'a> Batch<'a> {
    fn read(
        context: &'a Context,
        candidates: Vec<Candidate>,
        reservation: Reservation,
    ) -> Vec<Ready> {
        let sizes = candidates
            .iter()
            .map(|candidate| usize::try_from(candidate.file.stamp.size).unwrap_or_default());
        let mut batch = Self {
            context,
            buffer: context.buffers.take(sizes.sum(), reservation),
            taken: 0,
            entries: Vec::with_capacity(candidates.len()),
        };
        let read: Vec<_> = candidates
            .into_iter()
            .filter_map(|candidate| batch.one(candidate))
            .collect();
        if let Some(notes) = &context.notes {
            notes.remember(batch.entries);
        }
        let buffer = batch.buffer.freeze();
        let ready = |(candidate, held, digests)| Ready {
            candidate,
            bytes: match held {
                Held::InBuffer(range) => buffer.slice(range),
                Held::Apart(bytes) => bytes.into(),
            },
            digests,
        };
        read.into_iter().map(ready).collect()
    }

    /// Reads one file; none when there is nothing to send.
    fn one(&mut self, candidate: Candidate) -> Option<(Candidate, Held, Digests)> {
        let context = self.context;
        if context.is_stopping() {
            return None;
        }
        let (name, size) = (candidate.file.name.as_str(), candidate.file.stamp.size);
        match self.unchanged(&candidate) {
            Err(error) => context.failed(error, size),
            Ok((_, digests)) if candidate.is_held(&digests) => context.unchanged(name, size),
            Ok((held, digests)) => {
                if let Err(error) = candidate.check(context, &digests) {
                    context.failed(error, size);
                    return None;
                }
                if let Held::InBuffer(range) = &held {
                    self.taken = range.end;
                }
                return Some((candidate, held, digests));
            }
        }
        None
    }

    /// Reads a file until it was not written to meanwhile, or gives up.
    fn unchanged(&mut self, candidate: &Candidate) -> Result<(Held, Digests), ItemError> {
        let mut tries = 1;
        loop {
            match self.once(candidate) {
                Err(ItemError::Changed { .. }) if tries < TRIES => tries += 1,
                result => return result,
            }
        }
    }

    fn once(&mut self, candidate: &Candidate) -> Result<(Held, Digests), ItemError> {
        let path = &candidate.file.path;
        let changed = || ItemError::Changed { path: path.clone() };
        let mut file = OpenFile::open(path)?;
        let size = file.stamp().size;
        let layout = BlockLayout::for_file(size)
            .ok()
            .filter(BlockLayout::is_single)
            .ok_or_else(changed)?;
        let length = usize::try_from(size).map_err(|_| changed())?;
        let place = self.taken..self.taken + length;
        let mut apart = Vec::new();
        let bytes = match self.buffer.as_mut_slice().get_mut(place.clone()) {
            Some(bytes) => bytes,
            None => {
                apart.resize(length, 0);
                &mut apart
            }
        };
        file.read_exact(bytes)?;
        file.check_unchanged()?;
        self.context.progress.bytes_read.add(size);

        let mut hasher = FileHasher::new(layout);
        hasher.update(bytes).map_err(|_| changed())?;
        let digests = hasher.finish().map_err(|_| changed())?.digests;
        self.entries
            .push(Notes::entry(file.stamp(), file.opened(), digests));
        let held = if apart.is_empty() {
            Held::InBuffer(place)
        } else {
            Held::Apart(apart)
        };
        Ok((held, digests))
    }
}

/// Writes a blob, unless its content is held elsewhere and copied.
async fn put(context: &Arc<Context>, ready: Ready, mut pass: Pass) {
    let Ready {
        candidate,
        bytes,
        digests,
    } = ready;
    let name = &candidate.file.name;
    let size = bytes.len() as u64;
    if context.backup_to.is_some() || context.holdings.find(size, &digests).is_some() {
        drop(pass);
        match prepare(context, &candidate, (size, &digests)).await {
            Ok(true) => return,
            Ok(false) => pass = context.requests.pass().await,
            Err(error) => return context.failed(error, size),
        }
    }
    let options = candidate.write_options(&digests);
    let outcome = resend(|| context.store.put(name, bytes.clone(), options.clone())).await;
    pass.done(size, &outcome);
    match settle(&*context.store, name, (&digests, size), outcome).await {
        Ok(()) => {
            context.progress.bytes_sent.add(size);
            context.uploaded(name.as_str(), size, size, (candidate.reason, false));
        }
        Err(cause) => context.failed(
            ItemError::Upload {
                name: name.to_string(),
                cause,
            },
            size,
        ),
    }
}

/// What comes before a write: a copy from where the content is held, which takes the write's place, or a backup.
async fn prepare(
    context: &Arc<Context>,
    candidate: &Candidate,
    content: (u64, &Digests),
) -> Result<bool, ItemError> {
    if reuse(context, candidate, content).await? {
        return Ok(true);
    }
    back_up(context, &candidate.file.name, &candidate.target.condition).await?;
    Ok(false)
}

//! Files that go up in one Put Blob: read and hashed many at a time, sent side by side.

use std::sync::Arc;

use bytes::Bytes;
use longshore_content::{BlockLayout, FileHasher};
use tokio::task::JoinSet;

use super::Candidate;
use super::settle::{resend, settle};
use crate::ItemError;
use crate::context::Context;
use crate::source::OpenFile;
use crate::task::ended;

/// How often a file that changes while it is read is read anew.
const TRIES: usize = 3;

/// A file in memory, with how it is to be written.
struct Ready {
    candidate: Candidate,
    bytes: Bytes,
    digests: longshore_content::Digests,
}

/// Reads a batch of files on one thread, then sends what differs.
pub(crate) async fn send_batch(context: Arc<Context>, batch: Vec<Candidate>) {
    let total = batch
        .iter()
        .map(|candidate| candidate.file.stamp.size)
        .sum();
    let Ok(_reservation) = context.buffers.reserve(total).await else {
        return;
    };
    let ready = {
        let _reader = Arc::clone(&context.readers).acquire_owned().await;
        let context = Arc::clone(&context);
        tokio::task::spawn_blocking(move || read_all(&context, batch)).await
    };
    let mut puts = JoinSet::new();
    for ready in ended(ready).unwrap_or_default() {
        let pass = context.requests.pass().await;
        if context.is_stopping() {
            break;
        }
        let context = Arc::clone(&context);
        puts.spawn(async move {
            put(&context, ready).await;
            drop(pass);
        });
    }
    puts.join_all().await;
}

fn read_all(context: &Context, batch: Vec<Candidate>) -> Vec<Ready> {
    batch
        .into_iter()
        .filter_map(|candidate| read_one(context, candidate))
        .collect()
}

/// Reads one file; none when there is nothing to send.
fn read_one(context: &Context, candidate: Candidate) -> Option<Ready> {
    if context.is_stopping() {
        return None;
    }
    let (name, size) = (candidate.file.name.as_str(), candidate.file.stamp.size);
    if context.dry_run && !candidate.compare {
        context.would_upload(name, size, candidate.reason);
        return None;
    }
    match read_unchanged(context, &candidate) {
        Err(error) => context.failed(error, size),
        Ok((_, digests)) if candidate.is_held(&digests) => context.unchanged(name, size),
        Ok(_) if context.dry_run => context.would_upload(name, size, candidate.reason),
        Ok((bytes, digests)) => {
            return Some(Ready {
                candidate,
                bytes,
                digests,
            });
        }
    }
    None
}

/// Reads a file until it was not written to meanwhile, or gives up.
fn read_unchanged(
    context: &Context,
    candidate: &Candidate,
) -> Result<(Bytes, longshore_content::Digests), ItemError> {
    let mut tries = 1;
    loop {
        match read_once(context, candidate) {
            Err(ItemError::Changed { .. }) if tries < TRIES => tries += 1,
            result => return result,
        }
    }
}

fn read_once(
    context: &Context,
    candidate: &Candidate,
) -> Result<(Bytes, longshore_content::Digests), ItemError> {
    let path = &candidate.file.path;
    let changed = || ItemError::Changed { path: path.clone() };
    let mut file = OpenFile::open(path)?;
    let size = file.stamp().size;
    let layout = BlockLayout::for_file(size)
        .ok()
        .filter(BlockLayout::is_single)
        .ok_or_else(changed)?;
    let mut bytes = vec![0; usize::try_from(size).map_err(|_| changed())?];
    file.read_exact(&mut bytes)?;
    file.check_unchanged()?;
    context.progress.bytes_read.add(size);

    let mut hasher = FileHasher::new(layout);
    hasher.update(&bytes).map_err(|_| changed())?;
    let digests = hasher.finish().map_err(|_| changed())?.digests;
    if let Some(notes) = &context.notes {
        notes.remember(file.stamp(), file.opened(), digests);
    }
    Ok((bytes.into(), digests))
}

async fn put(context: &Context, ready: Ready) {
    let Ready {
        candidate,
        bytes,
        digests,
    } = ready;
    let name = &candidate.file.name;
    let size = bytes.len() as u64;
    let options = candidate.write_options(&digests);
    let outcome = resend(|| context.store.put(name, bytes.clone(), options.clone())).await;
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

//! Reading a file only to know what it holds.

use std::path::Path;
use std::sync::Arc;

use longshore_content::{BlockLayout, FileContent, FileHasher};
use md5::{Digest as _, Md5};

use crate::ItemError;
use crate::cache::Notes;
use crate::context::Context;
use crate::source::OpenFile;
use crate::task::ended;
use crate::upload::Halt;

/// How much is read at once.
const PIECE: usize = 1 << 20;

/// How often a file that changes while it is read is read anew.
const TRIES: usize = 3;

/// Reads and hashes a whole file on a thread for that; the digest cache remembers what came of it.
pub(crate) async fn digest_of(context: &Arc<Context>, path: &Path) -> Result<FileContent, Halt> {
    Ok(on_thread(context, path, false).await?.0)
}

/// The same in one read with the MD5, which other tools store.
pub(crate) async fn digest_and_md5_of(
    context: &Arc<Context>,
    path: &Path,
) -> Result<(FileContent, [u8; 16]), Halt> {
    on_thread(context, path, true).await
}

async fn on_thread(
    context: &Arc<Context>,
    path: &Path,
    with_md5: bool,
) -> Result<(FileContent, [u8; 16]), Halt> {
    let _reader = Arc::clone(&context.readers).acquire_owned().await;
    let (context, path) = (Arc::clone(context), path.to_owned());
    let reading = tokio::task::spawn_blocking(move || read_patiently(&context, &path, with_md5));
    ended(reading.await).unwrap_or(Err(Halt::Stopped))
}

fn read_patiently(
    context: &Context,
    path: &Path,
    with_md5: bool,
) -> Result<(FileContent, [u8; 16]), Halt> {
    let mut tries = 1;
    loop {
        match read(context, path, with_md5) {
            Err(Halt::Item(ItemError::Changed { .. })) if tries < TRIES => tries += 1,
            outcome => return outcome,
        }
    }
}

/// Reads a file that was just opened to its end; `take` gets every piece, and stops the reading by saying no.
pub(crate) fn read_whole(
    file: &mut OpenFile,
    mut take: impl FnMut(&[u8]) -> bool,
) -> Result<FileContent, Halt> {
    let path = file.path().to_owned();
    let changed = || ItemError::Changed { path: path.clone() };
    let size = file.stamp().size;
    let layout = BlockLayout::for_file(size).map_err(|_| ItemError::TooLarge {
        path: path.clone(),
        size,
    })?;
    let mut hasher = FileHasher::new(layout);
    let mut piece = vec![0; usize::try_from(size).map_or(PIECE, |size| size.clamp(1, PIECE))];
    let mut left = size;
    while left > 0 {
        let length = usize::try_from(left).map_or(PIECE, |left| left.min(PIECE));
        file.read_exact(&mut piece[..length])?;
        hasher.update(&piece[..length]).map_err(|_| changed())?;
        if !take(&piece[..length]) {
            return Err(Halt::Stopped);
        }
        left -= length as u64;
    }
    file.check_unchanged()?;
    Ok(hasher.finish().map_err(|_| changed())?)
}

fn read(context: &Context, path: &Path, with_md5: bool) -> Result<(FileContent, [u8; 16]), Halt> {
    let mut file = OpenFile::open(path)?;
    let mut md5 = Md5::new();
    let content = read_whole(&mut file, |piece| {
        if with_md5 {
            md5.update(piece);
        }
        context.progress.bytes_read.add(piece.len() as u64);
        !context.is_stopping()
    })?;
    if let Some(notes) = &context.notes {
        notes.remember(vec![Notes::entry(
            file.stamp(),
            file.opened(),
            content.digests,
        )]);
    }
    Ok((content, md5.finalize().into()))
}

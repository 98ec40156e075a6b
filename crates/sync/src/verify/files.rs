//! The digests of a file that a blob is compared with.

use std::path::Path;
use std::sync::Arc;

use longshore_content::{BlockLayout, FileHasher};
use md5::{Digest, Md5};

use super::Facts;
use super::audit::{Audit, Halt};
use crate::ItemError;
use crate::cache::Notes;
use crate::source::{LocalFile, OpenFile};
use crate::task::ended;

/// How much is read at once.
const PIECE: usize = 1 << 20;

/// What a file must be read for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Need {
    /// Its size is enough.
    Size,
    /// Both digests.
    Digests,
    /// Its MD5, and both digests with it.
    Md5,
}

/// What a file holds, read only where it must be.
pub(super) async fn facts_of(
    audit: &Arc<Audit>,
    file: &LocalFile,
    need: Need,
) -> Result<Facts, Halt> {
    let known = Facts {
        size: file.stamp.size,
        digests: file.digests,
        content_md5: None,
    };
    if need == Need::Size || need == Need::Digests && known.digests.is_some() {
        return Ok(known);
    }
    let permit = Arc::clone(&audit.hashers).acquire_owned().await;
    let (audit, path) = (Arc::clone(audit), file.path.clone());
    let thread = tokio::task::spawn_blocking(move || {
        let _permit = permit;
        read(&audit, &path, need == Need::Md5)
    });
    ended(thread.await).ok_or(Halt::Stopped)?
}

fn read(audit: &Audit, path: &Path, with_md5: bool) -> Result<Facts, Halt> {
    let changed = || ItemError::Changed {
        path: path.to_owned(),
    };
    let mut file = OpenFile::open(path)?;
    let size = file.stamp().size;
    let layout = BlockLayout::for_file(size).map_err(|_| ItemError::TooLarge {
        path: path.to_owned(),
        size,
    })?;
    let mut hasher = FileHasher::new(layout);
    let mut md5 = with_md5.then(Md5::new);
    let mut left = size;
    let mut piece = vec![0; usize::try_from(size).map_or(PIECE, |size| size.min(PIECE))];
    while left > 0 {
        if audit.cancel.is_draining() {
            return Err(Halt::Stopped);
        }
        let length = usize::try_from(left).map_or(PIECE, |left| left.min(PIECE));
        let piece = &mut piece[..length];
        file.read_exact(piece)?;
        hasher.update(piece).map_err(|_| changed())?;
        if let Some(md5) = &mut md5 {
            md5.update(&piece);
        }
        audit.progress.bytes_read.add(length as u64);
        left -= length as u64;
    }
    file.check_unchanged()?;
    let digests = hasher.finish().map_err(|_| changed())?.digests;
    if let Some(notes) = &audit.notes {
        notes.remember(vec![Notes::entry(file.stamp(), file.opened(), digests)]);
    }
    Ok(Facts {
        size,
        digests: Some(digests),
        content_md5: md5.map(|md5| md5.finalize().into()),
    })
}

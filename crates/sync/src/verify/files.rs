//! The digests of a file that a blob is compared with.

use std::path::Path;
use std::sync::Arc;

use md5::{Digest, Md5};

use super::Facts;
use super::audit::{Audit, Halt};
use crate::cache::Notes;
use crate::digest::read_whole;
use crate::source::{LocalFile, OpenFile};
use crate::task::ended;
use crate::upload;

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
    let mut file = OpenFile::open(path)?;
    let mut md5 = with_md5.then(Md5::new);
    let content = read_whole(&mut file, |piece| {
        if let Some(md5) = &mut md5 {
            md5.update(piece);
        }
        audit.progress.bytes_read.add(piece.len() as u64);
        !audit.cancel.is_draining()
    });
    let digests = content.map_err(halt)?.digests;
    if let Some(notes) = &audit.notes {
        notes.remember(vec![Notes::entry(file.stamp(), file.opened(), digests)]);
    }
    Ok(Facts {
        size: file.stamp().size,
        digests: Some(digests),
        content_md5: md5.map(|md5| md5.finalize().into()),
    })
}

fn halt(halt: upload::Halt) -> Halt {
    match halt {
        upload::Halt::Item(error) => Halt::Item(error),
        upload::Halt::Stopped | upload::Halt::Store(_) => Halt::Stopped,
    }
}

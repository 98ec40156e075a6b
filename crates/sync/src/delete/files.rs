//! Deleting files of a directory that is made to hold what a container holds.

use std::io;
use std::path::Path;
use std::sync::Arc;

use super::{Doomed, Mark};
use crate::context::Context;
use crate::digest::digest_of;
use crate::download::target_path;
use crate::platform;
use crate::source::is_absent;
use crate::{Event, ItemError};

/// Deletes files that are still what was meant, and the directories that this leaves empty.
pub(super) async fn delete(
    context: &Arc<Context>,
    root: &Path,
    prefix: &str,
    doomed: impl Iterator<Item = Doomed>,
) {
    for doomed in doomed {
        if context.is_stopping() {
            return;
        }
        let relative = doomed.name.strip_prefix(prefix).unwrap_or(&doomed.name);
        match delete_one(context, root, relative, &doomed).await {
            Ok(()) => {
                context.progress.blobs_deleted.add(1);
                context.report(&Event::Deleted { name: relative });
            }
            Err(error) => context.failed(error, 0),
        }
    }
}

async fn delete_one(
    context: &Arc<Context>,
    root: &Path,
    relative: &str,
    doomed: &Doomed,
) -> Result<(), ItemError> {
    let path = target_path(root, relative)?;
    let metadata = match fs_err::symlink_metadata(&path) {
        Err(error) if is_absent(&error) => return Ok(()),
        Err(cause) => return Err(ItemError::Write { path, cause }),
        Ok(metadata) => metadata,
    };
    let is_meant = match &doomed.mark {
        Mark::Etag(_) => false,
        mark @ Mark::Stamp(_) => *mark == Mark::of_stamp(&platform::stamp(&path, &metadata)),
        Mark::Content(blake3) => digest_of(context, &path)
            .await
            .is_ok_and(|content| content.digests.blake3 == *blake3),
    };
    if !is_meant {
        return Err(ItemError::Changed { path });
    }
    match fs_err::remove_file(&path) {
        Err(cause) if !is_absent(&cause) => return Err(ItemError::Write { path, cause }),
        _ => {}
    }
    remove_empty_parents(root, &path);
    Ok(())
}

/// Removes the directories that hold nothing any more, up to the root.
fn remove_empty_parents(root: &Path, path: &Path) {
    for directory in path.ancestors().skip(1) {
        // A directory that is not empty refuses, and is where it ends.
        let removed = |directory: &Path| -> io::Result<()> { fs_err::remove_dir(directory) };
        if directory == root || !directory.starts_with(root) || removed(directory).is_err() {
            return;
        }
    }
}

//! The file in which a download grows, beside the one that it becomes. All of it blocks.
//!
//! It is locked for as long as somebody writes to it, and nothing of it is written through a link that somebody else
//! may have put there.

use std::fs::TryLockError;
use std::io;
use std::path::{Path, PathBuf};

use fs_err::{File, OpenOptions};
use sha2::{Digest, Sha256};

use crate::{ItemError, platform};

/// How the names of unfinished files and of the notes beside them end.
const ENDING: &str = ".longshore-part";
const NOTES_ENDING: &str = ".longshore-part.state";

/// The longest name that the file systems in use take, in bytes.
const LONGEST_NAME: usize = 255;

/// How often opening is tried while others make and remove the file.
const RACES: usize = 16;

/// Whether a file is an unfinished download of ours, or the notes beside one: never worth staging.
pub(crate) fn is_unfinished(file_name: &str) -> bool {
    file_name.starts_with('.') && has_own_ending(file_name)
}

/// Whether a name ends as only our own may.
pub(super) fn has_own_ending(file_name: &str) -> bool {
    let name = file_name.to_ascii_lowercase();
    name.ends_with(ENDING) || name.ends_with(NOTES_ENDING)
}

/// An unfinished file, opened and locked.
#[derive(Debug)]
pub(super) struct Part {
    file: File,
    path: PathBuf,
    notes: PathBuf,
    target: PathBuf,
}

impl Part {
    /// Opens the unfinished file of `target`, or makes it and the directories above it.
    pub(super) fn open(target: &Path) -> Result<Self, ItemError> {
        let failed = |cause| write_error(target, cause);
        let busy = || ItemError::Busy {
            path: target.to_owned(),
        };
        let path = beside(target, ENDING);
        for _ in 0..RACES {
            let file = match open_own(&path) {
                Err(error) if error.kind() == io::ErrorKind::AlreadyExists => continue,
                Err(error) if error.kind() == io::ErrorKind::NotFound => {
                    make_parent(target).map_err(failed)?;
                    continue;
                }
                file => file.map_err(failed)?,
            };
            match file.try_lock() {
                Err(TryLockError::WouldBlock) => return Err(busy()),
                // Not every file system has locks; there the digest of the whole has to do.
                Ok(()) | Err(TryLockError::Error(_)) => {}
            }
            // Another run may have renamed or removed it between opening and locking.
            if is_at(&file, &path).map_err(failed)? {
                let part = Self {
                    file,
                    notes: beside(target, NOTES_ENDING),
                    path,
                    target: target.to_owned(),
                };
                part.hide_as_target().map_err(failed)?;
                return Ok(part);
            }
        }
        Err(busy())
    }

    /// Where the notes about it stand.
    pub(super) fn notes(&self) -> &Path {
        &self.notes
    }

    /// How many bytes it has.
    pub(super) fn length(&self) -> Result<u64, ItemError> {
        let metadata = self.file.metadata();
        metadata
            .map(|metadata| metadata.len())
            .map_err(|cause| self.failed(cause))
    }

    /// Forgets all that was received. The notes go first: they must never tell of bytes that are not there.
    pub(super) fn empty(&self) -> Result<(), ItemError> {
        let empty = || {
            if remove(&self.notes)? {
                platform::sync_directory(parent(&self.notes))?;
            }
            self.file.set_len(0)
        };
        empty().map_err(|cause| self.failed(cause))
    }

    pub(super) fn write_at(&self, bytes: &[u8], offset: u64) -> Result<(), ItemError> {
        platform::write_all_at(self.file.file(), bytes, offset).map_err(|cause| self.failed(cause))
    }

    pub(super) fn read_at(&self, buffer: &mut [u8], offset: u64) -> Result<(), ItemError> {
        platform::read_exact_at(self.file.file(), buffer, offset)
            .map_err(|cause| self.failed(cause))
    }

    /// Waits until all that was written is on the disk.
    pub(super) fn sync_data(&self) -> Result<(), ItemError> {
        self.file.sync_data().map_err(|cause| self.failed(cause))
    }

    /// Makes it the target, in one step; with `lasting`, so that a power cut does not undo it.
    pub(super) fn put_in_place(&self, lasting: bool) -> Result<(), ItemError> {
        let put = || {
            if let Some(permissions) = self.target_permissions()? {
                self.permit(&platform::plain_permissions(&permissions))?;
            }
            if lasting {
                self.file.sync_all()?;
            }
            fs_err::rename(&self.path, &self.target)
        };
        put().map_err(|cause| self.failed(cause))?;
        if lasting && let Err(error) = platform::sync_directory(parent(&self.target)) {
            tracing::debug!(%error, "a directory cannot be flushed");
        }
        if let Err(error) = remove(&self.notes) {
            tracing::debug!(%error, "notes of a finished download stay");
        }
        Ok(())
    }

    /// Removes it and the notes.
    pub(super) fn discard(&self) {
        for path in [&self.notes, &self.path] {
            if let Err(error) = remove(path) {
                tracing::debug!(%error, "an unfinished download stays");
            }
        }
    }

    /// Nobody may read the new content who may not read the old one.
    fn hide_as_target(&self) -> io::Result<()> {
        match self.target_permissions()? {
            Some(permissions) => self.permit(&platform::working_permissions(&permissions)),
            None => Ok(()),
        }
    }

    /// The permissions of the file that is to be replaced; none of a link, which says nothing of its own.
    fn target_permissions(&self) -> io::Result<Option<std::fs::Permissions>> {
        match fs_err::symlink_metadata(&self.target) {
            Ok(metadata) if metadata.is_file() => Ok(Some(metadata.permissions())),
            Ok(_) => Ok(None),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// Sets permissions where they differ: not every file system has them.
    fn permit(&self, permissions: &std::fs::Permissions) -> io::Result<()> {
        let now = self.file.metadata()?.permissions();
        if platform::plain_permissions(&now) == *permissions {
            return Ok(());
        }
        self.file.set_permissions(permissions.clone())
    }

    fn failed(&self, cause: io::Error) -> ItemError {
        write_error(&self.target, cause)
    }
}

pub(super) fn write_error(path: &Path, cause: io::Error) -> ItemError {
    ItemError::Write {
        path: path.to_owned(),
        cause,
    }
}

/// Opens a file of ours for reading and writing, or makes it.
///
/// [`io::ErrorKind::AlreadyExists`] and [`io::ErrorKind::NotFound`] mean that somebody was faster, the latter also that
/// there is no directory for it.
pub(super) fn open_own(path: &Path) -> io::Result<File> {
    let mut options = OpenOptions::new();
    options.read(true).write(true);
    match fs_err::symlink_metadata(path) {
        Ok(metadata) if metadata.is_file() => return options.open(path),
        // A link would be followed, and is not ours.
        Ok(_) => fs_err::remove_file(path)?,
        Err(error) if error.kind() == io::ErrorKind::NotFound => {}
        Err(error) => return Err(error),
    }
    options.create_new(true).open(path)
}

/// Removes a file; tells whether there was one.
pub(super) fn remove(path: &Path) -> io::Result<bool> {
    match fs_err::remove_file(path) {
        Ok(()) => Ok(true),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(false),
        Err(error) => Err(error),
    }
}

/// Whether this very file stands at `path`.
fn is_at(file: &File, path: &Path) -> io::Result<bool> {
    let there = match fs_err::symlink_metadata(path) {
        Ok(metadata) => metadata,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(false),
        Err(error) => return Err(error),
    };
    let identity = |metadata| platform::stamp(path, &metadata).identity;
    Ok(there.is_file() && identity(there) == identity(file.metadata()?))
}

fn make_parent(path: &Path) -> io::Result<()> {
    fs_err::create_dir_all(parent(path))
}

fn parent(path: &Path) -> &Path {
    match path.parent() {
        Some(parent) if parent != Path::new("") => parent,
        _ => Path::new("."),
    }
}

/// A hidden file in the directory of `target`, whose name tells whose it is.
fn beside(target: &Path, ending: &str) -> PathBuf {
    let name = target.file_name().unwrap_or_default().to_string_lossy();
    target.with_file_name(format!(".{}{ending}", shortened(&name)))
}

/// A name that leaves room for a dot and the longest ending; too long a one is cut and told apart by a digest.
fn shortened(name: &str) -> String {
    let room = LONGEST_NAME - 1 - NOTES_ENDING.len();
    if name.len() <= room {
        return name.to_owned();
    }
    let mark = format!("~{}", hex::encode(&Sha256::digest(name)[..8]));
    let cut = (0..=room - mark.len())
        .rev()
        .find(|&at| name.is_char_boundary(at))
        .unwrap_or_default();
    format!("{}{mark}", &name[..cut])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_beside_the_target_fit_and_differ() {
        let long = |last: &str| format!("{}{last}", "ä".repeat(127));
        let names = ["a.zip", "b.zip", &long("x"), &long("y"), &"z".repeat(255)];
        let mut seen = std::collections::HashSet::new();
        for name in names {
            for ending in [ENDING, NOTES_ENDING] {
                let path = beside(&Path::new("dir").join(name), ending);
                let own = path.file_name().unwrap().to_str().unwrap();
                assert!(own.len() <= LONGEST_NAME, "{own}");
                assert!(is_unfinished(own), "{own}");
                assert_eq!(path.parent(), Some(Path::new("dir")));
                assert!(seen.insert(path));
            }
        }
        assert_eq!(
            beside(Path::new("a.zip"), ENDING),
            Path::new(".a.zip.longshore-part")
        );
        assert!(!is_unfinished("a.longshore-part") && !is_unfinished(".a.longshore"));
    }

    #[test]
    fn one_run_at_a_time_writes_a_file() {
        let dir = tempfile::tempdir().unwrap();
        let target = dir.path().join("deep/er/a");
        let part = Part::open(&target).unwrap();
        assert!(matches!(
            Part::open(&target),
            Err(ItemError::Busy { path }) if path == target
        ));
        part.write_at(b"old", 0).unwrap();
        part.put_in_place(true).unwrap();
        drop(part);
        let again = Part::open(&target).unwrap();
        assert_eq!(again.length().unwrap(), 0);
        assert_eq!(fs_err::read(&target).unwrap(), b"old");
    }

    #[cfg(unix)]
    #[test]
    fn nothing_is_written_through_a_link() {
        let dir = tempfile::tempdir().unwrap();
        let target = dir.path().join("a");
        let other = dir.path().join("other");
        fs_err::write(&other, b"precious").unwrap();
        fs_err::os::unix::fs::symlink(&other, beside(&target, ENDING)).unwrap();
        let part = Part::open(&target).unwrap();
        part.empty().unwrap();
        part.write_at(b"new", 0).unwrap();
        fs_err::os::unix::fs::symlink(&other, &target).unwrap();
        part.put_in_place(false).unwrap();
        assert_eq!(fs_err::read(&target).unwrap(), b"new");
        assert!(fs_err::symlink_metadata(&target).unwrap().is_file());
        assert_eq!(fs_err::read(&other).unwrap(), b"precious");
    }

    #[cfg(unix)]
    #[test]
    fn the_new_file_has_the_permissions_of_the_old_one() {
        use std::os::unix::fs::PermissionsExt;

        let dir = tempfile::tempdir().unwrap();
        let target = dir.path().join("a");
        let mode = |path: &Path| fs_err::metadata(path).unwrap().permissions().mode() & 0o7777;
        fs_err::write(&target, b"old").unwrap();
        fs_err::set_permissions(&target, std::fs::Permissions::from_mode(0o4440)).unwrap();
        let part = Part::open(&target).unwrap();
        assert_eq!(mode(&part.path), 0o640);
        part.put_in_place(true).unwrap();
        assert_eq!(mode(&target), 0o440);
    }
}

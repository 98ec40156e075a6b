//! One file while it arrives. All of it blocks.
//!
//! Its lock is a file of its own that stays: a lock on what is renamed at the end would lock something else then.

use std::fs::TryLockError;
use std::io::{Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};

use fs_err::{File, OpenOptions};

use super::{CellarError, Notes, file};

/// An arriving file, locked for as long as this lives.
#[derive(Debug)]
pub(crate) struct Part {
    path: PathBuf,
    notes: PathBuf,
    file: Mutex<File>,
    /// Closing it is what unlocks.
    _lock: File,
}

impl Part {
    /// Opens the arriving file whose name begins as `stem`, or makes it.
    pub(super) fn open(stem: &Path) -> Result<Self, CellarError> {
        let open = |path: &Path| {
            let mut options = OpenOptions::new();
            options.read(true).write(true).create(true).truncate(false);
            options.open(path).map_err(CellarError::at(path))
        };
        let lock = open(&stem.with_extension("lock"))?;
        let path = stem.with_extension("part");
        match lock.try_lock() {
            Err(TryLockError::WouldBlock) => return Err(CellarError::Busy { path }),
            // Not every file system has locks; there the digest of the whole has to do.
            Ok(()) | Err(TryLockError::Error(_)) => {}
        }
        Ok(Self {
            file: Mutex::new(open(&path)?),
            path,
            notes: stem.with_extension("json"),
            _lock: lock,
        })
    }

    /// Where it is.
    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    /// What has arrived of it, if there are notes that can be believed.
    pub(crate) fn notes(&self) -> Option<Notes> {
        let length = self.length().ok()?;
        Notes::read(&fs_err::read(&self.notes).ok()?, length)
    }

    /// How many bytes it has.
    pub(crate) fn length(&self) -> Result<u64, CellarError> {
        let metadata = self
            .file()
            .metadata()
            .map_err(CellarError::at(&self.path))?;
        Ok(metadata.len())
    }

    /// Forgets all that has arrived. The notes go first: they must never tell of bytes that are not there.
    pub(crate) fn empty(&self) -> Result<(), CellarError> {
        file::remove(&self.notes)?;
        self.file().set_len(0).map_err(CellarError::at(&self.path))
    }

    /// Writes bytes at their place.
    pub(crate) fn write_at(&self, bytes: &[u8], offset: u64) -> Result<(), CellarError> {
        let mut file = self.file();
        let write = file
            .seek(SeekFrom::Start(offset))
            .and_then(|_| file.write_all(bytes));
        write.map_err(CellarError::at(&self.path))
    }

    /// Waits until all that was written is on the disk, and then notes it.
    pub(crate) fn note(&self, notes: &Notes) -> Result<(), CellarError> {
        self.file()
            .sync_data()
            .map_err(CellarError::at(&self.path))?;
        file::write_json(&self.notes, notes)
    }

    /// Moves it to its last place, in one step that a power cut does not undo.
    pub(crate) fn put_in_place(&self, place: &Path) -> Result<(), CellarError> {
        self.file()
            .sync_all()
            .map_err(CellarError::at(&self.path))?;
        fs_err::rename(&self.path, place).map_err(CellarError::at(place))?;
        file::sync_directory_of(place);
        self.drop_notes();
        Ok(())
    }

    /// Removes it and its notes.
    pub(crate) fn discard(&self) -> Result<(), CellarError> {
        self.drop_notes();
        file::remove(&self.path).map(drop)
    }

    fn drop_notes(&self) {
        if let Err(error) = file::remove(&self.notes) {
            tracing::debug!(%error, "notes of a download stay");
        }
    }

    fn file(&self) -> MutexGuard<'_, File> {
        // Nothing is left half done in it that a panic could have interrupted: every use seeks first.
        self.file.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

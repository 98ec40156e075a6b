//! What single files of this machine hold, for callers that have to know before anything moves.

use std::io;
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};

use longshore_content::Digests;

use crate::cache::{DigestCache, Notes, Reader, Writer};
use crate::digest::read_whole;
use crate::source::OpenFile;
use crate::upload::Halt;
use crate::{CachePlace, ItemError};

/// Finds out what files hold; the digest cache of their directory spares reading those that did not change.
///
/// ```
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// use longshore_sync::{CachePlace, FileDigests};
///
/// let directory = tempfile::tempdir()?;
/// let path = directory.path().join("setup.exe");
/// fs_err::write(&path, b"MZ")?;
///
/// let digests = FileDigests::open(&CachePlace::Off, directory.path());
/// assert_eq!(digests.of(&path).await?.0, 2);
/// # Ok(())
/// # }
/// ```
#[derive(Debug)]
pub struct FileDigests {
    cache: Arc<Cache>,
    writer: Mutex<Option<Writer>>,
}

#[derive(Debug, Default)]
struct Cache {
    reader: Option<Reader>,
    notes: Mutex<Option<Notes>>,
}

impl FileDigests {
    /// With the cache of the files below `directory`. A cache that cannot be used costs reading time and nothing else.
    pub fn open(place: &CachePlace, directory: &Path) -> Self {
        let cache = DigestCache::open(place, directory).unwrap_or_else(|error| {
            tracing::debug!(%error, "there is no digest cache, so every file is read");
            None
        });
        let Some(cache) = cache else {
            return Self {
                cache: Arc::default(),
                writer: Mutex::default(),
            };
        };
        let reader = cache.reader();
        let writer = cache.into_writer();
        Self {
            cache: Arc::new(Cache {
                reader,
                notes: Mutex::new(Some(writer.notes())),
            }),
            writer: Mutex::new(Some(writer)),
        }
    }

    /// The size of a file in bytes, and its digests.
    ///
    /// # Errors
    ///
    /// [`ItemError`] when it cannot be read, or changes while it is read.
    pub async fn of(&self, path: &Path) -> Result<(u64, Digests), ItemError> {
        let (cache, whose) = (Arc::clone(&self.cache), path.to_owned());
        let path = whose.clone();
        let reading = tokio::task::spawn_blocking(move || cache.of(&path));
        match reading.await {
            Ok(outcome) => outcome,
            Err(_) => Err(ended(&whose)),
        }
    }

    /// Lets go of the cache, so that a run can use it: files are read from now on.
    pub async fn close(&self) {
        drop(
            self.cache
                .notes
                .lock()
                .unwrap_or_else(PoisonError::into_inner)
                .take(),
        );
        let writer = self
            .writer
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .take();
        if let Some(writer) = writer {
            // Losing the thread's panic is right: the cache is a shortcut.
            drop(tokio::task::spawn_blocking(move || writer.finish(None)).await);
        }
    }
}

impl Cache {
    fn of(&self, path: &Path) -> Result<(u64, Digests), ItemError> {
        let mut file = OpenFile::open(path)?;
        let stamp = *file.stamp();
        let known = self
            .reader
            .as_ref()
            .and_then(|reader| reader.find(&[stamp])[0]);
        if let Some(digests) = known {
            return Ok((stamp.size, digests));
        }
        let content = match read_whole(&mut file, |_| true) {
            Ok(content) => content,
            Err(Halt::Item(error)) => return Err(error),
            Err(Halt::Stopped | Halt::Store(_)) => return Err(ended(path)),
        };
        let notes = self.notes.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(notes) = &*notes {
            notes.remember(vec![Notes::entry(&stamp, file.opened(), content.digests)]);
        }
        Ok((stamp.size, content.digests))
    }
}

fn ended(path: &Path) -> ItemError {
    ItemError::Read {
        path: path.to_owned(),
        cause: io::Error::other("reading it was given up"),
    }
}

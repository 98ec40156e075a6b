//! Where vendors' files rest between their arrival and their publication: a directory addressed by content.
//!
//! A file stands at `<first two digits>/<sha256>` only after all of it was read back and had that digest. What is still
//! arriving stands in `incoming/`, under a digest of its URL, beside notes of what has arrived and a lock that lets
//! one process write. `seen/` tells since when which bytes are known at a URL. URLs themselves are not written down:
//! they may carry secrets. It knows nothing of HTTP.

mod file;
mod notes;
mod part;
mod seen;

use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use jiff::Timestamp;
use longshore_content::{Digests, Sha256Digest};
use sha2::{Digest, Sha256};
use url::Url;

use crate::ItemError;

pub(crate) use file::digests_of;
pub(crate) use notes::Notes;
pub(crate) use part::Part;

/// Why the cellar cannot do what it is asked for.
#[derive(Debug, thiserror::Error)]
pub enum CellarError {
    /// This user has no cache directory.
    #[error("there is no cache directory for this user")]
    NoDirectory,
    /// Another process, or another download in this one, writes the same file.
    #[error("another process is writing `{}`", path.display())]
    Busy {
        /// The file.
        path: PathBuf,
    },
    /// The disk did not do what was asked.
    #[error("cannot use `{}`", path.display())]
    Io {
        /// The file or directory.
        path: PathBuf,
        /// What happened.
        #[source]
        cause: io::Error,
    },
    /// The file changed while it was read, or what is there has other bytes than it should.
    #[error("`{}` has other bytes than its name says", path.display())]
    Damaged {
        /// The file.
        path: PathBuf,
    },
}

impl CellarError {
    pub(crate) fn at(path: &Path) -> impl FnOnce(io::Error) -> Self {
        let path = path.to_owned();
        |cause| Self::Io { path, cause }
    }
}

/// A directory of files by content. Its methods block.
#[derive(Debug, Clone)]
pub struct Cellar {
    directory: PathBuf,
}

impl Cellar {
    /// Opens the cellar in `directory`, which is made if it is not there.
    ///
    /// # Errors
    ///
    /// [`CellarError::Io`] if it cannot be made.
    pub fn open(directory: impl Into<PathBuf>) -> Result<Self, CellarError> {
        let directory = directory.into();
        for part in ["incoming", "seen"] {
            let path = directory.join(part);
            fs_err::create_dir_all(&path).map_err(CellarError::at(&path))?;
        }
        Ok(Self { directory })
    }

    /// Where the cellar of this user is.
    ///
    /// # Errors
    ///
    /// [`CellarError::NoDirectory`] if this user has no home.
    pub fn default_directory() -> Result<PathBuf, CellarError> {
        use etcetera::BaseStrategy;

        let base = etcetera::choose_base_strategy().map_err(|_| CellarError::NoDirectory)?;
        Ok(base.cache_dir().join("longshore").join("cellar"))
    }

    /// The directory.
    pub fn directory(&self) -> &Path {
        &self.directory
    }

    /// Where the file with this digest stands, if it is here; if its size is known, only a file of that size counts.
    pub fn get(&self, sha256: &Sha256Digest, size: Option<u64>) -> Option<PathBuf> {
        let path = self.place(sha256);
        let metadata = fs_err::symlink_metadata(&path).ok()?;
        let fits = metadata.is_file() && size.is_none_or(|size| size == metadata.len());
        fits.then_some(path)
    }

    /// Begins to take in a file that comes from somewhere else than a URL.
    pub(crate) fn begin(&self) -> Result<Arriving, CellarError> {
        let incoming = self.directory.join("incoming");
        let file =
            tempfile::NamedTempFile::new_in(&incoming).map_err(CellarError::at(&incoming))?;
        Ok(Arriving(file))
    }

    /// Keeps what has arrived, if it is what is expected: under its digest, which is taken from the disk.
    pub(crate) fn keep(
        &self,
        arriving: Arriving,
        expected: Option<Sha256Digest>,
    ) -> Result<(PathBuf, Digests), ItemError> {
        let Arriving(file) = arriving;
        file.as_file()
            .sync_all()
            .map_err(CellarError::at(file.path()))?;
        let digests = digests_of(file.path(), &|| false)?;
        let found = digests.sha256;
        if let Some(expected) = expected.filter(|expected| *expected != found) {
            return Err(ItemError::Mismatch { expected, found });
        }
        let place = self.prepare(&found)?;
        file.persist(&place)
            .map_err(|error| CellarError::at(&place)(error.error))?;
        file::sync_directory_of(&place);
        Ok((place, digests))
    }

    /// Removes the file with this digest; tells whether there was one.
    ///
    /// # Errors
    ///
    /// [`CellarError::Io`] if it is there and stays.
    pub fn forget(&self, sha256: &Sha256Digest) -> Result<bool, CellarError> {
        file::remove(&self.place(sha256))
    }

    /// Since when these bytes are known at `url`: `now`, if this is the first time that they are seen there.
    ///
    /// Notes that are damaged count as none, so that a cooldown is rather too long than too short.
    ///
    /// # Errors
    ///
    /// [`CellarError::Io`] if it cannot be written down.
    pub fn first_seen(
        &self,
        url: &Url,
        sha256: &Sha256Digest,
        now: Timestamp,
    ) -> Result<Timestamp, CellarError> {
        let path = self.directory.join("seen").join(name_of(url));
        seen::first_seen(&path.with_extension("json"), sha256, now)
    }

    /// Opens what has arrived from `url`, for this download alone.
    pub(crate) fn part(&self, url: &Url) -> Result<Part, CellarError> {
        Part::open(&self.directory.join("incoming").join(name_of(url)))
    }

    /// Where the file with this digest belongs, in a directory that is there.
    pub(crate) fn prepare(&self, sha256: &Sha256Digest) -> Result<PathBuf, CellarError> {
        let place = self.place(sha256);
        let directory = place.parent().unwrap_or(&self.directory);
        fs_err::create_dir_all(directory).map_err(CellarError::at(directory))?;
        Ok(place)
    }

    fn place(&self, sha256: &Sha256Digest) -> PathBuf {
        let name = sha256.to_string();
        self.directory.join(&name[..2]).join(name)
    }
}

/// A file that is arriving; it is gone when it is dropped.
#[derive(Debug)]
pub(crate) struct Arriving(tempfile::NamedTempFile);

impl Arriving {
    /// Takes the next bytes.
    pub(crate) fn write(&mut self, bytes: &[u8]) -> Result<(), CellarError> {
        let written = self.0.write_all(bytes);
        written.map_err(CellarError::at(self.0.path()))
    }
}

/// A file name for a URL that does not tell the URL.
fn name_of(url: &Url) -> String {
    hex::encode(Sha256::digest(url.as_str()))
}

#[cfg(test)]
mod tests;

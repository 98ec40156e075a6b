//! A library on this machine: its manifest, the lock beside it, and the directory that its paths are relative to.

use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use longshore_content::Sha256Digest;
use longshore_manifest::{Lock, LockError, Manifest, ManifestErrors};
use sha2::{Digest as _, Sha256};

/// How the name of a lock ends.
const LOCK_ENDING: &str = "lock";

/// Why a library cannot be read, or its lock not be written.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum LibraryError {
    /// A file cannot be read.
    #[error("cannot read `{}`", .path.display())]
    Read {
        /// The file.
        path: PathBuf,
        /// What the system said.
        #[source]
        cause: std::io::Error,
    },
    /// The manifest is wrong.
    #[error("the manifest `{}` is wrong", .path.display())]
    Manifest {
        /// The file.
        path: PathBuf,
        /// Its text, so that the places can be shown.
        text: String,
        /// What is wrong with it, and where.
        #[source]
        errors: ManifestErrors,
    },
    /// The lock cannot be used.
    #[error("the lock `{}` cannot be used", .path.display())]
    Lock {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        #[source]
        cause: LockError,
    },
    /// The lock is that of another library.
    #[error("the lock `{}` is that of `{found}`, not of `{expected}`", .path.display())]
    OtherLibrary {
        /// The file.
        path: PathBuf,
        /// The library of the manifest.
        expected: String,
        /// The library of the lock.
        found: String,
    },
    /// The lock cannot be written.
    #[error("cannot write the lock `{}`", .path.display())]
    Write {
        /// The file.
        path: PathBuf,
        /// What the system said.
        #[source]
        cause: std::io::Error,
    },
}

impl LibraryError {
    /// What somebody can do about it.
    pub fn hint(&self) -> Option<String> {
        let text = match self {
            Self::Read { .. } => "name the manifest, such as `manifests/windows.toml`",
            Self::Lock { .. } => {
                "after a merge that left both sides in it, remove one block of each pair; or delete it and run `longshore lock`"
            }
            Self::OtherLibrary { .. } => {
                "give each library a manifest and a lock of its own, or name it with `--lock`"
            }
            Self::Write { .. } => "check who may write there",
            Self::Manifest { .. } => return None,
        };
        Some(text.to_owned())
    }
}

/// A library as its manifest and its lock tell it.
#[derive(Debug, Clone)]
pub struct Library {
    /// What it should hold.
    pub manifest: Manifest,
    /// The SHA-256 of the manifest's text.
    pub manifest_digest: Sha256Digest,
    /// What paths in the manifest are relative to.
    pub directory: PathBuf,
    /// What is pinned; empty when there is no lock yet.
    pub lock: Lock,
    /// Where the lock stands.
    pub lock_path: PathBuf,
}

impl Library {
    /// Reads a manifest, and the lock: the file of the same name that ends in `.lock`, unless `lock` names another.
    ///
    /// # Errors
    ///
    /// Each variant of [`LibraryError`] but `Write`.
    pub fn read(manifest: &Path, lock: Option<&Path>) -> Result<Self, LibraryError> {
        let text = read(manifest)?;
        let parsed = Manifest::parse(&text).map_err(|errors| LibraryError::Manifest {
            path: manifest.to_owned(),
            text: text.clone(),
            errors,
        })?;
        let lock_path = lock.map_or_else(|| manifest.with_extension(LOCK_ENDING), Path::to_owned);
        let lock = read_lock(&lock_path, &parsed)?;
        Ok(Self {
            manifest_digest: Sha256Digest::from_bytes(Sha256::digest(text.as_bytes()).into()),
            directory: manifest.parent().map(Path::to_owned).unwrap_or_default(),
            manifest: parsed,
            lock,
            lock_path,
        })
    }

    /// Writes a lock, in one step; tells whether it is another one than before.
    ///
    /// # Errors
    ///
    /// [`LibraryError::Write`].
    pub fn save_lock(&mut self, lock: Lock) -> Result<bool, LibraryError> {
        let text = lock.render();
        let failed = |cause| LibraryError::Write {
            path: self.lock_path.clone(),
            cause,
        };
        let is_new = match fs_err::read_to_string(&self.lock_path) {
            Ok(there) => there != text,
            Err(_) => true,
        };
        if is_new {
            write_in_one_step(&self.lock_path, &text).map_err(failed)?;
        }
        self.lock = lock;
        Ok(is_new)
    }
}

fn read(path: &Path) -> Result<String, LibraryError> {
    fs_err::read_to_string(path).map_err(|cause| LibraryError::Read {
        path: path.to_owned(),
        cause,
    })
}

fn read_lock(path: &Path, manifest: &Manifest) -> Result<Lock, LibraryError> {
    let expected = &manifest.library.name;
    let text = match fs_err::read_to_string(path) {
        Err(error) if error.kind() == ErrorKind::NotFound => {
            return Ok(Lock::empty(expected.clone()));
        }
        text => text.map_err(|cause| LibraryError::Read {
            path: path.to_owned(),
            cause,
        })?,
    };
    let lock = Lock::parse(&text).map_err(|cause| LibraryError::Lock {
        path: path.to_owned(),
        cause,
    })?;
    if lock.library != *expected {
        return Err(LibraryError::OtherLibrary {
            path: path.to_owned(),
            expected: expected.to_string(),
            found: lock.library.to_string(),
        });
    }
    Ok(lock)
}

/// A reader sees the old file or the new one, and a full disk leaves the old one.
pub(crate) fn write_in_one_step(path: &Path, text: &str) -> std::io::Result<()> {
    use std::io::Write as _;

    let directory = match path.parent() {
        Some(parent) if parent != Path::new("") => parent,
        _ => Path::new("."),
    };
    let mut file = tempfile::NamedTempFile::new_in(directory)?;
    file.write_all(text.as_bytes())?;
    file.as_file().sync_all()?;
    file.persist(path).map_err(|error| error.error)?;
    Ok(())
}

//! One file of the source, opened, with the promise that nobody wrote to it meanwhile.

use std::io::{self, Read};
use std::path::{Path, PathBuf};

use fs_err::File;

use crate::ItemError;
use crate::platform::{self, Nanoseconds, Stamp};

/// A file that was opened, and how it looked then.
#[derive(Debug)]
pub(crate) struct OpenFile {
    file: File,
    path: PathBuf,
    stamp: Stamp,
    opened: Nanoseconds,
}

impl OpenFile {
    pub(crate) fn open(path: &Path) -> Result<Self, ItemError> {
        let opened = platform::now();
        let file = File::open(path).map_err(|cause| read_error(path, cause))?;
        let metadata = file.metadata().map_err(|cause| read_error(path, cause))?;
        Ok(Self {
            file,
            path: path.to_owned(),
            stamp: platform::stamp(path, &metadata),
            opened,
        })
    }

    /// Where the file stands.
    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    /// How the file looked when it was opened.
    pub(crate) const fn stamp(&self) -> &Stamp {
        &self.stamp
    }

    /// When it was opened: what was read holds for this moment, not for the end of a long read.
    pub(crate) const fn opened(&self) -> Nanoseconds {
        self.opened
    }

    /// Fills `buffer` with the next bytes.
    ///
    /// A file that ends too soon was cut since it was opened.
    pub(crate) fn read_exact(&mut self, buffer: &mut [u8]) -> Result<(), ItemError> {
        self.file
            .read_exact(buffer)
            .map_err(|cause| match cause.kind() {
                io::ErrorKind::UnexpectedEof => ItemError::Changed {
                    path: self.path.clone(),
                },
                _ => read_error(&self.path, cause),
            })
    }

    /// Goes on reading at `offset`.
    pub(crate) fn seek(&mut self, offset: u64) -> Result<(), ItemError> {
        let moved = io::Seek::seek(&mut self.file, io::SeekFrom::Start(offset));
        moved
            .map(|_| ())
            .map_err(|cause| read_error(&self.path, cause))
    }

    /// Makes sure that the file still looks as it did when it was opened.
    pub(crate) fn check_unchanged(&self) -> Result<(), ItemError> {
        let metadata = self
            .file
            .metadata()
            .map_err(|cause| read_error(&self.path, cause))?;
        if platform::stamp(&self.path, &metadata) == self.stamp {
            Ok(())
        } else {
            Err(ItemError::Changed {
                path: self.path.clone(),
            })
        }
    }
}

pub(crate) fn read_error(path: &Path, cause: io::Error) -> ItemError {
    ItemError::Read {
        path: path.to_owned(),
        cause,
    }
}

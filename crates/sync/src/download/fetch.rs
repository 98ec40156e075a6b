//! Bringing some bytes of a blob into memory, in the one version that is wanted, although bodies break.
//!
//! A call that fails before its body is final: the transport below has tried it again already. A body that breaks is
//! asked for again from where it stopped.

use std::io;

use futures::TryStreamExt;
use longshore_content::Crc64;
use longshore_store::{BlobRead, Condition, GetOptions, StoreError};

use super::job::Job;

/// How often the bodies of one fetch may break in all.
const MAX_BREAKS: usize = 8;

/// Some bytes of a blob on their way into memory.
pub(super) struct Fetch<'a> {
    job: &'a Job,
    /// Where the bytes start in the blob.
    offset: u64,
    buffer: &'a mut [u8],
    filled: usize,
    /// Whether the service is to tell their checksum.
    checked: bool,
}

impl<'a> Fetch<'a> {
    pub(super) const fn new(job: &'a Job, offset: u64, buffer: &'a mut [u8]) -> Self {
        Self {
            job,
            offset,
            buffer,
            filled: 0,
            checked: false,
        }
    }

    pub(super) const fn checked(mut self, checked: bool) -> Self {
        self.checked = checked;
        self
    }

    /// Fills the buffer. [`StoreError::Corrupt`] when what came is known not to be what the blob holds.
    pub(super) async fn run(mut self) -> Result<(), StoreError> {
        let mut breaks = 0;
        loop {
            let read = self.ask().await?;
            match self.read(read).await {
                Ok(()) => return Ok(()),
                Err(error) if error.is_ambiguous() && breaks < MAX_BREAKS => breaks += 1,
                Err(error) => return Err(error),
            }
            if self.checked {
                // A checksum is one of the whole answer.
                self.filled = 0;
            }
        }
    }

    async fn ask(&self) -> Result<BlobRead, StoreError> {
        let start = self.offset + self.filled as u64;
        let end = self.offset + self.buffer.len() as u64;
        let options = GetOptions {
            // A blob without bytes has no range.
            range: (end > 0).then_some(start..end),
            condition: Condition::Matches(self.job.download.etag.clone()),
            checksum: self.checked,
        };
        self.job.source.get(&self.job.download.name, options).await
    }

    /// Takes a body to its end.
    async fn read(&mut self, mut read: BlobRead) -> Result<(), StoreError> {
        while let Some(part) = read.body.try_next().await? {
            self.job.took(part.len() as u64);
            let end = self.filled + part.len();
            let room = self.buffer.get_mut(self.filled..end);
            room.ok_or_else(|| self.job.corrupt())?
                .copy_from_slice(&part);
            self.filled = end;
        }
        if self.filled < self.buffer.len() {
            let cause = io::Error::from(io::ErrorKind::UnexpectedEof).into();
            return Err(StoreError::Io { cause });
        }
        match read.checksum {
            Some(checksum) if self.checked && checksum != Crc64::of(self.buffer) => {
                Err(self.job.corrupt())
            }
            _ => Ok(()),
        }
    }
}

impl Job {
    fn corrupt(&self) -> StoreError {
        StoreError::Corrupt {
            name: self.download.name.clone(),
            cause: None,
        }
    }
}

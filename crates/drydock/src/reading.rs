//! Reading a range of a blob, piece by piece, across its extents.

use std::collections::VecDeque;
use std::io;
use std::sync::Arc;

use bytes::{Bytes, BytesMut};

use crate::storage::{Blob, Extent, ExtentReader};

/// How much is read at once.
const PIECE: u64 = 256 * 1024;

/// A range of a blob that is being read. It holds the extents, so the bytes stay whatever happens to the blob.
#[derive(Debug)]
pub(crate) struct Reading {
    waiting: VecDeque<Arc<Extent>>,
    open: Option<(ExtentReader, u64)>,
    /// Where the reading goes on in the extent that is open, or in the first that is waiting.
    offset: u64,
    remaining: u64,
}

impl Reading {
    /// Bytes `start..start + length` of a blob, which must lie in it.
    pub(crate) fn new(blob: &Blob, start: u64, length: u64) -> Self {
        let mut waiting: VecDeque<_> = blob.content.extents().into();
        let mut offset = start;
        while let Some(first) = waiting.front() {
            if offset < first.length() {
                break;
            }
            offset -= first.length();
            waiting.pop_front();
        }
        Self {
            waiting,
            open: None,
            offset,
            remaining: length,
        }
    }

    /// The bytes that are still to come.
    pub(crate) fn remaining(&self) -> u64 {
        self.remaining
    }

    /// The next piece; none at the end.
    pub(crate) fn next_piece(&mut self) -> io::Result<Option<Bytes>> {
        if self.remaining == 0 {
            return Ok(None);
        }
        let (reader, length) = match self.open.take() {
            Some((reader, length)) if self.offset < length => (reader, length),
            _ => {
                let extent = self.waiting.pop_front();
                let extent = extent.ok_or(io::ErrorKind::UnexpectedEof)?;
                (extent.open()?, extent.length())
            }
        };
        let size = PIECE.min(length - self.offset).min(self.remaining);
        let mut buffer = BytesMut::zeroed(usize::try_from(size).map_err(io::Error::other)?);
        reader.read_exact_at(&mut buffer, self.offset)?;
        self.remaining -= size;
        self.offset += size;
        if self.offset < length {
            self.open = Some((reader, length));
        } else {
            self.offset = 0;
        }
        Ok(Some(buffer.freeze()))
    }
}

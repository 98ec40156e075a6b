//! Programs of Windows: where the signature is, and which bytes it is over.
//!
//! The digest is over every byte of the file but three places: the checksum, the directory's entry that points at the
//! certificate table, and that table. Nothing but headers and table is held in memory.

use std::io::{self, Read, Seek, SeekFrom};
use std::ops::Range;

use aws_lc_rs::digest::Digest;

use super::algorithm::DigestAlgorithm;
use super::fault::Fault;

/// No honest certificate table comes near it.
const MAX_TABLE: u64 = 16 << 20;

/// The kind of certificate that is a signature: `WIN_CERT_TYPE_PKCS_SIGNED_DATA`.
const SIGNED_DATA: u16 = 2;

/// How much is read at a time.
const CHUNK: usize = 256 << 10;

/// Where the places are that a signature leaves out.
#[derive(Debug)]
pub(super) struct Layout {
    checksum: u64,
    /// The entry that points at the certificate table; none in a file whose directory ends before it.
    entry: Option<u64>,
    table: Option<Range<u64>>,
    length: u64,
}

/// A signature as it stands in the certificate table.
#[derive(Debug)]
pub(super) struct Found {
    /// The message, with what follows it up to the end of its entry.
    pub(super) message: Vec<u8>,
    /// Whether there are other entries.
    pub(super) has_others: bool,
}

impl Layout {
    /// The layout of a program; none when the file is not one.
    pub(super) fn read(file: &mut (impl Read + Seek)) -> Result<Option<Self>, Fault> {
        let length = file.seek(SeekFrom::End(0))?;
        if length < 64 {
            return Ok(None);
        }
        let header = u64::from(u32_at(file, 0x3c)?);
        if length < header + 26 || bytes_at(file, header)? != *b"PE\0\0" {
            return Ok(None);
        }
        let optional = header + 24;
        let (count, directory) = match u16_at(file, optional)? {
            0x10b => (optional + 92, optional + 96),
            0x20b => (optional + 108, optional + 112),
            _ => {
                return Err(Fault::malformed(
                    "the program's header is of an unknown kind",
                ));
            }
        };
        let has_entry = u32_at(file, count)? > 4;
        let mut layout = Self {
            checksum: optional + 64,
            entry: has_entry.then_some(directory + 32),
            table: None,
            length,
        };
        layout.table = layout.table(file)?;
        Ok(Some(layout))
    }

    fn table(&self, file: &mut (impl Read + Seek)) -> Result<Option<Range<u64>>, Fault> {
        let Some(entry) = self.entry else {
            return Ok(None);
        };
        let start = u64::from(u32_at(file, entry)?);
        let size = u64::from(u32_at(file, entry + 4)?);
        if start == 0 || size == 0 {
            return Ok(None);
        }
        if start < entry + 8 || start + size > self.length {
            return Err(Fault::malformed(
                "the certificate table is not within the file",
            ));
        }
        if size > MAX_TABLE {
            return Err(Fault::malformed("the certificate table is too large"));
        }
        Ok(Some(start..start + size))
    }

    /// The signature in the file, if there is one.
    pub(super) fn signature(&self, file: &mut (impl Read + Seek)) -> Result<Option<Found>, Fault> {
        let Some(range) = &self.table else {
            return Ok(None);
        };
        file.seek(SeekFrom::Start(range.start))?;
        let mut table = Vec::new();
        file.take(range.end - range.start).read_to_end(&mut table)?;
        let mut entries = Vec::new();
        let mut rest = table.as_slice();
        while rest.len() >= 8 {
            let (entry, kind) = split_entry(rest)?;
            entries.push((entry, kind));
            rest = rest
                .get(entry.len().next_multiple_of(8)..)
                .unwrap_or_default();
        }
        let message = entries.iter().find(|(_, kind)| *kind == SIGNED_DATA);
        Ok(message.map(|(entry, _)| Found {
            message: entry[8..].to_vec(),
            has_others: entries.len() > 1,
        }))
    }

    /// The digest of the file without the places that are left out.
    pub(super) fn digest(
        &self,
        file: &mut (impl Read + Seek),
        algorithm: DigestAlgorithm,
    ) -> Result<Digest, Fault> {
        let mut context = algorithm.start();
        let mut buffer = vec![0; CHUNK];
        for range in self.covered() {
            file.seek(SeekFrom::Start(range.start))?;
            let mut left = range.end.saturating_sub(range.start);
            while left > 0 {
                let size = usize::try_from(left).map_or(CHUNK, |left| left.min(CHUNK));
                file.read_exact(&mut buffer[..size])?;
                context.update(&buffer[..size]);
                left -= size as u64;
            }
        }
        Ok(context.finish())
    }

    /// The parts of the file that a digest is over, in order.
    fn covered(&self) -> Vec<Range<u64>> {
        let entry = self.entry.map(|entry| entry..entry + 8);
        let places = [
            Some(self.checksum..self.checksum + 4),
            entry,
            self.table.clone(),
        ];
        let mut parts = Vec::new();
        let mut from = 0;
        for place in places.into_iter().flatten() {
            parts.push(from..place.start);
            from = place.end;
        }
        parts.push(from..self.length);
        parts
    }
}

/// The first entry of a certificate table, with its header, and its kind.
fn split_entry(table: &[u8]) -> Result<(&[u8], u16), Fault> {
    let broken = || Fault::malformed("an entry of the certificate table is longer than the table");
    let size = table.first_chunk().map(|size| u32::from_le_bytes(*size));
    let size = size.and_then(|size| usize::try_from(size).ok());
    let entry = size.and_then(|size| table.get(..size)).ok_or_else(broken)?;
    let kind = entry.get(6..8).ok_or_else(broken)?;
    Ok((entry, u16::from_le_bytes([kind[0], kind[1]])))
}

fn bytes_at<const N: usize>(file: &mut (impl Read + Seek), at: u64) -> io::Result<[u8; N]> {
    let mut bytes = [0; N];
    file.seek(SeekFrom::Start(at))?;
    file.read_exact(&mut bytes)?;
    Ok(bytes)
}

fn u16_at(file: &mut (impl Read + Seek), at: u64) -> io::Result<u16> {
    bytes_at(file, at).map(u16::from_le_bytes)
}

fn u32_at(file: &mut (impl Read + Seek), at: u64) -> io::Result<u32> {
    bytes_at(file, at).map(u32::from_le_bytes)
}

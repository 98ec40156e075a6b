//! The append-only journal: one checked line for each change, written with one `write(2)` before it is answered.
//!
//! A line is the CRC-32 of the rest in eight hexadecimal digits, a space, and a JSON record. What a killed process left
//! half-written is the last line; it is cut off. A bad line before the last one is damage, and nobody guesses around it.

use std::fs::{File, OpenOptions};
use std::io::{self, BufRead, BufReader, BufWriter, Write};
use std::path::{Path, PathBuf};

use crc_fast::CrcAlgorithm;
use serde::Serialize;
use serde::de::DeserializeOwned;

/// The open journal.
#[derive(Debug)]
pub(crate) struct Journal {
    file: File,
    /// Reused for every line.
    line: Vec<u8>,
}

/// What reading a journal found wrong.
#[derive(Debug, thiserror::Error)]
pub(crate) enum JournalError {
    /// The file could not be read or cut.
    #[error(transparent)]
    Io(#[from] io::Error),
    /// A line before the last one does not hold what was written.
    #[error("line {line} is damaged")]
    Damaged {
        /// Counted from one.
        line: u64,
    },
}

impl Journal {
    /// Reads every record at `path` in order, cuts a torn end off, and opens the file for appending.
    pub(crate) fn open<R: DeserializeOwned>(
        path: &Path,
        mut replay: impl FnMut(R),
    ) -> Result<Self, JournalError> {
        let file = OpenOptions::new()
            .read(true)
            .append(true)
            .create(true)
            .open(path)?;
        let length = file.metadata()?.len();
        let mut reader = BufReader::with_capacity(1 << 20, &file);
        let (mut line, mut good, mut number) = (Vec::new(), 0, 0);
        while reader.read_until(b'\n', &mut line)? > 0 {
            number += 1;
            let end = good + line.len() as u64;
            match decode(&line) {
                Some(record) => replay(record),
                None if end == length => break,
                None => return Err(JournalError::Damaged { line: number }),
            }
            good = end;
            line.clear();
        }
        if good < length {
            tracing::info!(
                bytes = length - good,
                "the torn end of the journal was cut off"
            );
            file.set_len(good)?;
        }
        Ok(Self {
            file,
            line: Vec::new(),
        })
    }

    /// Appends one record.
    pub(crate) fn append(&mut self, record: &impl Serialize) -> io::Result<()> {
        encode(record, &mut self.line)?;
        self.file.write_all(&self.line)
    }

    /// Appends many records with few writes.
    pub(crate) fn append_all<R: Serialize>(
        &mut self,
        records: impl Iterator<Item = R>,
    ) -> io::Result<()> {
        let mut lines = Vec::with_capacity(BATCH);
        for record in records {
            encode(&record, &mut self.line)?;
            lines.extend_from_slice(&self.line);
            if lines.len() >= BATCH {
                self.file.write_all(&lines)?;
                lines.clear();
            }
        }
        self.file.write_all(&lines)
    }
}

/// How much is collected before it is written, where many records come at once.
const BATCH: usize = 1 << 20;

/// A journal that is written anew beside the old one, to take its place.
#[derive(Debug)]
pub(crate) struct Rewrite {
    path: PathBuf,
    writer: BufWriter<tempfile::NamedTempFile>,
    line: Vec<u8>,
}

impl Rewrite {
    /// Starts the replacement of the journal at `path`.
    pub(crate) fn start(path: &Path) -> io::Result<Self> {
        let folder = path.parent().unwrap_or(Path::new("."));
        Ok(Self {
            path: path.to_owned(),
            writer: BufWriter::with_capacity(1 << 20, tempfile::NamedTempFile::new_in(folder)?),
            line: Vec::new(),
        })
    }

    /// Adds one record.
    pub(crate) fn append(&mut self, record: &impl Serialize) -> io::Result<()> {
        encode(record, &mut self.line)?;
        self.writer.write_all(&self.line)
    }

    /// Puts the new journal in place of the old one.
    pub(crate) fn finish(self) -> io::Result<Journal> {
        let temporary = self
            .writer
            .into_inner()
            .map_err(io::IntoInnerError::into_error)?;
        temporary.as_file().sync_data()?;
        temporary.persist(&self.path).map_err(|error| error.error)?;
        let file = OpenOptions::new().append(true).open(&self.path)?;
        Ok(Journal {
            file,
            line: Vec::new(),
        })
    }
}

fn encode(record: &impl Serialize, line: &mut Vec<u8>) -> io::Result<()> {
    line.clear();
    line.extend_from_slice(&[b' '; CHECKSUM + 1]);
    serde_json::to_writer(&mut *line, record)?;
    let checksum = format!("{:08x}", checksum(&line[CHECKSUM + 1..]));
    line[..CHECKSUM].copy_from_slice(checksum.as_bytes());
    line.push(b'\n');
    Ok(())
}

fn decode<R: DeserializeOwned>(line: &[u8]) -> Option<R> {
    let line = line.strip_suffix(b"\n")?;
    let (head, record) = line.split_at_checked(CHECKSUM + 1)?;
    let expected = std::str::from_utf8(&head[..CHECKSUM]).ok()?;
    if u64::from_str_radix(expected, 16).ok()? != checksum(record) {
        return None;
    }
    serde_json::from_slice(record).ok()
}

fn checksum(record: &[u8]) -> u64 {
    crc_fast::checksum(CrcAlgorithm::Crc32IsoHdlc, record)
}

const CHECKSUM: usize = 8;

#[cfg(test)]
mod tests {
    use super::*;

    fn written(records: &[&str]) -> (tempfile::TempDir, PathBuf) {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("journal");
        let mut journal = Journal::open(&path, |_: String| {}).unwrap();
        for record in records {
            journal.append(record).unwrap();
        }
        (folder, path)
    }

    fn read(path: &Path) -> Result<Vec<String>, JournalError> {
        let mut found = Vec::new();
        Journal::open(path, |record| found.push(record))?;
        Ok(found)
    }

    #[test]
    fn a_journal_cut_anywhere_yields_every_record_before_the_cut() {
        let (_folder, path) = written(&["one", "two"]);
        let whole = fs_err::read(&path).unwrap();
        let first_line = whole.iter().position(|byte| *byte == b'\n').unwrap() + 1;
        for cut in 0..=whole.len() {
            fs_err::write(&path, &whole[..cut]).unwrap();
            let expected = match cut {
                cut if cut < first_line => vec![],
                cut if cut < whole.len() => vec!["one"],
                _ => vec!["one", "two"],
            };
            assert_eq!(read(&path).unwrap(), expected, "cut at {cut}");
        }
    }

    #[test]
    fn appending_after_a_torn_line_loses_nothing() {
        let (_folder, path) = written(&["one", "two"]);
        let whole = fs_err::read(&path).unwrap();
        fs_err::write(&path, &whole[..whole.len() - 1]).unwrap();
        let mut journal = Journal::open(&path, |_: String| {}).unwrap();
        journal.append(&"three").unwrap();
        assert_eq!(read(&path).unwrap(), ["one", "three"]);
    }

    #[test]
    fn a_bad_line_in_the_middle_is_damage() {
        let (_folder, path) = written(&["one", "two"]);
        let mut whole = fs_err::read(&path).unwrap();
        whole[CHECKSUM + 2] ^= 1;
        fs_err::write(&path, &whole).unwrap();
        assert!(matches!(
            read(&path),
            Err(JournalError::Damaged { line: 1 })
        ));
    }

    #[test]
    fn a_rewritten_journal_replaces_the_old_one_and_goes_on() {
        let (_folder, path) = written(&["one", "two"]);
        let mut rewrite = Rewrite::start(&path).unwrap();
        rewrite.append(&"both").unwrap();
        rewrite.finish().unwrap().append(&"three").unwrap();
        assert_eq!(read(&path).unwrap(), ["both", "three"]);
    }
}

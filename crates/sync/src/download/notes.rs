//! What is noted beside an unfinished file: which blob it is of, and which of its ranges are there.
//!
//! The first line says whose ranges these are, each other line tells one or several of them. Lines are only added, and
//! only for bytes that are on the disk already, so the notes may know too little, never too much; a line that was cut
//! short, and all after it, counts for nothing.

use std::fmt::Write as _;
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::ops::RangeInclusive;
use std::path::{Path, PathBuf};

use fs_err::File;
use longshore_content::Digests;
use serde::{Deserialize, Serialize};

use super::part::{open_own, remove};

/// The version of the format. Notes of any other are left alone, and the file is begun anew.
const VERSION: u32 = 1;

/// Longer notes are not ours.
const LONGEST: u64 = 64 << 20;

/// Whose ranges are noted, and how they are cut. Notes about anything else are of no use.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Subject {
    version: u32,
    blob: String,
    etag: String,
    size: u64,
    digests: Option<Digests>,
    /// The size of every range but the last, in bytes.
    range: u64,
}

impl Subject {
    pub(super) fn new(download: &super::Download, range: u64) -> Self {
        Self {
            version: VERSION,
            blob: download.name.to_string(),
            etag: download.etag.to_string(),
            size: download.size,
            digests: download.digests,
            range,
        }
    }
}

/// The notes beside one file.
#[derive(Debug)]
pub(super) struct Notes {
    path: PathBuf,
    subject: Subject,
    file: Option<File>,
}

impl Notes {
    /// Notes that are begun when there is something to say.
    pub(super) fn new(path: &Path, subject: Subject) -> Self {
        Self {
            path: path.to_owned(),
            subject,
            file: None,
        }
    }

    /// The ranges that an earlier run noted; none when these notes are about something else. Goes on with them.
    pub(super) fn resume(&mut self) -> io::Result<Vec<RangeInclusive<u64>>> {
        let is_file = match fs_err::symlink_metadata(&self.path) {
            Ok(metadata) => metadata.is_file() && metadata.len() <= LONGEST,
            Err(error) if error.kind() == io::ErrorKind::NotFound => false,
            Err(error) => return Err(error),
        };
        if !is_file {
            return Ok(Vec::new());
        }
        let mut file = open_own(&self.path)?;
        let mut bytes = Vec::new();
        file.read_to_end(&mut bytes)?;
        let Some((ranges, length)) = parse(&bytes, &self.subject) else {
            return Ok(Vec::new());
        };
        file.set_len(length)?;
        file.seek(SeekFrom::Start(length))?;
        self.file = Some(file);
        Ok(ranges)
    }

    /// Notes that these ranges are on the disk.
    pub(super) fn add(&mut self, ranges: &[u64]) -> io::Result<()> {
        let mut text = String::new();
        if self.file.is_none() {
            remove(&self.path)?;
            text = serde_json::to_string(&self.subject)?;
            text.push('\n');
        }
        for run in runs(ranges) {
            // Writing to a text cannot fail.
            let _ = writeln!(text, "{}-{}", run.start(), run.end());
        }
        let file = match &mut self.file {
            Some(file) => file,
            none => none.insert(open_own(&self.path)?),
        };
        file.write_all(text.as_bytes())
    }
}

/// The ranges in these notes and how many bytes of them are whole, when they are about `subject`.
fn parse(bytes: &[u8], subject: &Subject) -> Option<(Vec<RangeInclusive<u64>>, u64)> {
    let mut lines = bytes.split_inclusive(|&byte| byte == b'\n');
    let first = lines.next()?;
    if serde_json::from_slice::<Subject>(first.strip_suffix(b"\n")?).ok()? != *subject {
        return None;
    }
    let count = subject.size.div_ceil(subject.range.max(1));
    let mut ranges = Vec::new();
    let mut length = first.len();
    for line in lines {
        let Some(range) = parse_line(line).filter(|range| *range.end() < count) else {
            break;
        };
        ranges.push(range);
        length += line.len();
    }
    Some((ranges, length as u64))
}

fn parse_line(line: &[u8]) -> Option<RangeInclusive<u64>> {
    let text = std::str::from_utf8(line.strip_suffix(b"\n")?).ok()?;
    let (first, last) = text.split_once('-')?;
    let (first, last) = (first.parse().ok()?, last.parse().ok()?);
    (first <= last).then_some(first..=last)
}

/// Runs of neighbours.
fn runs(ranges: &[u64]) -> Vec<RangeInclusive<u64>> {
    let mut sorted = ranges.to_vec();
    sorted.sort_unstable();
    let mut runs: Vec<RangeInclusive<u64>> = Vec::new();
    for index in sorted {
        match runs.last_mut() {
            Some(run) if run.end() + 1 == index => *run = *run.start()..=index,
            _ => runs.push(index..=index),
        }
    }
    runs
}

#[cfg(test)]
mod tests {
    use super::*;

    fn subject() -> Subject {
        Subject {
            version: VERSION,
            blob: "a".to_owned(),
            etag: "0x1".to_owned(),
            size: 95,
            digests: None,
            range: 10,
        }
    }

    fn indexes(ranges: Vec<RangeInclusive<u64>>) -> Vec<u64> {
        ranges.into_iter().flatten().collect()
    }

    #[test]
    fn what_is_noted_is_found_again_and_added_to() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("notes");
        let new = || Notes::new(&path, subject());
        assert!(new().resume().unwrap().is_empty());
        assert!(!path.exists(), "nothing to say, nothing written");
        new().add(&[3, 0, 1]).unwrap();
        let mut notes = new();
        assert_eq!(indexes(notes.resume().unwrap()), [0, 1, 3]);
        notes.add(&[9]).unwrap();
        notes.add(&[2]).unwrap();
        assert_eq!(indexes(new().resume().unwrap()), [0, 1, 3, 9, 2]);
    }

    #[test]
    fn notes_about_something_else_are_replaced() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("notes");
        Notes::new(&path, subject()).add(&[0]).unwrap();
        let changes: [fn(&mut Subject); 5] = [
            |it| it.version += 1,
            |it| it.blob.push('x'),
            |it| it.etag.push('x'),
            |it| it.size += 1,
            |it| it.range += 1,
        ];
        for change in changes {
            let mut other = subject();
            change(&mut other);
            assert!(Notes::new(&path, other).resume().unwrap().is_empty());
        }
        let mut other = subject();
        other.etag.push('x');
        let mut notes = Notes::new(&path, other.clone());
        assert!(notes.resume().unwrap().is_empty());
        notes.add(&[5]).unwrap();
        assert!(Notes::new(&path, subject()).resume().unwrap().is_empty());
        assert_eq!(indexes(Notes::new(&path, other).resume().unwrap()), [5]);
    }

    #[test]
    fn notes_that_were_cut_anywhere_tell_no_more_than_was_there() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("notes");
        let mut notes = Notes::new(&path, subject());
        notes.add(&[1, 2]).unwrap();
        notes.add(&[8]).unwrap();
        let whole = fs_err::read(&path).unwrap();
        for length in 0..=whole.len() {
            fs_err::write(&path, &whole[..length]).unwrap();
            let mut notes = Notes::new(&path, subject());
            let found = indexes(notes.resume().unwrap());
            assert!(
                [&[1, 2, 8][..], &[1, 2], &[]].contains(&&found[..]),
                "{found:?}"
            );
            notes.add(&[4]).unwrap();
            let again = indexes(Notes::new(&path, subject()).resume().unwrap());
            assert_eq!(again, [&found[..], &[4]].concat());
        }
    }

    #[test]
    fn lines_of_no_sense_end_the_notes() {
        let head = format!("{}\n", serde_json::to_string(&subject()).unwrap());
        for bad in ["10-10", "3-2", "x-1", "1", "", "\0\0\0", "-1", "1-2-3"] {
            let text = format!("{head}0-0\n{bad}\n1-1\n");
            let (ranges, length) = parse(text.as_bytes(), &subject()).unwrap();
            assert_eq!(
                (indexes(ranges), length),
                (vec![0], head.len() as u64 + 4),
                "{bad}"
            );
        }
    }
}

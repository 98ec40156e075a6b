//! What has arrived of one file: the notes beside it. Pure but for their text.
//!
//! Notes never promise more than is on the disk, and whatever cannot be read counts as nothing.

use std::ops::Range;

use serde::{Deserialize, Serialize};

/// The version of the notes; others are not read.
const VERSION: u32 = 1;

/// Which bytes of which file have arrived.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Notes {
    version: u32,
    /// Which state of the file it is, in the server's words.
    pub(crate) validator: String,
    /// Its size in bytes.
    pub(crate) size: u64,
    /// What is there: sorted, apart from each other, none of them empty.
    finished: Vec<(u64, u64)>,
}

impl Notes {
    /// Notes of a file of which nothing has arrived.
    pub(crate) fn new(validator: String, size: u64) -> Self {
        Self {
            version: VERSION,
            validator,
            size,
            finished: Vec::new(),
        }
    }

    /// Reads notes about a file that has `length` bytes on the disk.
    pub(super) fn read(text: &[u8], length: u64) -> Option<Self> {
        let notes: Self = serde_json::from_slice(text).ok()?;
        let mut end = None;
        let sound = notes.finished.iter().all(|&(start, stop)| {
            let follows = end.is_none_or(|end| end < start) && start < stop;
            end = Some(stop);
            follows
        });
        let end = end.unwrap_or(0);
        (sound && notes.version == VERSION && end <= notes.size && end <= length).then_some(notes)
    }

    /// Notes that a range is there.
    pub(crate) fn add(&mut self, range: Range<u64>) {
        if range.is_empty() {
            return;
        }
        let (mut start, mut stop) = (range.start, range.end);
        self.finished.retain(|&(from, to)| {
            let apart = to < start || stop < from;
            if !apart {
                start = start.min(from);
                stop = stop.max(to);
            }
            apart
        });
        let at = self.finished.partition_point(|&(from, _)| from < start);
        self.finished.insert(at, (start, stop));
    }

    /// How many bytes are there.
    pub(crate) fn present(&self) -> u64 {
        self.finished.iter().map(|(start, stop)| stop - start).sum()
    }

    /// What is not there yet, in order.
    pub(crate) fn missing(&self) -> Vec<Range<u64>> {
        let mut missing = Vec::new();
        let mut at = 0;
        for &(start, stop) in &self.finished {
            if at < start {
                missing.push(at..start);
            }
            at = stop;
        }
        if at < self.size {
            missing.push(at..self.size);
        }
        missing
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn what_was_added_is_there_and_the_rest_is_missing(
            ranges in prop::collection::vec((0_u64..200, 0_u64..60), 0..20),
        ) {
            let mut notes = Notes::new("\"a\"".to_owned(), 260);
            let mut there = [false; 260];
            for (start, length) in ranges {
                notes.add(start..start + length);
                there[usize::try_from(start).unwrap()..][..usize::try_from(length).unwrap()].fill(true);
            }
            let missing = notes.missing();
            for (at, there) in (0_u64..).zip(there) {
                prop_assert_eq!(there, !missing.iter().any(|range| range.contains(&at)), "at {}", at);
            }
            let count = there.iter().filter(|there| **there).count();
            prop_assert_eq!(notes.present(), count as u64);
            let text = serde_json::to_vec(&notes).unwrap();
            prop_assert_eq!(Notes::read(&text, 260), Some(notes));
        }

        #[test]
        fn damaged_notes_are_none_or_sound(
            cut in 0_usize..80, byte in any::<u8>(),
        ) {
            let mut notes = Notes::new("\"a\"".to_owned(), 100);
            notes.add(0..10);
            notes.add(20..30);
            let mut text = serde_json::to_vec(&notes).unwrap();
            let at = cut.min(text.len() - 1);
            text[at] = byte;
            if let Some(read) = Notes::read(&text, 30) {
                prop_assert!(read.missing().iter().all(|range| range.start < range.end));
            }
            prop_assert!(Notes::read(&text[..at], 30).is_none());
        }
    }

    #[test]
    fn notes_that_promise_more_than_there_is_are_none() {
        let mut notes = Notes::new("\"a\"".to_owned(), 100);
        notes.add(20..30);
        let text = serde_json::to_vec(&notes).unwrap();
        assert!(Notes::read(&text, 30).is_some());
        assert!(Notes::read(&text, 29).is_none());
    }
}

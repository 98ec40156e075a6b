//! What waits to be done: small files gathered into batches, large ones with the largest first, other steps in order.

use std::cmp::Ordering;
use std::collections::{BinaryHeap, VecDeque};

use longshore_content::MIN_BLOCK_SIZE;

use crate::step::Step;
use crate::upload::Candidate;

/// A batch has at most so many files, and not many more bytes.
const BATCH_FILES: usize = 64;
const BATCH_BYTES: u64 = 4 << 20;

/// So many batches, large files and other steps may wait before whoever finds them has to.
const BATCHES_WAITING: usize = 4;
const LARGE_WAITING: usize = 1024;
const SINGLES_WAITING: usize = 1024;

/// What waits to be done.
#[derive(Debug, Default)]
pub(crate) struct Queue {
    open: Vec<Candidate>,
    open_bytes: u64,
    batches: VecDeque<Vec<Candidate>>,
    large: BinaryHeap<BySize>,
    singles: VecDeque<Step>,
}

/// A large file, ordered by its size.
#[derive(Debug)]
struct BySize(Candidate);

impl BySize {
    const fn size(&self) -> u64 {
        self.0.file.stamp.size
    }
}

impl PartialEq for BySize {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other) == Ordering::Equal
    }
}

impl Eq for BySize {}

impl PartialOrd for BySize {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for BySize {
    fn cmp(&self, other: &Self) -> Ordering {
        self.size()
            .cmp(&other.size())
            .then_with(|| other.0.file.name.cmp(&self.0.file.name))
    }
}

impl Queue {
    /// Whether more may come.
    pub(crate) fn has_room(&self) -> bool {
        self.batches.len() < BATCHES_WAITING
            && self.large.len() < LARGE_WAITING
            && self.singles.len() < SINGLES_WAITING
    }

    pub(crate) fn push(&mut self, step: Step) {
        match step {
            Step::Send(candidate) => self.push_file(candidate),
            step => self.singles.push_back(step),
        }
    }

    fn push_file(&mut self, candidate: Candidate) {
        let size = candidate.file.stamp.size;
        if size > MIN_BLOCK_SIZE {
            return self.large.push(BySize(candidate));
        }
        self.open.push(candidate);
        self.open_bytes += size;
        if self.open.len() >= BATCH_FILES || self.open_bytes >= BATCH_BYTES {
            self.close_batch();
        }
    }

    /// Lets go of a batch that is not full, because nothing more is coming for now.
    pub(crate) fn close_batch(&mut self) {
        if !self.open.is_empty() {
            self.batches.push_back(std::mem::take(&mut self.open));
            self.open_bytes = 0;
        }
    }

    pub(crate) fn pop_batch(&mut self) -> Option<Vec<Candidate>> {
        self.batches.pop_front()
    }

    pub(crate) fn pop_large(&mut self) -> Option<Candidate> {
        self.large.pop().map(|BySize(candidate)| candidate)
    }

    pub(crate) fn pop_single(&mut self) -> Option<Step> {
        self.singles.pop_front()
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.open.is_empty()
            && self.batches.is_empty()
            && self.large.is_empty()
            && self.singles.is_empty()
    }

    /// Forgets all that waits.
    pub(crate) fn clear(&mut self) {
        *self = Self::default();
    }
}

#[cfg(test)]
mod tests {
    use longshore_store::{BlobName, Condition};

    use super::*;
    use crate::Reason;
    use crate::decide::Target;
    use crate::platform::{Identity, Stamp};
    use crate::source::LocalFile;

    fn candidate(name: &str, size: u64) -> Candidate {
        let stamp = Stamp {
            identity: Identity {
                device: 0,
                inode: 0,
            },
            size,
            modified: 0,
            changed: 0,
        };
        let file = LocalFile {
            name: BlobName::new(name).unwrap(),
            path: name.into(),
            stamp,
            digests: None,
        };
        let target = Target {
            digests: None,
            condition: Condition::Absent,
        };
        Candidate::new(file, target, Reason::New)
    }

    #[test]
    fn small_files_make_batches_by_count_and_by_bytes() {
        let mut queue = Queue::default();
        (0..BATCH_FILES).for_each(|i| queue.push_file(candidate(&format!("f{i}"), 1)));
        queue.push_file(candidate("big", BATCH_BYTES));
        queue.push_file(candidate("rest", 1));
        queue.close_batch();
        let sizes: Vec<usize> = std::iter::from_fn(|| queue.pop_batch())
            .map(|batch| batch.len())
            .collect();
        assert_eq!(sizes, [BATCH_FILES, 1, 1]);
        assert!(queue.is_empty());
    }

    #[test]
    fn large_files_come_largest_first() {
        let mut queue = Queue::default();
        for (name, size) in [("a", 1), ("b", 3), ("c", 2), ("d", 3)] {
            queue.push_file(candidate(name, MIN_BLOCK_SIZE + size));
        }
        let names: Vec<String> = std::iter::from_fn(|| queue.pop_large())
            .map(|c| c.file.name.to_string())
            .collect();
        assert_eq!(names, ["b", "d", "c", "a"]);
    }

    #[test]
    fn the_merge_waits_when_enough_waits() {
        let mut queue = Queue::default();
        while queue.has_room() {
            queue.push_file(candidate("f", BATCH_BYTES));
        }
        assert_eq!(queue.batches.len(), BATCHES_WAITING);
        queue.clear();
        assert!(queue.has_room() && queue.is_empty());
    }
}

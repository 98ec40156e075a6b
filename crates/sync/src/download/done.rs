//! Which ranges of a file are there.

use std::ops::RangeInclusive;

/// Which ranges of a file are there.
#[derive(Debug, Clone)]
pub(super) struct Done {
    ranges: Vec<bool>,
    /// So many from the first on are there without a gap.
    prefix: u64,
}

impl Done {
    pub(super) fn none(count: u64) -> Self {
        Self {
            ranges: vec![false; usize::try_from(count).unwrap_or(usize::MAX)],
            prefix: 0,
        }
    }

    pub(super) fn of(count: u64, ranges: Vec<RangeInclusive<u64>>) -> Self {
        let mut done = Self::none(count);
        ranges
            .into_iter()
            .flatten()
            .for_each(|index| done.add(index));
        done
    }

    pub(super) fn add(&mut self, index: u64) {
        if let Some(range) = place(index).and_then(|place| self.ranges.get_mut(place)) {
            *range = true;
        }
        while self.holds(self.prefix) {
            self.prefix += 1;
        }
    }

    fn holds(&self, index: u64) -> bool {
        place(index)
            .and_then(|place| self.ranges.get(place))
            .is_some_and(|range| *range)
    }

    /// How many ranges from the first on are there without a gap.
    pub(super) const fn prefix(&self) -> u64 {
        self.prefix
    }

    /// The ranges that are there, or those that are not.
    pub(super) fn ranges(&self, there: bool) -> Vec<u64> {
        (0..)
            .zip(&self.ranges)
            .filter_map(|(index, &range)| (range == there).then_some(index))
            .collect()
    }
}

fn place(index: u64) -> Option<usize> {
    usize::try_from(index).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_beginning_grows_as_gaps_are_filled() {
        let mut done = Done::of(5, vec![3..=3, 0..=0]);
        assert_eq!(done.prefix(), 1);
        done.add(2);
        assert_eq!((done.prefix(), done.ranges(false)), (1, vec![1, 4]));
        done.add(1);
        assert_eq!((done.prefix(), done.ranges(true)), (4, vec![0, 1, 2, 3]));
        done.add(99);
        done.add(4);
        assert_eq!(done.prefix(), 5);
        assert_eq!(Done::none(0).prefix(), 0);
    }
}

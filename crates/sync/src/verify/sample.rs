//! Choosing which blobs are read: by a hash of seed and name, so that the choice depends on neither order nor machine.

use std::cmp::Ordering;
use std::collections::BinaryHeap;

use sha2::{Digest, Sha256};

use super::options::{Deep, Sample, SampleSize};

/// Chooses among what it is given, one after the other.
#[derive(Debug)]
pub(super) struct Sampler<T> {
    deep: Deep,
    /// The lowest ranks so far, when a count is wanted; the highest of them on top.
    lowest: BinaryHeap<Ranked<T>>,
    candidates: u64,
    chosen: u64,
}

#[derive(Debug)]
struct Ranked<T> {
    rank: u64,
    item: T,
}

impl<T> PartialEq for Ranked<T> {
    fn eq(&self, other: &Self) -> bool {
        self.rank == other.rank
    }
}

impl<T> Eq for Ranked<T> {}

impl<T> PartialOrd for Ranked<T> {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl<T> Ord for Ranked<T> {
    fn cmp(&self, other: &Self) -> Ordering {
        self.rank.cmp(&other.rank)
    }
}

impl<T> Sampler<T> {
    pub(super) fn new(deep: Deep) -> Self {
        Self {
            deep,
            lowest: BinaryHeap::new(),
            candidates: 0,
            chosen: 0,
        }
    }

    /// Takes a candidate. Gives back what is decided now, and whether it is chosen; nothing while it may still be.
    pub(super) fn take(&mut self, name: &str, item: T) -> Option<(T, bool)> {
        self.candidates += 1;
        let chosen = match &self.deep {
            Deep::Off => false,
            Deep::All => true,
            Deep::Sample(sample) => {
                let rank = rank(sample, name);
                match sample.size {
                    SampleSize::Count(count) => return self.keep(count, Ranked { rank, item }),
                    SampleSize::Millionths(share) => {
                        u128::from(rank) * 1_000_000 < u128::from(share) << 64
                    }
                }
            }
        };
        self.chosen += u64::from(chosen);
        Some((item, chosen))
    }

    fn keep(&mut self, count: usize, ranked: Ranked<T>) -> Option<(T, bool)> {
        self.lowest.push(ranked);
        if self.lowest.len() <= count {
            return None;
        }
        self.lowest.pop().map(|ranked| (ranked.item, false))
    }

    /// One of those that were kept back to the end; they are chosen.
    pub(super) fn drain(&mut self) -> Option<T> {
        let ranked = self.lowest.pop()?;
        self.chosen += 1;
        Some(ranked.item)
    }

    /// How many were chosen so far, and of how many.
    pub(super) const fn counts(&self) -> (u64, u64) {
        (self.chosen, self.candidates)
    }
}

fn rank(sample: &Sample, name: &str) -> u64 {
    let mut hasher = Sha256::new();
    hasher.update((sample.seed.len() as u64).to_be_bytes());
    hasher.update(&sample.seed);
    hasher.update(name);
    let digest: [u8; 32] = hasher.finalize().into();
    digest
        .iter()
        .take(8)
        .fold(0, |rank, byte| rank << 8 | u64::from(*byte))
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    fn choose(size: &str, seed: &str, names: impl Iterator<Item = String>) -> BTreeSet<String> {
        let mut sampler = Sampler::new(Deep::Sample(Sample {
            size: size.parse().unwrap(),
            seed: seed.to_owned(),
        }));
        let decided = names.filter_map(|name| sampler.take(&name.clone(), name));
        let mut chosen: BTreeSet<String> = decided
            .filter_map(|(name, chosen)| chosen.then_some(name))
            .collect();
        chosen.extend(std::iter::from_fn(|| sampler.drain()));
        assert_eq!(sampler.counts().0, chosen.len() as u64);
        chosen
    }

    fn names() -> impl DoubleEndedIterator<Item = String> {
        (0..10_000).map(|number| format!("apps/{number}"))
    }

    #[test]
    fn a_share_is_about_its_share_and_the_same_in_any_order() {
        let chosen = choose("10%", "2026-11-24", names());
        assert!((800..1_200).contains(&chosen.len()), "{}", chosen.len());
        assert_eq!(chosen, choose("10%", "2026-11-24", names().rev()));
        assert!(chosen.is_subset(&choose("20%", "2026-11-24", names())));
        assert_eq!(choose("100%", "x", names()).len(), 10_000);
    }

    #[test]
    fn a_count_is_exact_and_the_same_in_any_order() {
        let chosen = choose("500", "2026-11-24", names());
        assert_eq!(chosen.len(), 500);
        assert_eq!(chosen, choose("500", "2026-11-24", names().rev()));
        assert_eq!(choose("500", "x", names().take(3)).len(), 3);
    }

    #[test]
    fn another_seed_is_another_choice() {
        let (today, tomorrow) = (
            choose("500", "2026-11-24", names()),
            choose("500", "2026-11-25", names()),
        );
        assert!(today.intersection(&tomorrow).count() < 100);
    }
}

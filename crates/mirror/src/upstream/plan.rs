//! Which ranges of a file are asked for side by side. Pure.

use std::num::{NonZeroU64, NonZeroUsize};
use std::ops::Range;

/// Cuts what is missing into pieces: about as many as there are connections, none needlessly short, in order.
pub(super) fn pieces(
    missing: &[Range<u64>],
    connections: NonZeroUsize,
    segment: NonZeroU64,
) -> Vec<Range<u64>> {
    let total: u64 = missing.iter().map(|range| range.end - range.start).sum();
    let share = total.div_ceil(connections.get() as u64).max(segment.get());
    let mut pieces = Vec::new();
    for range in missing {
        let count = (range.end - range.start).div_ceil(share);
        let length = (range.end - range.start).div_ceil(count.max(1));
        let mut at = range.start;
        while at < range.end {
            let end = range.end.min(at.saturating_add(length));
            pieces.push(at..end);
            at = end;
        }
    }
    pieces
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn pieces_are_what_is_missing_and_few(
            gaps in prop::collection::vec((1_u64..1000, 1_u64..100_000), 1..6),
            connections in 1_usize..9,
            segment in 1_u64..50_000,
        ) {
            let mut at = 0;
            let missing: Vec<_> = gaps
                .into_iter()
                .map(|(gap, length)| {
                    let start = at + gap;
                    at = start + length;
                    start..at
                })
                .collect();
            let found = pieces(
                &missing,
                NonZeroUsize::new(connections).unwrap(),
                NonZeroU64::new(segment).unwrap(),
            );
            prop_assert!(found.len() <= connections + missing.len());
            let mut joined: Vec<Range<u64>> = Vec::new();
            for piece in found {
                prop_assert!(piece.start < piece.end);
                match joined.last_mut() {
                    Some(last) if last.end == piece.start => last.end = piece.end,
                    _ => joined.push(piece),
                }
            }
            prop_assert_eq!(joined, missing);
        }
    }

    #[test]
    fn a_short_file_is_one_piece() {
        let four = NonZeroUsize::new(4).unwrap();
        let segment = NonZeroU64::new(10).unwrap();
        let check = |length, expect| {
            assert_eq!(
                pieces(
                    &[Range {
                        start: 0,
                        end: length
                    }],
                    four,
                    segment
                )
                .len(),
                expect
            );
        };
        check(10, 1);
        check(11, 2);
        check(40, 4);
        check(4000, 4);
        assert!(pieces(&[], four, segment).is_empty());
    }
}

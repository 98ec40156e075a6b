//! The order of versions: winget's, so that `outdated`, `prune` and winget agree on what is newer.
//!
//! A version is a list of parts between dots; a part is a number and the text after it. The numbers decide, then the
//! text, and a part with text comes before the same part without: `1.2-rc1` is older than `1.2`. Parts that are missing
//! are `0`, letters are compared without case, and what stands before the first number (`v1.2`) does not count.
//! `latest` is above and `unknown` below everything. Unlike winget, numbers may be of any length.
//!
//! It knows texts alone: a [`Version`](crate::Version) may be compared with what a server or a file name says.

use std::cmp::Ordering;

/// Compares two versions as winget does.
///
/// It is a total order of what versions mean, not of how they are written: `1.0`, `1` and `v1` are equal.
///
/// ```
/// # use longshore_manifest::compare_versions;
/// let mut versions = ["1.10", "latest", "1.9", "1.10-rc1", "unknown"];
/// versions.sort_by(|a, b| compare_versions(a, b));
/// assert_eq!(versions, ["unknown", "1.9", "1.10-rc1", "1.10", "latest"]);
/// ```
pub fn compare_versions(left: &str, right: &str) -> Ordering {
    rank(left)
        .cmp(&rank(right))
        .then_with(|| compare_parts(left, right))
}

/// Which of the three kinds of version a text is, in their order.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
enum Rank {
    Unknown,
    Known,
    Latest,
}

fn rank(version: &str) -> Rank {
    let mut parts = parts(version);
    let first = parts.next().unwrap_or(Part::ZERO);
    if !first.number.is_empty() || parts.any(|part| part != Part::ZERO) {
        return Rank::Known;
    }
    match first.text {
        text if text.eq_ignore_ascii_case("latest") => Rank::Latest,
        text if text.eq_ignore_ascii_case("unknown") => Rank::Unknown,
        _ => Rank::Known,
    }
}

fn compare_parts(left: &str, right: &str) -> Ordering {
    let (mut left, mut right) = (parts(left), parts(right));
    loop {
        let (a, b) = match (left.next(), right.next()) {
            (None, None) => return Ordering::Equal,
            (a, b) => (a.unwrap_or(Part::ZERO), b.unwrap_or(Part::ZERO)),
        };
        let order = a.compare(&b);
        if order.is_ne() {
            return order;
        }
    }
}

fn parts(version: &str) -> impl Iterator<Item = Part<'_>> {
    without_preamble(version).split('.').map(Part::of)
}

/// What is left of a version without the words before its first number, if that number is in its first part.
fn without_preamble(version: &str) -> &str {
    match version.find(|c: char| c.is_ascii_digit() || c == '.') {
        Some(at) if !version[at..].starts_with('.') => &version[at..],
        _ => version,
    }
}

/// A part of a version: a number without leading zeros (so zero is nothing), and the text after it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Part<'a> {
    number: &'a str,
    text: &'a str,
}

impl<'a> Part<'a> {
    const ZERO: Self = Self {
        number: "",
        text: "",
    };

    fn of(part: &'a str) -> Self {
        let part = part.trim();
        let end = part
            .find(|c: char| !c.is_ascii_digit())
            .unwrap_or(part.len());
        let (number, text) = part.split_at(end);
        Self {
            number: number.trim_start_matches('0'),
            text,
        }
    }

    fn compare(&self, other: &Self) -> Ordering {
        self.number
            .len()
            .cmp(&other.number.len())
            .then_with(|| self.number.cmp(other.number))
            .then_with(|| self.text.is_empty().cmp(&other.text.is_empty()))
            .then_with(|| folded(self.text).cmp(folded(other.text)))
    }
}

/// The letters of a text without case.
fn folded(text: &str) -> impl Iterator<Item = char> {
    text.chars().flat_map(char::to_lowercase)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn versions_are_ordered_as_winget_orders_them() {
        let ascending = [
            "unknown",
            "0-alpha",
            "0",
            "0.0.1-beta",
            "0.0.1",
            "1.0-rc1",
            "1.0-rc2",
            "1.0.0-rc3",
            "1",
            "1.0.1",
            "1.2",
            "1.10",
            "1.10.1",
            "2a",
            "2b",
            "2",
            "13.9.8",
            "18446744073709551615",
            "18446744073709551616",
            "99999999999999999999999999999999.1",
            "Latest",
        ];
        for (i, a) in ascending.iter().enumerate() {
            for (j, b) in ascending.iter().enumerate() {
                assert_eq!(compare_versions(a, b), i.cmp(&j), "{a} and {b}");
            }
        }
    }

    #[test]
    fn one_version_is_written_in_many_ways() {
        for (a, b) in [
            ("1", "1.0.0"),
            ("1.0", "v1"),
            ("1.02", "1.2"),
            ("1.0-RC1", "1.0-rc1"),
            ("latest", "LATEST"),
            ("latest.0", "latest"),
            ("", "0"),
            ("Version 3.1", "3.1"),
        ] {
            assert_eq!(compare_versions(a, b), Ordering::Equal, "{a} and {b}");
        }
    }

    fn version() -> impl Strategy<Value = String> {
        prop_oneof![
            "(v|latest|unknown)?[0-2]{0,2}(\\.(0{0,2}[0-2])?(-?[abA])?){0,3}",
            "[0-9.]{0,24}",
            ".{0,8}",
        ]
    }

    proptest! {
        #[test]
        fn the_order_is_total(a in version(), b in version(), c in version()) {
            prop_assert_eq!(compare_versions(&a, &a), Ordering::Equal);
            prop_assert_eq!(compare_versions(&a, &b), compare_versions(&b, &a).reverse());
            let mut sorted = [a, b, c];
            sorted.sort_by(|a, b| compare_versions(a, b));
            prop_assert!(compare_versions(&sorted[0], &sorted[1]).is_le());
            prop_assert!(compare_versions(&sorted[1], &sorted[2]).is_le());
            prop_assert!(compare_versions(&sorted[0], &sorted[2]).is_le());
            let is_equal = |i: usize, j: usize| compare_versions(&sorted[i], &sorted[j]).is_eq();
            prop_assert!(!(is_equal(0, 1) && is_equal(1, 2)) || is_equal(0, 2));
        }

        #[test]
        fn trailing_zeros_mean_nothing(a in version()) {
            prop_assert_eq!(compare_versions(&a, &format!("{a}.0")), Ordering::Equal);
        }
    }
}

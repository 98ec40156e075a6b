//! A range of bytes as a header asks for it.

/// A range as it was asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Range {
    first: u64,
    /// Itself included; none: to the end.
    last: Option<u64>,
}

impl Range {
    /// `bytes=first-[last]`. Like the service, anything else is taken for no range at all.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let (first, last) = text.trim().strip_prefix("bytes=")?.split_once('-')?;
        let first = first.trim().parse().ok()?;
        let last = match last.trim() {
            "" => None,
            last => Some(last.parse().ok()?),
        };
        (last.is_none_or(|last| first <= last)).then_some(Self { first, last })
    }

    /// Start and length in a blob of this length; none if it begins behind its end.
    pub(crate) fn within(self, length: u64) -> Option<(u64, u64)> {
        if self.first >= length {
            return None;
        }
        let last = self.last.map_or(length - 1, |last| last.min(length - 1));
        Some((self.first, last - self.first + 1))
    }

    /// How many bytes an answer with this `Content-Range` brings; none if they are not those of the range.
    pub(crate) fn answered_by(self, content_range: &str) -> Option<u64> {
        let (span, total) = content_range.strip_prefix("bytes ")?.split_once('/')?;
        let (first, last) = span.split_once('-')?;
        let (first, last): (u64, u64) = (first.parse().ok()?, last.parse().ok()?);
        let (start, length) = self.within(total.parse().ok()?)?;
        (first == start && last == start + length - 1).then_some(length)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranges_are_read_and_cut_to_the_blob() {
        let check = |text: &str, expected: Option<(u64, u64)>| {
            assert_eq!(
                Range::parse(text).and_then(|range| range.within(10)),
                expected,
                "{text}"
            );
        };
        check("bytes=0-3", Some((0, 4)));
        check("bytes=3-", Some((3, 7)));
        check("bytes=9-100", Some((9, 1)));
        check("bytes=10-", None);
        for not_a_range in ["bytes=-3", "bytes=3-1", "items=0-1", "bytes=0-1,3-4"] {
            assert_eq!(Range::parse(not_a_range), None, "{not_a_range}");
        }
    }

    #[test]
    fn an_answer_brings_the_whole_range_or_is_none() {
        let check = |content_range: &str, expected: Option<u64>| {
            let range = Range::parse("bytes=2-5").unwrap();
            assert_eq!(
                range.answered_by(content_range),
                expected,
                "{content_range}"
            );
        };
        check("bytes 2-5/10", Some(4));
        check("bytes 2-3/4", Some(2));
        for other in [
            "bytes 2-4/10",
            "bytes 0-3/10",
            "bytes 2-5/*",
            "items 2-5/10",
            "",
        ] {
            check(other, None);
        }
    }
}

//! What a server's answer says about a file: its size, its state, and which part of it this is. Pure.

use std::ops::Range;
use std::time::Duration;

use jiff::Timestamp;
use reqwest::header::{
    ACCEPT_RANGES, AsHeaderName, CONTENT_LENGTH, CONTENT_RANGE, ETAG, HeaderMap, LAST_MODIFIED,
    RETRY_AFTER,
};

/// What a server says about a file without sending it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Probe {
    /// Its size in bytes, if the server tells.
    pub size: Option<u64>,
    /// Its ETag as written, weak ones too.
    pub etag: Option<String>,
    /// When it was last modified.
    pub modified: Option<Timestamp>,
    /// Whether parts of it can be asked for.
    pub accepts_ranges: bool,
}

impl Probe {
    /// Reads an answer to a request for the whole.
    pub(super) fn of_whole(headers: &HeaderMap) -> Self {
        Self {
            size: text(headers, CONTENT_LENGTH).and_then(|text| text.parse().ok()),
            etag: text(headers, ETAG).map(str::to_owned),
            modified: text(headers, LAST_MODIFIED).and_then(timestamp),
            accepts_ranges: text(headers, ACCEPT_RANGES)
                .is_some_and(|text| text.eq_ignore_ascii_case("bytes")),
        }
    }

    /// Reads an answer to a request for a part.
    pub(super) fn of_part(headers: &HeaderMap) -> Self {
        Self {
            size: content_range(headers).and_then(|(_, size)| size),
            accepts_ranges: true,
            ..Self::of_whole(headers)
        }
    }

    /// What tells this state of the file from another in a condition; none where nothing does so strongly.
    pub(super) fn validator(headers: &HeaderMap) -> Option<String> {
        let etag = text(headers, ETAG).filter(|etag| etag.starts_with('"') && etag.len() > 2);
        etag.or_else(|| text(headers, LAST_MODIFIED).filter(|text| timestamp(text).is_some()))
            .map(str::to_owned)
    }
}

/// Which bytes an answer holds, and how many there are in all.
pub(super) fn content_range(headers: &HeaderMap) -> Option<(Option<Range<u64>>, Option<u64>)> {
    let (range, size) = text(headers, CONTENT_RANGE)?
        .strip_prefix("bytes ")?
        .split_once('/')?;
    let size = match size {
        "*" => None,
        size => Some(size.parse().ok()?),
    };
    if range == "*" {
        return Some((None, size));
    }
    let (first, last) = range.split_once('-')?;
    let end = last.parse::<u64>().ok()?.checked_add(1)?;
    Some((Some(first.parse().ok()?..end), size))
}

/// How long a server wants to be left alone.
pub(super) fn retry_after(headers: &HeaderMap, now: Timestamp) -> Option<Duration> {
    let Some(told) = text(headers, RETRY_AFTER).map(str::trim) else {
        return Some(until(quota_renewed(headers)?, now));
    };
    if let Ok(seconds) = told.parse() {
        return Some(Duration::from_secs(seconds));
    }
    Some(until(timestamp(told)?, now))
}

/// When GitHub answers again somebody who has used up the requests of an hour; it says so with a plain 403.
fn quota_renewed(headers: &HeaderMap) -> Option<Timestamp> {
    text(headers, "x-ratelimit-remaining").filter(|left| *left == "0")?;
    Timestamp::from_second(text(headers, "x-ratelimit-reset")?.parse().ok()?).ok()
}

/// A wait up to a time, none if that is past.
fn until(then: Timestamp, now: Timestamp) -> Duration {
    Duration::try_from(then.duration_since(now)).unwrap_or_default()
}

fn timestamp(text: &str) -> Option<Timestamp> {
    Timestamp::try_from(httpdate::parse_http_date(text).ok()?).ok()
}

fn text(headers: &HeaderMap, name: impl AsHeaderName) -> Option<&str> {
    headers.get(name)?.to_str().ok()
}

#[cfg(test)]
mod tests {
    use reqwest::header::{HeaderName, HeaderValue};

    use super::*;

    fn headers(pairs: &[(HeaderName, &str)]) -> HeaderMap {
        let pair = |(name, value): &(HeaderName, &str)| {
            (name.clone(), HeaderValue::from_str(value).unwrap())
        };
        pairs.iter().map(pair).collect()
    }

    #[test]
    fn a_wait_is_in_seconds_or_a_date() {
        let now: Timestamp = "2026-11-24T10:00:00Z".parse().unwrap();
        let check = |text, expect: Option<u64>| {
            let found = retry_after(&headers(&[(RETRY_AFTER, text)]), now);
            assert_eq!(found, expect.map(Duration::from_secs), "{text}");
        };
        check("0", Some(0));
        check(" 120 ", Some(120));
        check("Tue, 24 Nov 2026 10:00:30 GMT", Some(30));
        check("Tue, 24 Nov 2026 09:00:00 GMT", Some(0));
        check("soon", None);
        check("-1", None);
        check("99999999999999999999999", None);
        assert_eq!(retry_after(&HeaderMap::new(), now), None);
    }

    #[test]
    fn a_quota_that_is_used_up_says_when_it_is_renewed() {
        let now = Timestamp::from_second(1_000).unwrap();
        let left = HeaderName::from_static("x-ratelimit-remaining");
        let reset = HeaderName::from_static("x-ratelimit-reset");
        let check = |count, expect| {
            let headers = headers(&[(left.clone(), count), (reset.clone(), "1060")]);
            assert_eq!(retry_after(&headers, now), expect, "{count}");
        };
        check("0", Some(Duration::from_mins(1)));
        check("7", None);
    }

    #[test]
    fn a_content_range_is_read_or_nothing() {
        let check = |text, expect| {
            assert_eq!(
                content_range(&headers(&[(CONTENT_RANGE, text)])),
                expect,
                "{text}"
            );
        };
        check("bytes 0-0/9", Some((Some(0..1), Some(9))));
        check("bytes 5-8/*", Some((Some(5..9), None)));
        check("bytes */9", Some((None, Some(9))));
        check("bytes 5-/9", None);
        check("bytes 5-18446744073709551615/9", None);
        check("lines 0-1/2", None);
        check("", None);
    }

    #[test]
    fn only_what_is_strong_is_a_validator() {
        let date = "Tue, 24 Nov 2026 10:00:30 GMT";
        let check = |pairs: &[(HeaderName, &str)], expect: Option<&str>| {
            assert_eq!(
                Probe::validator(&headers(pairs)).as_deref(),
                expect,
                "{pairs:?}"
            );
        };
        check(&[(ETAG, "\"a\""), (LAST_MODIFIED, date)], Some("\"a\""));
        check(&[(ETAG, "W/\"a\""), (LAST_MODIFIED, date)], Some(date));
        check(&[(ETAG, "W/\"a\"")], None);
        check(&[(ETAG, "\"\"")], None);
        check(&[(ETAG, "a"), (LAST_MODIFIED, "yesterday")], None);
        check(&[], None);
    }
}

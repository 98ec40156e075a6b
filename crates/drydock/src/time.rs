//! Times as the service writes and reads them.

use std::time::SystemTime;

use jiff::Timestamp;

/// Reads an ISO 8601 time in UTC: to the day, the minute, the second or finer.
pub(crate) fn parse(text: &str) -> Option<SystemTime> {
    let day = text.len() == "2026-01-31".len();
    let minute = text.len() == "2026-01-31T10:30Z".len();
    let full = match (day, minute) {
        (true, _) => format!("{text}T00:00:00Z"),
        (_, true) => format!("{}:00Z", text.strip_suffix('Z')?),
        _ => text.to_owned(),
    };
    Some(full.parse::<Timestamp>().ok()?.into())
}

/// Writes a time as SAS and listings have it: UTC, whole seconds.
pub(crate) fn iso(time: SystemTime) -> String {
    Timestamp::try_from(time).map_or_else(
        |_| String::new(),
        |time| time.strftime("%Y-%m-%dT%H:%M:%SZ").to_string(),
    )
}

/// Writes a time as error bodies have it.
pub(crate) fn precise(time: SystemTime) -> String {
    Timestamp::try_from(time).map_or_else(
        |_| String::new(),
        |time| time.strftime("%Y-%m-%dT%H:%M:%S%.6fZ").to_string(),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_read_in_every_layout_that_the_service_takes() {
        let check = |text: &str, expected: &str| {
            assert_eq!(parse(text).map(iso).as_deref(), Some(expected), "{text}");
        };
        check("2026-01-31", "2026-01-31T00:00:00Z");
        check("2026-01-31T10:30Z", "2026-01-31T10:30:00Z");
        check("2026-01-31T10:30:15Z", "2026-01-31T10:30:15Z");
        check("2026-01-31T10:30:15.1234567Z", "2026-01-31T10:30:15Z");
        assert_eq!(parse("tomorrow"), None);
    }
}

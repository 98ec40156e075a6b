//! Sizes, rates and times as people write them: `256MiB`, `50MiB/s`, `200Mbit/s`, `500/s`, `7d`.
//!
//! Units are spelled, since rival tools read the same bare number as bits and as bytes. A bare letter, as in `8M`, is
//! the binary unit.

use std::num::{NonZeroU32, NonZeroU64};
use std::time::Duration;

use jiff::{SignedDuration, Span, SpanRelativeTo};

/// Bits or bytes for one of a unit.
const UNITS: &[(&str, u64)] = &[
    ("", 1),
    ("k", 1_000),
    ("m", 1_000_000),
    ("g", 1_000_000_000),
    ("t", 1_000_000_000_000),
    ("ki", 1 << 10),
    ("mi", 1 << 20),
    ("gi", 1 << 30),
    ("ti", 1 << 40),
];

/// Why a text is no size or rate.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(crate) enum UnitError {
    /// It is no size.
    #[error("write a size with its unit, such as `256MiB` or `1.5GB`")]
    Size,
    /// It is no bandwidth.
    #[error("write a bandwidth with its unit, such as `50MiB/s` (bytes) or `200Mbit/s` (bits)")]
    Bandwidth,
    /// It is no rate of requests.
    #[error("write a rate of requests, such as `500/s`")]
    RequestRate,
    /// It is no length of time.
    #[error("write a length of time with its unit, such as `7d`, `12h`, `1h 30m` or `PT15M`")]
    Duration,
}

/// Reads a size in bytes.
pub(crate) fn size(text: &str) -> Result<u64, UnitError> {
    let (number, unit) = split(text).ok_or(UnitError::Size)?;
    let unit = unit.to_ascii_lowercase();
    let scale = match unit.strip_suffix('b') {
        Some(scale) => scale_of(scale),
        None if unit.len() == 1 => scale_of(&format!("{unit}i")),
        None => None,
    };
    scaled(number, scale.ok_or(UnitError::Size)?).ok_or(UnitError::Size)
}

/// Reads a bandwidth, into bytes a second.
pub(crate) fn bandwidth(text: &str) -> Result<NonZeroU64, UnitError> {
    read_bandwidth(text)
        .and_then(NonZeroU64::new)
        .ok_or(UnitError::Bandwidth)
}

fn read_bandwidth(text: &str) -> Option<u64> {
    let (amount, second) = text.rsplit_once('/')?;
    if second.trim() != "s" {
        return None;
    }
    let (number, unit) = split(amount)?;
    let unit = unit.to_ascii_lowercase();
    if let Some(scale) = unit
        .strip_suffix("bits")
        .or_else(|| unit.strip_suffix("bit"))
    {
        return scaled(number / 8.0, scale_of(scale)?);
    }
    size(amount).ok()
}

/// Reads a rate of requests, into requests a second.
pub(crate) fn request_rate(text: &str) -> Result<NonZeroU32, UnitError> {
    text.trim()
        .strip_suffix("/s")
        .and_then(|count| count.trim().parse().ok())
        .ok_or(UnitError::RequestRate)
}

/// Reads a length of time; a day has 24 hours.
pub(crate) fn duration(text: &str) -> Result<SignedDuration, UnitError> {
    let span: Span = text.trim().parse().map_err(|_| UnitError::Duration)?;
    let days = SpanRelativeTo::days_are_24_hours();
    let duration = span.to_duration(days).map_err(|_| UnitError::Duration)?;
    if duration.is_negative() {
        return Err(UnitError::Duration);
    }
    Ok(duration)
}

fn split(text: &str) -> Option<(f64, &str)> {
    let text = text.trim();
    let end = text.find(|c: char| !c.is_ascii_digit() && c != '.')?;
    let (number, unit) = text.split_at(end);
    Some((number.parse().ok()?, unit.trim()))
}

fn scale_of(prefix: &str) -> Option<u64> {
    UNITS
        .iter()
        .find(|(name, _)| *name == prefix)
        .map(|(_, scale)| *scale)
}

#[expect(
    clippy::cast_precision_loss,
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "the amount is checked to be in range, and a part of a byte does not matter"
)]
fn scaled(number: f64, scale: u64) -> Option<u64> {
    let amount = number * scale as f64;
    (amount >= 1.0 && amount < u64::MAX as f64).then_some(amount as u64)
}

/// A size for people: `1.5 MiB`.
pub(crate) fn show_size(bytes: u64) -> String {
    bytesize::ByteSize::b(bytes).display().iec().to_string()
}

/// A time span for people: `0.42 s`, `12 s`, `3 min 5 s`, `2 h 3 min`.
pub(crate) fn show_duration(duration: Duration) -> String {
    let seconds = duration.as_secs();
    match seconds {
        0..10 => format!("{:.2} s", duration.as_secs_f64()),
        10..60 => format!("{seconds} s"),
        60..3600 => format!("{} min {} s", seconds / 60, seconds % 60),
        _ => format!("{} h {} min", seconds / 3600, seconds % 3600 / 60),
    }
}

/// How many of what: `1 file`, `2 files`.
pub(crate) fn count(number: u64, noun: &str) -> String {
    let plural = if number == 1 { "" } else { "s" };
    format!("{number} {noun}{plural}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_have_units() {
        for (text, expect) in [
            ("1B", 1),
            ("256MiB", 256 << 20),
            ("1.5 GB", 1_500_000_000),
            ("8M", 8 << 20),
            ("2kb", 2_000),
            ("1TiB", 1 << 40),
        ] {
            assert_eq!(size(text), Ok(expect), "{text}");
        }
        for text in [
            "",
            "12",
            "MiB",
            "1.2.3MiB",
            "-1MiB",
            "5 apples",
            "0B",
            "9999999999TiB",
            "1Mbit",
        ] {
            assert!(size(text).is_err(), "{text}");
        }
    }

    #[test]
    fn bandwidths_tell_bits_from_bytes() {
        let read = |text| bandwidth(text).map(NonZeroU64::get);
        assert_eq!(read("50MiB/s"), Ok(50 << 20));
        assert_eq!(read("200Mbit/s"), Ok(25_000_000));
        assert_eq!(read("8kibit/s"), Ok(1024));
        assert_eq!(read("1.5 MB/s"), Ok(1_500_000));
        for text in ["50", "50MiB", "50MiB/h", "0MiB/s", "200Mbps", "/s"] {
            assert_eq!(read(text), Err(UnitError::Bandwidth), "{text}");
        }
    }

    #[test]
    fn rates_of_requests_are_a_second() {
        assert_eq!(request_rate("500/s").map(NonZeroU32::get), Ok(500));
        for text in ["500", "0/s", "-1/s", "5/min"] {
            assert_eq!(request_rate(text), Err(UnitError::RequestRate), "{text}");
        }
    }

    #[test]
    fn lengths_of_time_are_friendly_or_iso() {
        let hours = SignedDuration::from_hours;
        for (text, expect) in [
            ("7d", hours(7 * 24)),
            ("2w", hours(14 * 24)),
            ("12h", hours(12)),
            ("1h 30m", SignedDuration::from_mins(90)),
            ("PT15M", SignedDuration::from_mins(15)),
            ("P1D", hours(24)),
            ("0s", SignedDuration::ZERO),
            (" 90 seconds ", SignedDuration::from_secs(90)),
        ] {
            assert_eq!(duration(text), Ok(expect), "{text}");
        }
        for text in ["", "7", "d", "-7d", "7 apples", "1 month", "1y", "P1M"] {
            assert_eq!(duration(text), Err(UnitError::Duration), "{text}");
        }
    }

    #[test]
    fn spans_are_short() {
        assert_eq!(show_duration(Duration::from_millis(420)), "0.42 s");
        assert_eq!(show_duration(Duration::from_secs(12)), "12 s");
        assert_eq!(show_duration(Duration::from_secs(185)), "3 min 5 s");
        assert_eq!(show_duration(Duration::from_secs(7_400)), "2 h 3 min");
    }
}

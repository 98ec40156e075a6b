//! What an audit is told.

use std::fmt;
use std::str::FromStr;

use super::Against;
use crate::SyncOptions;

/// How to audit a destination.
#[derive(Debug)]
pub struct VerifyOptions {
    /// What stands before every name that is audited: empty, or ending with `/`.
    pub prefix: String,
    /// What the destination is compared with.
    pub against: Against,
    /// Which blobs are read.
    pub deep: Deep,
    /// Give blobs of other tools our digests, taken from their bytes.
    pub adopt: bool,
    /// Tell what would be adopted, and write nothing.
    pub dry_run: bool,
    /// The most requests under way at once.
    pub concurrency: usize,
    /// The most bytes of blobs held in memory at once.
    pub memory: u64,
}

impl Default for VerifyOptions {
    fn default() -> Self {
        Self {
            prefix: String::new(),
            against: Against::Nothing,
            deep: Deep::Off,
            adopt: false,
            dry_run: false,
            concurrency: SyncOptions::DEFAULT_CONCURRENCY,
            memory: SyncOptions::DEFAULT_MEMORY,
        }
    }
}

/// Which blobs are read, rather than believed.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum Deep {
    /// None.
    #[default]
    Off,
    /// All.
    All,
    /// Some of them.
    Sample(Sample),
}

/// A choice of blobs: the same for the same seed and the same names, whatever their order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sample {
    /// How many are chosen.
    pub size: SampleSize,
    /// What the choice follows from, besides the names.
    pub seed: String,
}

/// How many blobs are chosen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SampleSize {
    /// So many, or all when there are fewer. So many names are held in memory.
    Count(usize),
    /// So many of a million, each by itself.
    Millionths(u32),
}

/// Why a text is no [`SampleSize`].
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("write a count such as `500` or a percentage such as `10%`, not `{text}`")]
pub struct SampleSizeError {
    text: String,
}

impl SampleSize {
    /// All of them.
    const WHOLE: u32 = 1_000_000;

    /// The percentage in `text`, which has at most four decimals.
    fn percent(text: &str) -> Option<Self> {
        let (whole, part) = text.split_once('.').unwrap_or((text, ""));
        let is_number = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
        if whole.is_empty() || part.len() > 4 || !is_number(whole) || !is_number(part) {
            return None;
        }
        let millionths = format!("{whole}{part:0<4}").parse().ok()?;
        (1..=Self::WHOLE)
            .contains(&millionths)
            .then_some(Self::Millionths(millionths))
    }
}

impl FromStr for SampleSize {
    type Err = SampleSizeError;

    fn from_str(text: &str) -> Result<Self, SampleSizeError> {
        let size = match text.trim().strip_suffix('%') {
            Some(percent) => Self::percent(percent.trim()),
            None => match text.trim().parse() {
                Ok(0) | Err(_) => None,
                Ok(count) => Some(Self::Count(count)),
            },
        };
        size.ok_or_else(|| SampleSizeError {
            text: text.to_owned(),
        })
    }
}

impl fmt::Display for SampleSize {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Count(count) => write!(f, "{count}"),
            Self::Millionths(millionths) => {
                let part = format!("{:04}", millionths % 10_000);
                let part = part.trim_end_matches('0');
                let dot = if part.is_empty() { "" } else { "." };
                write!(f, "{}{dot}{part}%", millionths / 10_000)
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn samples_are_counts_or_percentages() {
        for (text, size, shown) in [
            ("500", SampleSize::Count(500), "500"),
            ("10%", SampleSize::Millionths(100_000), "10%"),
            (" 0.5 %", SampleSize::Millionths(5_000), "0.5%"),
            ("0.0001%", SampleSize::Millionths(1), "0.0001%"),
            ("100%", SampleSize::Millionths(1_000_000), "100%"),
        ] {
            assert_eq!(text.parse(), Ok(size), "{text}");
            assert_eq!(size.to_string(), shown);
        }
        for text in [
            "", "0", "-1", "%", "0%", "101%", ".5%", "0.00001%", "1e1%", "ten",
        ] {
            assert!(text.parse::<SampleSize>().is_err(), "{text}");
        }
    }
}

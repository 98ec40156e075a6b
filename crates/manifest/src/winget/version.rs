//! The version of winget's manifest format.

use std::fmt;
use std::str::FromStr;

/// A version of winget's manifest format, 1.0.0 to 1.28.0.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ManifestVersion {
    major: u16,
    minor: u16,
    patch: u16,
}

impl ManifestVersion {
    /// The newest version that is known here.
    pub const NEWEST: Self = Self::of(1, 28);

    /// The first version that can say how a private blob is read.
    pub const FIRST_WITH_AUTHENTICATION: Self = Self::of(1, 10);

    const OLDEST: Self = Self::of(1, 0);

    const fn of(major: u16, minor: u16) -> Self {
        Self {
            major,
            minor,
            patch: 0,
        }
    }
}

impl Default for ManifestVersion {
    fn default() -> Self {
        Self::NEWEST
    }
}

impl fmt::Display for ManifestVersion {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}.{}", self.major, self.minor, self.patch)
    }
}

impl FromStr for ManifestVersion {
    type Err = ManifestVersionError;

    fn from_str(text: &str) -> Result<Self, ManifestVersionError> {
        parse(text)
            .filter(|version| (Self::OLDEST..=Self::NEWEST).contains(version))
            .ok_or_else(|| ManifestVersionError {
                text: text.chars().take(40).collect(),
            })
    }
}

fn parse(text: &str) -> Option<ManifestVersion> {
    let mut parts = text.split('.').map(|part| part.parse::<u16>().ok());
    let version = ManifestVersion {
        major: parts.next()??,
        minor: parts.next()??,
        patch: parts.next()??,
    };
    parts.next().is_none().then_some(version)
}

/// Why a text is not such a version.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "not a version of winget's manifests that is known: `{}`; {} to {}",
    .text.escape_debug(),
    ManifestVersion::OLDEST,
    ManifestVersion::NEWEST
)]
pub struct ManifestVersionError {
    text: String,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn known_versions_are_read_and_others_refused() {
        for text in ["1.0.0", "1.12.0", "1.28.0"] {
            assert_eq!(text.parse::<ManifestVersion>().unwrap().to_string(), text);
        }
        for text in [
            "", "1", "1.4", "0.1.0", "1.28.1", "1.29.0", "2.0.0", "1.4.0.0", "1.x.0",
        ] {
            assert!(text.parse::<ManifestVersion>().is_err(), "{text}");
        }
    }
}

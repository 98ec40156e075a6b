//! The name of a blob, checked once and for all.
//!
//! The service takes nearly any name, but what lies between does not: URL parsers fold `.` and `..`, drop tabs and
//! line feeds, and turn `\` into `/`; the service itself drops trailing dots and slashes. Such a name would name
//! another blob than it says, so it is refused here, before anything is written under it.

use std::fmt;

/// The most characters that a name may have.
pub const MAX_NAME_CHARS: usize = 1024;

/// The most segments between slashes that a name may have.
pub const MAX_NAME_SEGMENTS: usize = 254;

/// Why a text is not the name of a blob that can be written safely.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NameError {
    /// There is nothing in it.
    #[error("a blob name is not empty")]
    Empty,
    /// It has more characters than the service takes.
    #[error("a blob name has at most {MAX_NAME_CHARS} characters, not {chars}")]
    TooLong {
        /// How many it has.
        chars: usize,
    },
    /// It has more segments than the service takes.
    #[error("a blob name has at most {MAX_NAME_SEGMENTS} segments, not {segments}")]
    TooDeep {
        /// How many it has.
        segments: usize,
    },
    /// A segment is empty, `.` or `..`.
    #[error("a segment of a blob name is never empty, `.` or `..`: `{}`", .name.escape_debug())]
    Segment {
        /// The name.
        name: String,
    },
    /// A segment ends with a dot, which the service and Windows drop.
    #[error("a segment of a blob name does not end with a dot: `{}`", .name.escape_debug())]
    TrailingDot {
        /// The name.
        name: String,
    },
    /// It holds a control character, a backslash or a character that is no character.
    #[error("a blob name has no {character:?}: `{}`", .name.escape_debug())]
    Character {
        /// The name.
        name: String,
        /// The first such character.
        character: char,
    },
}

/// The name of a blob within its container: `apps/bginfo/4.33/BGInfo.zip`.
///
/// Ordered by bytes, as the service lists.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct BlobName(Box<str>);

impl BlobName {
    /// Checks a name.
    ///
    /// # Errors
    ///
    /// Each variant of [`NameError`], for the rule that it names.
    pub fn new(name: impl Into<String>) -> Result<Self, NameError> {
        let name = name.into();
        check(&name)?;
        Ok(Self(name.into_boxed_str()))
    }

    /// The name as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The last segment, which a file of this blob would be called.
    pub fn file_name(&self) -> &str {
        self.0.rsplit('/').next().unwrap_or(&self.0)
    }
}

fn check(name: &str) -> Result<(), NameError> {
    if name.is_empty() {
        return Err(NameError::Empty);
    }
    // The service counts UTF-16 code units; for all but the rarest names these are the characters.
    let chars = name.encode_utf16().count();
    if chars > MAX_NAME_CHARS {
        return Err(NameError::TooLong { chars });
    }
    if let Some(character) = name.chars().find(|&c| is_unwritable(c)) {
        return Err(NameError::Character {
            name: name.to_owned(),
            character,
        });
    }
    let segments = name.split('/').count();
    if segments > MAX_NAME_SEGMENTS {
        return Err(NameError::TooDeep { segments });
    }
    if name
        .split('/')
        .any(|segment| matches!(segment, "" | "." | ".."))
    {
        return Err(NameError::Segment {
            name: name.to_owned(),
        });
    }
    if name.split('/').any(|segment| segment.ends_with('.')) {
        return Err(NameError::TrailingDot {
            name: name.to_owned(),
        });
    }
    Ok(())
}

/// Characters that a URL, an XML document or the service would drop or replace.
fn is_unwritable(c: char) -> bool {
    c.is_control() || c == '\\' || matches!(c, '\u{fffe}' | '\u{ffff}')
}

impl AsRef<str> for BlobName {
    fn as_ref(&self) -> &str {
        &self.0
    }
}

impl std::borrow::Borrow<str> for BlobName {
    fn borrow(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for BlobName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Debug for BlobName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "BlobName({:?})", self.0)
    }
}

impl TryFrom<&str> for BlobName {
    type Error = NameError;

    fn try_from(name: &str) -> Result<Self, NameError> {
        Self::new(name)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_all_kinds_are_taken() {
        for name in [
            "a",
            "apps/BGInfo.zip",
            "with space/+plus/%41/#hash/?query/ü/漢字/🚢",
            ".hidden/.file",
            "a..b/c",
            "~/'quoted'/\"double\"/$(echo)",
            &"x".repeat(MAX_NAME_CHARS),
            &vec!["d"; MAX_NAME_SEGMENTS].join("/"),
        ] {
            assert_eq!(BlobName::new(name).unwrap().as_str(), name);
        }
    }

    #[test]
    fn names_that_would_name_another_blob_are_refused() {
        for name in [
            "",
            "/",
            "/a",
            "a/",
            "a//b",
            ".",
            "..",
            "a/./b",
            "../a",
            "a.",
            "dir./file",
            "a\\b",
            "a\tb",
            "a\nb",
            "a\r",
            "\u{7f}",
            "\u{85}",
            "a\u{ffff}",
        ] {
            assert!(BlobName::new(name).is_err(), "{name:?}");
        }
        assert_eq!(
            BlobName::new("x".repeat(1025)),
            Err(NameError::TooLong { chars: 1025 })
        );
        assert_eq!(
            BlobName::new(["d"; 255].join("/")),
            Err(NameError::TooDeep { segments: 255 })
        );
    }

    #[test]
    fn names_are_ordered_by_bytes() {
        let mut names: Vec<BlobName> = ["b", "a/b", "a", "a-b", "A", "ü"]
            .into_iter()
            .map(|n| BlobName::new(n).unwrap())
            .collect();
        names.sort();
        assert_eq!(
            names.iter().map(BlobName::as_str).collect::<Vec<_>>(),
            ["A", "a", "a-b", "a/b", "b", "ü"]
        );
    }
}

//! Names that people choose and that end up in blob names, file names and scripts: checked once, narrow on purpose.

use std::borrow::Cow;
use std::fmt;
use std::str::FromStr;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Serialize};

/// The most characters of a name of a library, an artifact or a version.
const MAX_WORD: usize = 128;

/// The most characters of a blob's name below the library.
const MAX_PATH: usize = 900;

/// Why a text is not such a name.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("not {what}: `{}`; {rule}", .text.escape_debug())]
pub struct NameError {
    what: &'static str,
    rule: &'static str,
    text: String,
}

macro_rules! name {
    ($(#[$doc:meta])* $name:ident, $what:literal, $rule:literal, $check:expr, $pattern:literal, $example:literal) => {
        $(#[$doc])*
        #[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(into = "String", try_from = "String")]
        pub struct $name(Box<str>);

        impl $name {
            /// The name as text.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl FromStr for $name {
            type Err = NameError;

            fn from_str(text: &str) -> Result<Self, NameError> {
                let check: fn(&str) -> bool = $check;
                if check(text) {
                    return Ok(Self(text.into()));
                }
                Err(NameError {
                    what: $what,
                    rule: $rule,
                    text: text.chars().take(200).collect(),
                })
            }
        }

        impl TryFrom<String> for $name {
            type Error = NameError;

            fn try_from(text: String) -> Result<Self, NameError> {
                text.parse()
            }
        }

        impl From<$name> for String {
            fn from(name: $name) -> Self {
                name.0.into()
            }
        }

        impl AsRef<str> for $name {
            fn as_ref(&self) -> &str {
                &self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, "{}({:?})", stringify!($name), self.0)
            }
        }

        impl JsonSchema for $name {
            fn schema_name() -> Cow<'static, str> {
                stringify!($name).into()
            }

            fn json_schema(_: &mut SchemaGenerator) -> Schema {
                json_schema!({
                    "type": "string",
                    "description": concat!("As a rule: ", $rule, "."),
                    "pattern": $pattern,
                    "examples": [$example],
                })
            }
        }
    };
}

name! {
    /// The name of a library: `windows-server-2022`.
    LibraryName, "the name of a library", "letters, digits, `.`, `_` and `-`, beginning and ending with a letter or digit",
    is_word, "^[A-Za-z0-9]([A-Za-z0-9._-]*[A-Za-z0-9])?$", "windows-server-2022"
}

name! {
    /// The name of an artifact within its library: `bginfo`, `7zip.7zip`.
    ArtifactId, "the id of an artifact", "letters, digits, `.`, `_` and `-`, beginning and ending with a letter or digit",
    is_word, "^[A-Za-z0-9]([A-Za-z0-9._-]*[A-Za-z0-9])?$", "bginfo"
}

name! {
    /// The version of an artifact, as its vendor writes it: `4.33`, `2.50.1+windows.1`.
    Version, "a version", "letters, digits, `.`, `_`, `+` and `-`, beginning and ending with a letter or digit",
    |text| is_word(&text.replace('+', "-")), "^[A-Za-z0-9]([A-Za-z0-9._+-]*[A-Za-z0-9])?$", "4.33"
}

name! {
    /// The name of a file, without a directory: `BGInfo.zip`. It can be written on Windows too.
    FileName, "the name of a file", "no path, none of `<>:\"|?*`, no control character, no dot or space at its end, no device of Windows such as `nul`",
    is_file_name, "^[^/\\\\<>:\"|?*]+$", "BGInfo.zip"
}

name! {
    /// The name of a blob below the root of the library: `bginfo/4.33/BGInfo.zip`.
    BlobPath, "the name of a blob", "segments between single slashes, each of which can be the name of a file",
    |text| text.len() <= MAX_PATH && text.split('/').all(is_file_name), "^[^/\\\\]+(/[^/\\\\]+)*$", "bginfo/4.33/BGInfo.zip"
}

impl BlobPath {
    /// The blob of an artifact's file, where the manifest does not say another: `<id>/<version>/<file>`.
    pub(crate) fn of_artifact(id: &ArtifactId, version: &Version, file: &FileName) -> Self {
        Self(format!("{id}/{version}/{file}").into())
    }

    /// The last segment.
    pub fn file_name(&self) -> &str {
        self.0.rsplit('/').next().unwrap_or(&self.0)
    }
}

/// Narrow enough to stand in URLs, file names and scripts without a thought.
fn is_word(text: &str) -> bool {
    let inner = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'_' | b'-');
    let bytes = text.as_bytes();
    text.len() <= MAX_WORD
        && bytes.iter().copied().all(inner)
        && bytes.first().is_some_and(u8::is_ascii_alphanumeric)
        && bytes.last().is_some_and(u8::is_ascii_alphanumeric)
        && !is_device(text)
}

/// Whether Windows takes a name for a device, whatever its extension: `nul`, `COM1.txt`.
fn is_device(text: &str) -> bool {
    let stem = text.split('.').next().unwrap_or_default().trim_end();
    let stem = stem.to_ascii_lowercase();
    let is_numbered = |prefix: &str| {
        let digit = stem.strip_prefix(prefix).map(str::as_bytes);
        matches!(digit, Some([b'1'..=b'9']))
    };
    matches!(stem.as_str(), "con" | "prn" | "aux" | "nul")
        || is_numbered("com")
        || is_numbered("lpt")
}

fn is_file_name(text: &str) -> bool {
    let is_wrong = |c: char| {
        c.is_control() || matches!(c, '/' | '\\' | '<' | '>' | ':' | '"' | '|' | '?' | '*')
    };
    !text.is_empty()
        && text.len() <= 255
        && !text.contains(is_wrong)
        && !text.ends_with(['.', ' '])
        && !text.starts_with(' ')
        && !is_device(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_narrow() {
        for text in ["a", "7zip.7zip", "windows-server-2022", "1.34.0"] {
            assert!(text.parse::<ArtifactId>().is_ok(), "{text}");
        }
        for text in [
            "",
            ".",
            "-a",
            "a-",
            "a b",
            "a/b",
            "ü",
            "$(x)",
            "_releases",
            "Con",
        ] {
            assert!(text.parse::<ArtifactId>().is_err(), "{text}");
        }
        assert!("2.50.1+windows.1".parse::<Version>().is_ok());
        assert!("2.50.1+windows.1".parse::<ArtifactId>().is_err());
    }

    #[test]
    fn paths_are_made_of_file_names() {
        for text in ["a", "bginfo/4.33/BG Info (x64).zip", "ü/漢字"] {
            assert!(text.parse::<BlobPath>().is_ok(), "{text}");
        }
        for text in [
            "",
            "/a",
            "a/",
            "a//b",
            "..",
            "a/../b",
            "a\\b",
            "c:/a",
            "a.",
            "a\n",
            "nul",
            "a/COM1.txt/b",
        ] {
            assert!(text.parse::<BlobPath>().is_err(), "{text}");
        }
    }
}

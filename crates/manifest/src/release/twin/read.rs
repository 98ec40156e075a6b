//! Reading a twin.

use std::str::FromStr;

use super::text::{NONE, decode};
use super::write::os_name;
use super::{COLUMNS, MARK, Twin, TwinFile};
use crate::{Architecture, InstallerType, RELEASE_VERSION, ReleaseError, TargetOs};

impl Twin {
    /// Reads a twin.
    ///
    /// # Errors
    ///
    /// [`ReleaseError::Newer`] for a version that this program does not read, and [`ReleaseError::Twin`] for a text that
    /// is no twin.
    pub fn parse(text: &str) -> Result<Self, ReleaseError> {
        let wrong = |line, what| ReleaseError::Twin { line, what };
        let text = text
            .strip_suffix('\n')
            .ok_or_else(|| wrong(1, "has no end"))?;
        let mut lines = text.split('\n');
        let mut twin = Self::heading(lines.next().unwrap_or_default())?;
        if lines.next() != Some(&COLUMNS.join("\t")) {
            return Err(wrong(2, "does not name the columns"));
        }
        for (index, line) in lines.enumerate() {
            let file = TwinFile::parse(line).ok_or_else(|| wrong(index + 3, "is not a file"))?;
            twin.files.push(file);
        }
        Ok(twin)
    }

    fn heading(line: &str) -> Result<Self, ReleaseError> {
        let wrong = ReleaseError::Twin {
            line: 1,
            what: "does not name a release",
        };
        let [mark, version, rest @ ..] = &*line.split('\t').collect::<Vec<_>>() else {
            return Err(wrong);
        };
        let (&MARK, Ok(version)) = (mark, version.parse::<i64>()) else {
            return Err(wrong);
        };
        if version > i64::from(RELEASE_VERSION) {
            return Err(ReleaseError::Newer { version });
        }
        let twin = || {
            let [release, library, os] = rest else {
                return None;
            };
            Some(Self {
                release: release.parse().ok()?,
                library: library.parse().ok()?,
                os: named(&[TargetOs::Windows, TargetOs::Linux], os_name, os)?,
                files: Vec::new(),
            })
        };
        twin().filter(|_| version > 0).ok_or(wrong)
    }
}

impl TwinFile {
    fn parse(line: &str) -> Option<Self> {
        let columns: Vec<&str> = line.split('\t').collect();
        let columns: [&str; COLUMNS.len()] = columns.try_into().ok()?;
        let [
            id,
            version,
            architecture,
            file,
            blob,
            size,
            sha256,
            kind,
            nested_kind,
            nested_file,
            to,
            success,
            reboot,
            requires,
            args,
        ] = columns;
        Some(Self {
            id: id.parse().ok()?,
            version: version.parse().ok()?,
            architecture: named(&Architecture::ALL, Architecture::name, architecture)?,
            file: decode(file)?.parse().ok()?,
            blob: decode(blob)?.parse().ok()?,
            size: size.parse().ok()?,
            sha256: sha256.parse().ok()?,
            kind: optional(kind, installer)?,
            nested_kind: optional(nested_kind, installer)?,
            nested_file: optional(nested_file, decode)?,
            to: optional(to, decode)?,
            success: list(success, ',', parsed)?,
            reboot: list(reboot, ',', parsed)?,
            requires: list(requires, ',', parsed)?,
            args: list(args, ' ', decode)?,
        })
    }
}

fn named<T: Copy>(all: &[T], name: impl Fn(T) -> &'static str, text: &str) -> Option<T> {
    all.iter().copied().find(|one| name(*one) == text)
}

fn installer(text: &str) -> Option<InstallerType> {
    named(&InstallerType::ALL, InstallerType::name, text)
}

fn parsed<T: FromStr>(text: &str) -> Option<T> {
    text.parse().ok()
}

/// What a column holds, if it holds something; none when it holds something wrong.
#[expect(clippy::option_option, reason = "wrong and empty are two things")]
fn optional<T>(column: &str, read: impl Fn(&str) -> Option<T>) -> Option<Option<T>> {
    match column {
        NONE => Some(None),
        _ => read(column).map(Some),
    }
}

fn list<T>(column: &str, separator: char, read: impl Fn(&str) -> Option<T>) -> Option<Vec<T>> {
    match column {
        NONE => Some(Vec::new()),
        _ => column.split(separator).map(read).collect(),
    }
}

//! What is wrong with a manifest, as plain data: the command line draws it, this module only says where it is.

use std::fmt;
use std::ops::Range;

use super::secret;

/// One thing that is wrong with a manifest.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// Which key it is about: `artifact[1].install.to`; empty where the text is no TOML.
    pub path: String,
    /// What is wrong.
    pub message: String,
    /// What to do about it.
    pub hint: Option<String>,
    /// The bytes of the text that are wrong.
    pub span: Range<usize>,
    /// What to write beside these bytes.
    pub label: String,
}

/// A place in a text as people count: from 1, columns in characters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Position {
    /// The line.
    pub line: usize,
    /// The column.
    pub column: usize,
}

impl Position {
    /// The place of a byte of a text; the end where the text is shorter.
    pub fn of(text: &str, byte: usize) -> Self {
        let before = &text[..text.floor_char_boundary(byte)];
        let start = before.rfind('\n').map_or(0, |newline| newline + 1);
        Self {
            line: before.matches('\n').count() + 1,
            column: before[start..].chars().count() + 1,
        }
    }
}

impl fmt::Display for Position {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.line, self.column)
    }
}

/// All that is wrong with a manifest, in the order of the text; at least one problem.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub struct ManifestErrors {
    problems: Vec<Problem>,
    shown: String,
}

impl ManifestErrors {
    /// These problems of this text, of which those parts are secret.
    pub(super) fn new(text: &str, mut problems: Vec<Problem>, secrets: &[Range<usize>]) -> Self {
        problems.sort_by_key(|problem| problem.span.start);
        Self {
            problems,
            shown: secret::mask(text, secrets),
        }
    }

    /// The problems.
    pub fn problems(&self) -> &[Problem] {
        &self.problems
    }

    /// The text of the manifest as it may be shown: byte for byte the same, but for asterisks in place of secrets.
    pub fn text(&self) -> &str {
        &self.shown
    }

    /// Where a problem begins.
    pub fn position(&self, problem: &Problem) -> Position {
        Position::of(&self.shown, problem.span.start)
    }
}

impl fmt::Display for ManifestErrors {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, problem) in self.problems.iter().enumerate() {
            if index > 0 {
                writeln!(f)?;
            }
            write!(f, "{}: {}", self.position(problem), problem.message)?;
            if let Some(hint) = &problem.hint {
                write!(f, "\n  hint: {hint}")?;
            }
        }
        Ok(())
    }
}

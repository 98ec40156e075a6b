//! What a rule has to say about a place.

use std::fmt;

/// How bad it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Severity {
    /// Breaks the rule: the check fails.
    Error,
    /// Worth a look.
    Warning,
}

/// A place where the house is not tidy.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Finding {
    pub(crate) severity: Severity,
    place: String,
    line: usize,
    message: String,
}

impl Finding {
    /// An error about a package or a whole file.
    pub(crate) fn error(place: &str, message: impl Into<String>) -> Self {
        Self::at(place, 0, message)
    }

    /// An error about one line, counted from 1.
    pub(crate) fn at(place: &str, line: usize, message: impl Into<String>) -> Self {
        Self {
            severity: Severity::Error,
            place: place.to_owned(),
            line,
            message: message.into(),
        }
    }

    /// Something worth a look.
    pub(crate) fn warning(place: &str, message: impl Into<String>) -> Self {
        Self {
            severity: Severity::Warning,
            ..Self::at(place, 0, message)
        }
    }
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let severity = match self.severity {
            Severity::Error => "error",
            Severity::Warning => "warning",
        };
        match self.line {
            0 => write!(f, "{severity}: {}: {}", self.place, self.message),
            line => write!(f, "{severity}: {}:{line}: {}", self.place, self.message),
        }
    }
}

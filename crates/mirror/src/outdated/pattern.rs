//! Patterns that people write, and the versions that they find.

use regex::{Captures, Regex, RegexBuilder};

use super::{OutdatedError, is_version};

/// No honest pattern comes near it once it is compiled.
const MAX_SIZE: usize = 1 << 20;

/// A pattern that has a group for the version.
#[derive(Debug)]
pub(super) struct Pattern {
    regex: Regex,
}

impl Pattern {
    pub(super) fn parse(pattern: &str) -> Result<Self, OutdatedError> {
        let compiled = RegexBuilder::new(pattern).size_limit(MAX_SIZE).build();
        let regex = compiled.map_err(|source| OutdatedError::Pattern {
            pattern: pattern.to_owned(),
            source: Box::new(source),
        })?;
        if regex.captures_len() < 2 {
            return Err(OutdatedError::NoGroup {
                pattern: pattern.to_owned(),
            });
        }
        Ok(Self { regex })
    }

    /// Every version in `text`.
    pub(super) fn all<'t>(&self, text: &'t str) -> impl Iterator<Item = &'t str> {
        self.regex
            .captures_iter(text)
            .filter_map(|found| version(&found))
    }

    /// The first version in `text`.
    pub(super) fn first<'t>(&self, text: &'t str) -> Option<&'t str> {
        self.regex.captures(text).and_then(|found| version(&found))
    }
}

/// The group `version`, or the first one, when it holds a version.
fn version<'t>(found: &Captures<'t>) -> Option<&'t str> {
    let group = found.name("version").or_else(|| found.get(1))?;
    Some(group.as_str().trim()).filter(|text| is_version(text))
}

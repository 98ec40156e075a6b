//! What the checks find, gathered; here a path of keys becomes a place in the text.

use std::ops::Range;

use toml::Spanned;
use toml::de::DeValue;

use super::key_path::KeyPath;
use super::problem::{ManifestErrors, Problem};
use super::secret;

/// What kind of thing is wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// What is there is wrong.
    Wrong,
    /// A key is not known.
    Unknown,
    /// Something is missing.
    Absent,
    /// A secret is there: it must not be shown.
    Secret,
}

impl Kind {
    const fn label(self) -> &'static str {
        match self {
            Self::Wrong => "here",
            Self::Unknown => "not known here",
            Self::Absent => "missing here",
            Self::Secret => "a secret",
        }
    }
}

/// What a check found.
#[derive(Debug, Clone)]
pub(super) struct Finding {
    pub(super) at: KeyPath,
    pub(super) message: String,
    pub(super) hint: String,
    pub(super) kind: Kind,
}

impl Finding {
    /// What is there is wrong.
    pub(super) fn wrong(at: KeyPath, message: impl Into<String>, hint: impl Into<String>) -> Self {
        Self {
            at,
            message: message.into(),
            hint: hint.into(),
            kind: Kind::Wrong,
        }
    }

    /// Something is missing in this table.
    pub(super) fn absent(at: KeyPath, message: impl Into<String>, hint: impl Into<String>) -> Self {
        Self {
            kind: Kind::Absent,
            ..Self::wrong(at, message, hint)
        }
    }

    /// There is a secret.
    pub(super) fn secret(at: KeyPath) -> Self {
        let message = format!("a secret in `{}`", at.last_key().unwrap_or_default());
        let hint = "write the place without it: signatures, passwords and tokens come from the environment \
                    (`AZURE_STORAGE_SAS_TOKEN` and the like), and this one should be revoked";
        Self {
            kind: Kind::Secret,
            ..Self::wrong(at, message, hint)
        }
    }
}

/// All that is found wrong with a text.
pub(super) struct Report<'t> {
    text: &'t str,
    problems: Vec<Problem>,
    secrets: Vec<Range<usize>>,
}

impl<'t> Report<'t> {
    pub(super) const fn new(text: &'t str) -> Self {
        Self {
            text,
            problems: Vec::new(),
            secrets: Vec::new(),
        }
    }

    pub(super) const fn is_empty(&self) -> bool {
        self.problems.is_empty()
    }

    /// Something that keeps the text from being TOML.
    pub(super) fn syntax(&mut self, error: &toml::de::Error) {
        let span = self.within(error.span().unwrap_or_default());
        let mut message = secret::mask(error.message(), &[]);
        let mut hint = None;
        if message == "duplicate key" {
            message = format!("`{}` is there twice", &self.text[span.clone()]);
            hint = Some("keep one; a further artifact begins with `[[artifact]]`".to_owned());
        }
        self.problems.push(Problem {
            path: String::new(),
            message,
            hint,
            span,
            label: Kind::Wrong.label().to_owned(),
        });
    }

    /// What a check found in this document.
    pub(super) fn add(&mut self, root: &Spanned<DeValue<'_>>, finding: Finding) {
        let span = finding.at.nearest(root).span();
        self.add_at(span, finding);
    }

    /// What was found at these bytes.
    pub(super) fn add_at(&mut self, span: Range<usize>, finding: Finding) {
        let span = self.within(span);
        if finding.kind == Kind::Secret {
            self.secrets.push(span.clone());
        }
        self.problems.push(Problem {
            path: finding.at.to_string(),
            message: finding.message,
            hint: Some(finding.hint).filter(|hint| !hint.is_empty()),
            span,
            label: finding.kind.label().to_owned(),
        });
    }

    /// The errors that it comes to.
    pub(super) fn into_errors(self) -> ManifestErrors {
        ManifestErrors::new(self.text, self.problems, &self.secrets)
    }

    /// A span that can be cut out of the text, whatever the parser said.
    fn within(&self, span: Range<usize>) -> Range<usize> {
        let start = self.text.floor_char_boundary(span.start);
        let end = self.text.ceil_char_boundary(span.end.max(start));
        start..end
    }
}

//! What is wrong with a file that people write, and where: as programs, agents and people need it.

use std::ops::Range;
use std::path::Path;
use std::sync::Arc;

use longshore_manifest::ManifestErrors;
use serde::Serialize;

/// One thing that is wrong with a file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(crate) struct Located {
    /// The file.
    pub(crate) file: String,
    /// The line, from 1.
    pub(crate) line: usize,
    /// The column, from 1, in characters.
    pub(crate) column: usize,
    /// The key that it is about; empty where there is none.
    pub(crate) key: String,
    /// What is wrong.
    pub(crate) message: String,
    /// What to do about it.
    pub(crate) hint: Option<String>,
    /// The place itself, for who draws it.
    #[serde(skip)]
    pub(crate) excerpt: Excerpt,
}

/// A place in a text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Excerpt {
    /// The whole text, without secrets.
    pub(crate) text: Arc<str>,
    /// The bytes that are wrong.
    pub(crate) span: Range<usize>,
    /// What to write beside them.
    pub(crate) label: String,
}

impl Located {
    /// All that is wrong with a manifest.
    pub(crate) fn of_manifest(path: &Path, errors: &ManifestErrors) -> Vec<Self> {
        let text: Arc<str> = errors.text().into();
        let problems = errors.problems().iter();
        problems
            .map(|problem| {
                let position = errors.position(problem);
                Self {
                    file: path.display().to_string(),
                    line: position.line,
                    column: position.column,
                    key: problem.path.clone(),
                    message: problem.message.clone(),
                    hint: problem.hint.clone(),
                    excerpt: Excerpt {
                        text: Arc::clone(&text),
                        span: problem.span.clone(),
                        label: problem.label.clone(),
                    },
                }
            })
            .collect()
    }

    /// In one line, as compilers write it, which editors and agents make a link of.
    pub(crate) fn line(&self) -> String {
        let Self {
            file,
            line,
            column,
            message,
            ..
        } = self;
        format!("{file}:{line}:{column}: {message}")
    }
}

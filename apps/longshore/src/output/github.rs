//! The dialect of GitHub Actions.

use std::io;
use std::path::PathBuf;

use super::agent::Dialect;
use super::console::Mark;
use super::escape::{github_message, github_property};
use super::step_summary;
use crate::failure::Located;

/// `::error::` and its like, and the file of the job's summary.
#[derive(Debug)]
pub(super) struct Github {
    summary: Option<PathBuf>,
}

impl Github {
    pub(super) fn new(summary: Option<PathBuf>) -> Self {
        Self { summary }
    }
}

impl Dialect for Github {
    fn open_group(&self, title: &str) -> String {
        format!("::group::{}", github_message(title))
    }

    fn close_group(&self) -> String {
        "::endgroup::".to_owned()
    }

    fn issue(&self, mark: Mark, text: &str) -> String {
        let kind = if mark == Mark::Error {
            "error"
        } else {
            "warning"
        };
        format!(
            "::{kind} title={}::{}",
            github_property("longshore"),
            github_message(text)
        )
    }

    fn issue_at(&self, problem: &Located, text: &str) -> String {
        format!(
            "::error title={},file={},line={},col={}::{}",
            github_property("longshore"),
            github_property(&problem.file),
            problem.line,
            problem.column,
            github_message(text)
        )
    }

    fn progress(&self, _: u64) -> Option<String> {
        None
    }

    fn summarize(&self, page: &str) -> io::Result<()> {
        match &self.summary {
            Some(file) => step_summary::append(file, page),
            None => Ok(()),
        }
    }
}

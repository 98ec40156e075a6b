//! The dialect of Azure Pipelines.

use std::io;

use super::agent::Dialect;
use super::console::Mark;
use super::escape::{pipelines_message, pipelines_property, plain};
use crate::failure::Located;

/// `##vso[…]` and `##[…]`.
#[derive(Debug)]
pub(super) struct Pipelines;

impl Dialect for Pipelines {
    fn open_group(&self, title: &str) -> String {
        format!("##[group]{}", plain(title))
    }

    fn close_group(&self) -> String {
        "##[endgroup]".to_owned()
    }

    fn issue(&self, mark: Mark, text: &str) -> String {
        let kind = if mark == Mark::Error {
            "error"
        } else {
            "warning"
        };
        format!(
            "##vso[task.logissue type={kind}]{}",
            pipelines_message(text)
        )
    }

    fn issue_at(&self, problem: &Located, text: &str) -> String {
        format!(
            "##vso[task.logissue type=error;sourcepath={};linenumber={};columnnumber={}]{}",
            pipelines_property(&problem.file),
            problem.line,
            problem.column,
            pipelines_message(text)
        )
    }

    fn progress(&self, percent: u64) -> Option<String> {
        Some(format!("##vso[task.setprogress value={percent};]Longshore"))
    }

    fn summarize(&self, _: &str) -> io::Result<()> {
        // The group at the end of the log is the summary: a page would need a file that nobody removes.
        Ok(())
    }
}

//! The summary of a run as the page of a GitHub job shows it: a table, in Markdown.

use std::io::{self, Write as _};
use std::path::Path;

use super::closing::{Closing, FailedItem};
use super::escape::markdown_code;
use super::library::LibraryClosing;
use super::lines::travelled;
use crate::failure::Failure;
use crate::units::{show_duration, show_size};

/// More would fill the page, which holds 1 MiB.
const MOST_SHOWN: usize = 50;

/// Appends the page to the job's file, which other steps write to as well.
pub(super) fn append(file: &Path, page: &str) -> io::Result<()> {
    let mut file = fs_err::OpenOptions::new()
        .create(true)
        .append(true)
        .open(file)?;
    file.write_all(page.as_bytes())
}

/// The page of a run.
pub(super) fn page(closing: &Closing) -> String {
    let totals = &closing.totals;
    let dry_run = if closing.dry_run { " (dry run)" } else { "" };
    let mut lines = vec![
        format!("### Longshore{dry_run}"),
        String::new(),
        "| | files | size |".to_owned(),
        "| --- | ---: | ---: |".to_owned(),
    ];
    for (label, tally) in totals.rows(closing.dry_run) {
        let size = show_size(tally.bytes);
        lines.push(format!("| {label} | {} | {size} |", tally.files));
    }
    for (label, number) in [
        ("resumed", totals.resumed),
        ("deleted", totals.deleted),
        ("failed", totals.failed),
    ] {
        if number > 0 {
            lines.push(format!("| {label} | {number} | |"));
        }
    }
    lines.push(String::new());
    lines.push(format!(
        "{}, {} saved, in {}; exit code {}.",
        travelled(totals.bytes_sent, totals.bytes_received),
        show_size(totals.bytes_saved),
        show_duration(closing.elapsed),
        closing.status.code()
    ));
    lines.push(String::new());
    lines.extend(problems(closing.error.as_ref(), &closing.failures));
    lines.join("\n") + "\n"
}

/// The page of a run over a library, whose summary is text.
pub(super) fn library_page(closing: &LibraryClosing, summary: &[String]) -> String {
    let dry_run = if closing.dry_run { " (dry run)" } else { "" };
    let mut lines = vec![format!("### Longshore{dry_run}"), String::new()];
    for line in summary {
        let mark = if line.starts_with("  ") { "- " } else { "" };
        lines.push(format!("{mark}{}", markdown_code(line.trim())));
        if mark.is_empty() {
            lines.push(String::new());
        }
    }
    lines.push(String::new());
    lines.extend(problems(closing.error.as_ref(), &closing.failures));
    lines.join("\n") + "\n"
}

fn problems(error: Option<&Failure>, failures: &[FailedItem]) -> impl Iterator<Item = String> {
    let error = error.into_iter().map(|error| error.story.line());
    let items = failures.iter().map(|failure| failure.story.line());
    error
        .chain(items)
        .take(MOST_SHOWN)
        .map(|problem| format!("- {}", markdown_code(&problem)))
}

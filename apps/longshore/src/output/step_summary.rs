//! The summary of a run as the page of a GitHub job shows it: a table, in Markdown.

use std::io::{self, Write as _};
use std::path::Path;

use super::closing::Closing;
use super::escape::markdown_code;
use super::lines::travelled;
use crate::units::{show_duration, show_size};

/// More would fill the page, which holds 1 MiB.
const MOST_SHOWN: usize = 50;

/// Appends the page to the job's file, which other steps write to as well.
pub(super) fn append(file: &Path, closing: &Closing) -> io::Result<()> {
    let mut file = fs_err::OpenOptions::new()
        .create(true)
        .append(true)
        .open(file)?;
    file.write_all(page(closing).as_bytes())
}

fn page(closing: &Closing) -> String {
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
    lines.extend(problems(closing));
    lines.join("\n") + "\n"
}

fn problems(closing: &Closing) -> impl Iterator<Item = String> {
    let error = closing.error.iter().map(|error| error.story.line());
    let items = closing.failures.iter().map(|failure| failure.story.line());
    error
        .chain(items)
        .take(MOST_SHOWN)
        .map(|problem| format!("- {}", markdown_code(&problem)))
}

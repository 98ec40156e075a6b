//! What agents of build services see: commands on standard output, in the dialect of the service.
//!
//! Every line passes through [`escape`](super::escape), so that no file name becomes a command.

use std::fmt;
use std::sync::Arc;

use longshore_sync::Event;

use super::closing::{Closing, FailedItem};
use super::console::{Console, Mark};
use super::escape::plain;
use super::library::{Arriving, LibraryClosing, LibraryOpening};
use super::library_lines;
use super::lines;
use super::step_summary;
use super::view::{Opening, Tick, View};
use crate::failure::{Failure, Located, Story};
use crate::settings::Verbosity;

/// How a service wants to be told. Each method returns whole lines.
pub(super) trait Dialect: fmt::Debug + Send + Sync {
    /// Begins a part that can be folded.
    fn open_group(&self, title: &str) -> String;

    /// Ends it.
    fn close_group(&self) -> String;

    /// An error or a warning that the service lists.
    fn issue(&self, mark: Mark, text: &str) -> String;

    /// An error that the service shows beside the line of the file.
    fn issue_at(&self, problem: &Located, text: &str) -> String;

    /// How far the run is, in percent, where the service shows that.
    fn progress(&self, percent: u64) -> Option<String>;

    /// The page that the service shows of a run, in Markdown; tells what kept it from being written.
    fn summarize(&self, page: &str) -> Result<(), std::io::Error>;
}

/// Shows a run to an agent.
#[derive(Debug)]
pub(super) struct AgentView {
    console: Arc<Console>,
    dialect: Box<dyn Dialect>,
}

impl AgentView {
    pub(super) fn new(console: Arc<Console>, dialect: Box<dyn Dialect>) -> Self {
        Self { console, dialect }
    }

    /// Writes where the agent reads commands, so that all lines stay in their order.
    fn line(&self, at: Verbosity, text: &str) {
        if self.console.tells(at) {
            self.console.report(&plain(text));
        }
    }

    fn failures(&self, failures: &[FailedItem], failed: u64, unlisted: Option<String>) {
        if failures.is_empty() {
            return;
        }
        let title = format!("{} failed", crate::units::count(failed, "item"));
        self.console.report(&self.dialect.open_group(&title));
        for failure in failures {
            show_story(&self.console, &*self.dialect, &failure.story);
        }
        if let Some(line) = unlisted {
            self.console.report(&plain(&line));
        }
        self.console.report(&self.dialect.close_group());
    }

    /// The end of the log, and the page.
    fn conclude(&self, error: Option<&Failure>, summary: &[String], page: &str) {
        if let Some(error) = error {
            show_story(&self.console, &*self.dialect, &error.story);
        }
        if self.console.tells(Verbosity::Normal) {
            self.console
                .report(&self.dialect.open_group("Longshore: summary"));
            for line in summary {
                self.console.report(&plain(line));
            }
            self.console.report(&self.dialect.close_group());
        }
        if let Err(error) = self.dialect.summarize(page) {
            self.warn(
                &format!("the summary page cannot be written: {error}"),
                None,
            );
        }
    }
}

/// Shows an error: one line that the service lists, with what to do next.
pub(super) fn show_story(console: &Console, dialect: &dyn Dialect, story: &Story) {
    let text = match &story.hint {
        Some(hint) => format!("{} (hint: {hint})", story.line()),
        None => story.line(),
    };
    console.report(&dialect.issue(Mark::Error, &text));
    for detail in &story.details {
        console.report(&dialect.issue(Mark::Error, detail));
    }
    for moved in &story.moved {
        console.report(&dialect.issue(Mark::Error, &moved.to_string()));
    }
    for problem in &story.problems {
        let text = match &problem.hint {
            Some(hint) => format!("{} (hint: {hint})", problem.line()),
            None => problem.line(),
        };
        console.report(&dialect.issue_at(problem, &text));
    }
}

impl View for AgentView {
    fn open(&self, opening: &Opening) {
        self.line(Verbosity::Normal, &lines::opening(opening));
    }

    fn event(&self, event: &Event<'_>) {
        if let Some(line) = lines::planned(event) {
            self.line(Verbosity::Quiet, &line);
        } else if let Some((mark, text)) = lines::notice(event) {
            match mark {
                Mark::Warning => self.warn(&text, None),
                _ => self.line(Verbosity::Normal, &text),
            }
        } else if let Some(line) = lines::movement(event) {
            self.line(Verbosity::Verbose, &line);
        }
        if let Event::Unchanged { name, .. } = event {
            self.line(Verbosity::Debug, &format!("unchanged {name}"));
        }
    }

    fn warn(&self, message: &str, hint: Option<&str>) {
        if self.console.tells(Verbosity::Normal) {
            let text = match hint {
                Some(hint) => format!("{message} (hint: {hint})"),
                None => message.to_owned(),
            };
            self.console
                .report(&self.dialect.issue(Mark::Warning, &text));
        }
    }

    fn tick(&self, tick: &Tick) {
        if !self.console.tells(Verbosity::Normal) {
            return;
        }
        let now = &tick.snapshot;
        let percent = lines::dealt_with(now).saturating_mul(100) / now.bytes_found.max(1);
        if let Some(command) = self.dialect.progress(percent.min(100)) {
            self.console.report(&command);
        }
        self.line(Verbosity::Normal, &lines::progress(tick));
    }

    fn close(&self, closing: &Closing) {
        let unlisted = lines::unlisted(closing);
        self.failures(&closing.failures, closing.totals.failed, unlisted);
        let page = step_summary::page(closing);
        self.conclude(closing.error.as_ref(), &lines::summary(closing), &page);
    }

    fn open_library(&self, opening: &LibraryOpening) {
        self.line(Verbosity::Normal, &library_lines::opening(opening));
    }

    fn library_event(&self, event: &longshore_mirror::Event<'_>) {
        if let Some(line) = library_lines::planned(event) {
            self.line(Verbosity::Quiet, &line);
        } else if let Some((mark, text)) = library_lines::notice(event) {
            match mark {
                Mark::Warning => self.warn(&text, None),
                _ => self.line(Verbosity::Normal, &text),
            }
        } else if let Some(line) = library_lines::movement(event) {
            self.line(Verbosity::Verbose, &line);
        }
    }

    fn arriving(&self, now: &Arriving) {
        self.line(Verbosity::Normal, &library_lines::arriving(now));
    }

    fn close_library(&self, closing: &LibraryClosing) {
        let unlisted = library_lines::unlisted(closing);
        self.failures(&closing.failures, closing.totals.failed, unlisted);
        let summary = library_lines::summary(closing);
        let page = step_summary::library_page(closing, &summary);
        self.conclude(closing.error.as_ref(), &summary, &page);
    }
}

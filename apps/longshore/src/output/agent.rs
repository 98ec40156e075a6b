//! What agents of build services see: commands on standard output, in the dialect of the service.
//!
//! Every line passes through [`escape`](super::escape), so that no file name becomes a command.

use std::fmt;
use std::sync::Arc;

use longshore_sync::Event;

use super::closing::Closing;
use super::console::{Console, Mark};
use super::escape::plain;
use super::lines;
use super::view::{Opening, Tick, View};
use crate::failure::Story;
use crate::settings::Verbosity;

/// How a service wants to be told. Each method returns whole lines.
pub(super) trait Dialect: fmt::Debug + Send + Sync {
    /// Begins a part that can be folded.
    fn open_group(&self, title: &str) -> String;

    /// Ends it.
    fn close_group(&self) -> String;

    /// An error or a warning that the service lists.
    fn issue(&self, mark: Mark, text: &str) -> String;

    /// How far the run is, in percent, where the service shows that.
    fn progress(&self, percent: u64) -> Option<String>;

    /// The page that the service shows of a run; tells what kept it from being written.
    fn summarize(&self, closing: &Closing) -> Result<(), std::io::Error>;
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

    fn failures(&self, closing: &Closing) {
        if closing.failures.is_empty() {
            return;
        }
        let title = format!(
            "{} failed",
            crate::units::count(closing.totals.failed, "item")
        );
        self.console.report(&self.dialect.open_group(&title));
        for failure in &closing.failures {
            show_story(&self.console, &*self.dialect, &failure.story);
        }
        if let Some(line) = lines::unlisted(closing) {
            self.console.report(&plain(&line));
        }
        self.console.report(&self.dialect.close_group());
    }
}

/// Shows an error: one line that the service lists, with what to do next.
pub(super) fn show_story(console: &Console, dialect: &dyn Dialect, story: &Story) {
    let text = match &story.hint {
        Some(hint) => format!("{} (hint: {hint})", story.line()),
        None => story.line(),
    };
    console.report(&dialect.issue(Mark::Error, &text));
    for moved in &story.moved {
        console.report(&dialect.issue(Mark::Error, &moved.to_string()));
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
        self.failures(closing);
        if let Some(error) = &closing.error {
            show_story(&self.console, &*self.dialect, &error.story);
        }
        if self.console.tells(Verbosity::Normal) {
            self.console
                .report(&self.dialect.open_group("Longshore: summary"));
            for line in lines::summary(closing) {
                self.console.report(&plain(&line));
            }
            self.console.report(&self.dialect.close_group());
        }
        if let Err(error) = self.dialect.summarize(closing) {
            self.warn(
                &format!("the summary page cannot be written: {error}"),
                None,
            );
        }
    }
}

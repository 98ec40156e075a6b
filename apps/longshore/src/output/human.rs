//! What people see: bars on a terminal, a line now and then in a log, a summary at the end.

use std::sync::Arc;
use std::time::Duration;

use longshore_sync::{Event, ItemError};

use super::bars::Bars;
use super::closing::Closing;
use super::console::{Console, Mark};
use super::escape::visible;
use super::library::{Arriving, LibraryClosing, LibraryOpening};
use super::library_lines;
use super::lines;
use super::view::{Opening, Tick, View};
use crate::failure::Story;
use crate::settings::Verbosity;

/// Shows a run to people.
#[derive(Debug)]
pub(super) struct HumanView {
    console: Arc<Console>,
    bars: Option<Bars>,
}

impl HumanView {
    pub(super) fn new(console: Arc<Console>) -> Self {
        let bars = console.bars().map(Bars::new);
        Self { console, bars }
    }

    fn tell(&self, at: Verbosity, line: &str) {
        if self.console.tells(at) {
            self.console.tell(&visible(line));
        }
    }

    /// On a terminal somebody watches, and may want to stop; in a log the list at the end is enough.
    fn failed(&self, error: &ItemError) {
        if self.bars.is_some() {
            self.console
                .mark(Mark::Error, &Story::of_item(error).line());
        }
    }
}

impl View for HumanView {
    fn interval(&self) -> Duration {
        match self.bars {
            Some(_) => Duration::from_millis(125),
            None => Duration::from_secs(30),
        }
    }

    fn open(&self, opening: &Opening) {
        self.tell(Verbosity::Normal, &lines::opening(opening));
    }

    fn event(&self, event: &Event<'_>) {
        if let Some(line) = lines::planned(event) {
            self.console.report(&visible(&line));
        } else if let Some((mark, text)) = lines::notice(event) {
            self.console.mark(mark, &text);
        } else if let Some(line) = lines::movement(event) {
            self.tell(Verbosity::Verbose, &line);
        }
        match event {
            Event::Failed(error) => self.failed(error),
            Event::Unchanged { name, .. } => {
                self.tell(Verbosity::Debug, &format!("unchanged {name}"));
            }
            _ => {}
        }
    }

    fn warn(&self, message: &str, hint: Option<&str>) {
        self.console.mark(Mark::Warning, message);
        if let Some(hint) = hint {
            self.console.mark(Mark::Hint, hint);
        }
    }

    fn tick(&self, tick: &Tick) {
        match &self.bars {
            Some(bars) => bars.update(tick),
            None => self.tell(Verbosity::Normal, &lines::progress(tick)),
        }
    }

    fn clear(&self) {
        if let Some(bars) = &self.bars {
            bars.clear();
        }
    }

    fn close(&self, closing: &Closing) {
        // Errors are told even to who wants it quiet.
        for failure in &closing.failures {
            for line in lines::story(&failure.story, 0) {
                self.console.tell(&line);
            }
        }
        if let Some(line) = lines::unlisted(closing) {
            self.console.tell(&line);
        }
        if let Some(error) = &closing.error {
            for line in lines::story(&error.story, 0) {
                self.console.tell(&line);
            }
        }
        for line in lines::summary(closing) {
            self.tell(Verbosity::Normal, &line);
        }
    }

    fn open_library(&self, opening: &LibraryOpening) {
        self.tell(Verbosity::Normal, &library_lines::opening(opening));
    }

    fn library_event(&self, event: &longshore_mirror::Event<'_>) {
        if let Some(line) = library_lines::planned(event) {
            self.console.report(&visible(&line));
        } else if let Some((mark, text)) = library_lines::notice(event) {
            self.console.mark(mark, &text);
        } else if let Some(line) = library_lines::movement(event) {
            self.tell(Verbosity::Verbose, &line);
        }
    }

    fn arriving(&self, now: &Arriving) {
        let line = library_lines::arriving(now);
        match &self.bars {
            Some(bars) => bars.wait(&line),
            None => self.tell(Verbosity::Normal, &line),
        }
    }

    fn close_library(&self, closing: &LibraryClosing) {
        let failed = closing.failures.iter().map(|failure| &failure.story);
        let error = closing.error.iter().map(|error| &error.story);
        for line in failed.flat_map(|story| lines::story(story, 0)) {
            self.console.tell(&line);
        }
        if let Some(line) = library_lines::unlisted(closing) {
            self.console.tell(&line);
        }
        for line in error.flat_map(|story| lines::story(story, 0)) {
            self.console.tell(&line);
        }
        for line in library_lines::summary(closing) {
            self.tell(Verbosity::Normal, &line);
        }
    }
}

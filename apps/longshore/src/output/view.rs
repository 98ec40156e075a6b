//! How a run is shown: one trait, and a view for each format.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use longshore_azure::MeterSnapshot;
use longshore_sync::{Direction, Event, Snapshot};

use super::agent::AgentView;
use super::closing::{Closing, FailedItem};
use super::console::Console;
use super::drawing;
use super::github::Github;
use super::human::HumanView;
use super::json::{JsonView, Record, write_failure};
use super::library::{Arriving, LibraryClosing, LibraryOpening};
use super::lines;
use super::pipelines::Pipelines;
use crate::failure::{Failure, Story};
use crate::settings::{Format, Settings};

/// The beginning of a run.
#[derive(Debug)]
pub(crate) struct Opening {
    /// What is moved.
    pub(crate) source: String,
    /// Where it is to stand.
    pub(crate) destination: String,
    /// Which way the bytes go.
    pub(crate) direction: Direction,
    /// Whether nothing is to be written.
    pub(crate) dry_run: bool,
}

/// The numbers at one moment.
#[derive(Debug)]
pub(crate) struct Tick {
    /// What the engine counts.
    pub(crate) snapshot: Snapshot,
    /// What the connection counts.
    pub(crate) requests: Option<MeterSnapshot>,
    /// Since when.
    pub(crate) elapsed: Duration,
}

/// Shows a run. Events come from several threads.
pub(crate) trait View: fmt::Debug + Send + Sync {
    /// How often it wants the numbers.
    fn interval(&self) -> Duration {
        Duration::from_secs(30)
    }

    /// The run begins.
    fn open(&self, opening: &Opening);

    /// Something happened.
    fn event(&self, event: &Event<'_>);

    /// Something that somebody should know, and may do something about.
    fn warn(&self, message: &str, hint: Option<&str>);

    /// The numbers now.
    fn tick(&self, tick: &Tick);

    /// No more numbers come, and what was shown of them is in the way.
    fn clear(&self) {}

    /// The run is over.
    fn close(&self, closing: &Closing);

    /// A run over a library begins.
    fn open_library(&self, opening: &LibraryOpening);

    /// Something happened to a library.
    fn library_event(&self, event: &longshore_mirror::Event<'_>);

    /// How far the files of a library are.
    fn arriving(&self, now: &Arriving);

    /// A run over a library is over.
    fn close_library(&self, closing: &LibraryClosing);
}

/// The view of the format that was chosen.
pub(crate) fn view_for(settings: &Settings, console: Arc<Console>) -> Arc<dyn View> {
    match console.format() {
        Format::Human => Arc::new(HumanView::new(console)),
        Format::Json => Arc::new(JsonView::new(console)),
        Format::AzurePipelines => Arc::new(AgentView::new(console, Box::new(Pipelines))),
        Format::Github => {
            let dialect = Github::new(settings.step_summary.clone());
            Arc::new(AgentView::new(console, Box::new(dialect)))
        }
    }
}

/// The view of commands whose standard output is data: all else goes to standard error.
pub(crate) fn quiet_view(console: Arc<Console>) -> Arc<dyn View> {
    Arc::new(HumanView::new(console))
}

/// Shows items that failed, where there is no run to be closed.
pub(crate) fn show_failed_items(console: &Console, items: &[FailedItem]) {
    for item in items {
        if console.format() == Format::Json {
            console.report(&Record::new("failed", item).line());
        } else {
            for line in lines::story(&item.story, 0) {
                console.tell(&line);
            }
        }
    }
}

/// Draws what is wrong in a file where somebody sees it in colours.
fn show_to_people(console: &Console, story: &Story) {
    let lines = if story.problems.is_empty() || !console.colors_errors() {
        lines::story(story, 0)
    } else {
        let drawn = drawing::draw(&story.problems);
        let without = Story {
            problems: Vec::new(),
            ..story.clone()
        };
        drawn.into_iter().chain(lines::story(&without, 0)).collect()
    };
    for line in lines {
        console.tell(&line);
    }
}

/// Shows what a command failed with, where there is no run to be closed.
pub(crate) fn show_failure(console: &Console, failure: &Failure) {
    match console.format() {
        Format::Human => show_to_people(console, &failure.story),
        Format::Json => write_failure(console, failure),
        Format::AzurePipelines => super::agent::show_story(console, &Pipelines, &failure.story),
        Format::Github => super::agent::show_story(console, &Github::new(None), &failure.story),
    }
}

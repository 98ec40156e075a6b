//! Events for programs: a JSON object a line, of the schema `longshore.event/1`.
//!
//! Each has `schema`, `event` and `time` (RFC 3339, UTC). Fields may be added; a change of meaning changes the schema.

use std::sync::Arc;

use jiff::{Timestamp, Unit};
use longshore_azure::MeterSnapshot;
use longshore_sync::{Event, Note, Snapshot};
use serde::Serialize;
use serde_json::{Value, json};

use super::closing::{Closing, FailedItem, Totals};
use super::console::{Console, OutputLost};
use super::library::{Arriving, LibraryClosing, LibraryOpening};
use super::library_json;
use super::view::{Opening, Tick, View};
use crate::failure::{Failure, Story};
use crate::settings::Verbosity;

/// The schema of every line.
const SCHEMA: &str = "longshore.event/1";

/// One line.
#[derive(Debug, Serialize)]
pub(crate) struct Record<'a, T> {
    schema: &'static str,
    event: &'a str,
    time: Timestamp,
    #[serde(flatten)]
    body: T,
}

impl<'a, T: Serialize> Record<'a, T> {
    /// A line that is written now.
    pub(crate) fn new(event: &'a str, body: T) -> Self {
        let now = Timestamp::now();
        Self {
            schema: SCHEMA,
            event,
            time: now.round(Unit::Millisecond).unwrap_or(now),
            body,
        }
    }

    /// The line itself.
    pub(crate) fn line(&self) -> String {
        // Bodies are plain data, whose keys are texts: they can always be written.
        serde_json::to_string(self).unwrap_or_default()
    }

    /// Writes it as data.
    ///
    /// # Errors
    ///
    /// [`OutputLost`] when nobody reads it.
    pub(crate) fn write(&self, console: &Console) -> Result<(), OutputLost> {
        console.data(&self.line())
    }
}

#[derive(Serialize)]
struct Progress<'a> {
    elapsed_seconds: f64,
    requests: Option<u64>,
    #[serde(flatten)]
    snapshot: &'a Snapshot,
}

#[derive(Serialize)]
struct Summary<'a> {
    exit_code: u8,
    dry_run: bool,
    interrupted: bool,
    elapsed_seconds: f64,
    requests: Option<Requests>,
    #[serde(flatten)]
    totals: &'a Totals,
}

/// Attempts, as the bill counts them.
#[derive(Debug, Serialize)]
pub(crate) struct Requests {
    total: u64,
    retries: u64,
    throttles: u64,
    by_kind: serde_json::Map<String, Value>,
}

impl From<&MeterSnapshot> for Requests {
    fn from(meter: &MeterSnapshot) -> Self {
        let by_kind = meter.requests.iter().filter(|(_, count)| *count > 0);
        Self {
            total: meter.total_requests(),
            retries: meter.retries,
            throttles: meter.throttles,
            by_kind: by_kind
                .filter_map(|(class, count)| match json!(class) {
                    Value::String(name) => Some((name, json!(count))),
                    _ => None,
                })
                .collect(),
        }
    }
}

#[derive(Serialize)]
struct Ended<'a> {
    exit_code: u8,
    #[serde(flatten)]
    story: &'a Story,
}

/// Writes what a command failed with.
pub(super) fn write_failure(console: &Console, failure: &Failure) {
    let body = Ended {
        exit_code: failure.status.code(),
        story: &failure.story,
    };
    console.report(&Record::new("error", body).line());
}

/// Shows a run to programs.
#[derive(Debug)]
pub(super) struct JsonView {
    console: Arc<Console>,
}

impl JsonView {
    pub(super) fn new(console: Arc<Console>) -> Self {
        Self { console }
    }

    fn write(&self, event: &str, body: impl Serialize) {
        self.console.report(&Record::new(event, body).line());
    }

    fn note(&self, note: &Note) {
        match note {
            Note::Symlink { path } => self.write(
                "skipped",
                json!({ "path": path.to_string_lossy(), "why": "symlink" }),
            ),
            Note::Special { path } => self.write(
                "skipped",
                json!({ "path": path.to_string_lossy(), "why": "special" }),
            ),
            Note::NoCache { why } => self.write("no-cache", json!({ "why": why })),
        }
    }
}

impl View for JsonView {
    fn open(&self, opening: &Opening) {
        self.write(
            "run",
            json!({
                "source": opening.source,
                "destination": opening.destination,
                "dry_run": opening.dry_run,
            }),
        );
    }

    fn event(&self, event: &Event<'_>) {
        match event {
            Event::Noted(note) => self.note(note),
            // A line for each file that did not change would cost more than finding that out.
            Event::Unchanged { name, size } if self.console.tells(Verbosity::Verbose) => {
                self.write("unchanged", json!({ "name": name, "size": size }));
            }
            Event::WouldUpload { name, size, reason } => {
                self.write("would-upload", json!({ "name": name, "size": size, "reason": reason }));
            }
            Event::Started { name, size } => {
                self.write("started", json!({ "name": name, "size": size }));
            }
            Event::Uploaded {
                name,
                size,
                sent,
                reason,
                resumed,
            } => self.write(
                "uploaded",
                json!({ "name": name, "size": size, "sent": sent, "reason": reason, "resumed": resumed }),
            ),
            Event::WouldCopy { name, size, from, reason } => self.write(
                "would-copy",
                json!({ "name": name, "size": size, "from": from, "reason": reason }),
            ),
            Event::Copied { name, size, from, reason } => self.write(
                "copied",
                json!({ "name": name, "size": size, "from": from, "reason": reason }),
            ),
            Event::WouldAdopt { name, size } => {
                self.write("would-adopt", json!({ "name": name, "size": size }));
            }
            Event::Adopted { name, size } => {
                self.write("adopted", json!({ "name": name, "size": size }));
            }
            Event::WouldDownload { name, size, reason } => self.write(
                "would-download",
                json!({ "name": name, "size": size, "reason": reason }),
            ),
            Event::Downloaded { name, size, received, resumed } => self.write(
                "downloaded",
                json!({ "name": name, "size": size, "received": received, "resumed": resumed }),
            ),
            Event::WouldDelete { name } => self.write("would-delete", json!({ "name": name })),
            Event::Deleted { name } => self.write("deleted", json!({ "name": name })),
            Event::DeletesWithheld { count, why } => {
                self.write("deletes-withheld", json!({ "count": count, "why": why }));
            }
            Event::Failed(error) => self.write(
                "failed",
                FailedItem {
                    item: error.item(),
                    story: Story::of_item(error),
                },
            ),
            _ => {}
        }
    }

    fn warn(&self, message: &str, hint: Option<&str>) {
        self.write("warning", json!({ "message": message, "hint": hint }));
    }

    fn tick(&self, tick: &Tick) {
        self.write(
            "progress",
            Progress {
                elapsed_seconds: tick.elapsed.as_secs_f64(),
                requests: tick.requests.as_ref().map(MeterSnapshot::total_requests),
                snapshot: &tick.snapshot,
            },
        );
    }

    fn open_library(&self, opening: &LibraryOpening) {
        self.write("library", opening);
    }

    fn library_event(&self, event: &longshore_mirror::Event<'_>) {
        let all = self.console.tells(Verbosity::Verbose);
        if let Some((name, body)) = library_json::record(event, all) {
            self.write(name, body);
        }
    }

    fn arriving(&self, now: &Arriving) {
        self.write("arriving", now);
    }

    fn close_library(&self, closing: &LibraryClosing) {
        if let Some(error) = &closing.error {
            write_failure(&self.console, error);
        }
        self.write("summary", library_json::Summary::from(closing));
    }

    fn close(&self, closing: &Closing) {
        if let Some(error) = &closing.error {
            write_failure(&self.console, error);
        }
        self.write(
            "summary",
            Summary {
                exit_code: closing.status.code(),
                dry_run: closing.dry_run,
                interrupted: closing.interrupted(),
                elapsed_seconds: closing.elapsed.as_secs_f64(),
                requests: closing.requests.as_ref().map(Requests::from),
                totals: &closing.totals,
            },
        );
    }
}

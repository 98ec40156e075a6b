//! Facts of a run over a library for programs.

use longshore_manifest::LockKey;
use longshore_mirror::{Event, PinChange};
use serde::Serialize;
use serde_json::{Value, json};

use super::json::Requests;
use super::library::{LibraryClosing, LibraryTotals};
use crate::failure::Story;

/// The name of an event and what it tells; none for what programs need not know. `all` also what stayed as it was.
pub(super) fn record(event: &Event<'_>, all: bool) -> Option<(&'static str, Value)> {
    let (name, key, more) = match event {
        Event::Pinned {
            change: PinChange::Kept,
            ..
        } if !all => return None,
        Event::Pinned { key, size, change } => {
            ("pinned", key, json!({ "size": size, "change": change }))
        }
        Event::Republished { key, drift } => (
            "republished",
            key,
            json!({ "why": drift.drift.to_string() }),
        ),
        Event::Cooling { key, until } => ("cooling", key, json!({ "until": until })),
        Event::Fetching { key, from } => ("fetching", key, json!({ "from": from })),
        Event::Fetched {
            key,
            size,
            received,
            resumed,
        } => (
            "fetched",
            key,
            json!({ "size": size, "received": received, "resumed": resumed }),
        ),
        Event::Present { key, blob, size } => {
            ("present", key, json!({ "blob": blob, "size": size }))
        }
        Event::Renamed { key, taken, blob } => {
            ("renamed", key, json!({ "taken": taken, "blob": blob }))
        }
        Event::Checked { key, report } => ("checked", key, json!({ "signature": report })),
        Event::Scanned { key } => ("scanned", key, json!({})),
        Event::Ingested { key, size } => ("ingested", key, json!({ "size": size })),
        Event::WouldStage { key, blob, size } => {
            ("would-stage", key, json!({ "blob": blob, "size": size }))
        }
        event => return of_release(event),
    };
    Some((name, keyed(key, more)))
}

/// Facts that are about no single file.
fn of_release(event: &Event<'_>) -> Option<(&'static str, Value)> {
    Some(match event {
        Event::WouldFlip { from, to } => ("would-flip", json!({ "from": from, "to": to })),
        Event::Released { release, is_new } => {
            ("released", json!({ "release": release, "is_new": is_new }))
        }
        Event::Flipped { from, to } => ("flipped", json!({ "from": from, "to": to })),
        Event::Failed { name, error } => {
            let mut body = json!(Story::of_library_item(name, error));
            body["item"] = json!(name);
            ("failed", body)
        }
        _ => return None,
    })
}

fn keyed(key: &LockKey, mut body: Value) -> Value {
    body["id"] = json!(key.id);
    body["architecture"] = json!(key.architecture);
    body["file"] = json!(key.file);
    body
}

/// The last line of a run.
#[derive(Serialize)]
pub(super) struct Summary<'a> {
    exit_code: u8,
    dry_run: bool,
    interrupted: bool,
    elapsed_seconds: f64,
    requests: Option<Requests>,
    #[serde(flatten)]
    totals: &'a LibraryTotals,
}

impl<'a> From<&'a LibraryClosing> for Summary<'a> {
    fn from(closing: &'a LibraryClosing) -> Self {
        Self {
            exit_code: closing.status.code(),
            dry_run: closing.dry_run,
            interrupted: closing.status.is_interruption(),
            elapsed_seconds: closing.elapsed.as_secs_f64(),
            requests: closing.requests.as_ref().map(Requests::from),
            totals: &closing.totals,
        }
    }
}

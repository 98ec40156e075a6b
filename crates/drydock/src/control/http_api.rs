//! The control interface for other processes: JSON under `/_drydock/`, on the stand-in's own port.
//!
//! | request | does |
//! | --- | --- |
//! | `GET /_drydock/counters` | gives [`super::Counters`] |
//! | `DELETE /_drydock/counters` | starts counting from zero |
//! | `GET /_drydock/faults` | gives the planned faults |
//! | `POST /_drydock/faults` | plans a [`super::Fault`], gives its id |
//! | `DELETE /_drydock/faults[/ID]` | takes one back, or all |
//! | `PUT /_drydock/listing` | `{"page_limit":2,"empty_pages":true}` |
//! | `POST /_drydock/leases/advance` | `{"seconds":60}` moves the time by which leases run out ahead |
//! | `POST /_drydock/seed` | one [`Seed`](crate::Seed) a line makes as many blobs, gives `{"seeded":N}` |
//!
//! It answers only to clients on this machine that send the header `x-drydock-control`, which a web page cannot make a
//! browser send unasked.

use std::time::Duration;

use bytes::Bytes;
use http::{Method, StatusCode};
use serde::{Deserialize, Serialize};

use super::{Control, Fault, FaultId};
use crate::seeding::SeedError;

/// Paths that begin with this belong to the control interface.
pub(crate) const PREFIX: &str = "/_drydock/";

/// The one path whose body is not read before it is looked at.
pub(crate) const SEED: &str = "/_drydock/seed";

/// How far time is moved.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Advance {
    seconds: u64,
}

/// What a listing's pages look like.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Listing {
    #[serde(default)]
    page_limit: u32,
    #[serde(default)]
    empty_pages: bool,
}

/// Answers a control request: a status and a JSON document.
pub(crate) fn answer(
    control: &Control,
    method: &Method,
    path: &str,
    body: &Bytes,
) -> (StatusCode, String) {
    let path = path.strip_prefix(PREFIX).unwrap_or(path);
    let (collection, item) = path.split_once('/').unwrap_or((path, ""));
    match (method.as_str(), collection, item) {
        ("GET", "counters", "") => json(&control.counters()),
        ("DELETE", "counters", "") => {
            control.reset_counters();
            nothing()
        }
        ("GET", "faults", "") => json(&control.faults()),
        ("POST", "faults", "") => match serde_json::from_slice::<Fault>(body) {
            Ok(fault) => json(&control.add_fault(fault)),
            Err(error) => refused(&error),
        },
        ("DELETE", "faults", "") => {
            control.clear_faults();
            nothing()
        }
        ("DELETE", "faults", id) => match id.parse() {
            Ok(id) if control.remove_fault(FaultId(id)) => nothing(),
            _ => (StatusCode::NOT_FOUND, String::new()),
        },
        ("PUT", "listing", "") => match serde_json::from_slice::<Listing>(body) {
            Ok(listing) => {
                control.set_list_page_limit(listing.page_limit);
                control.set_empty_pages(listing.empty_pages);
                nothing()
            }
            Err(error) => refused(&error),
        },
        ("POST", "leases", "advance") => match serde_json::from_slice::<Advance>(body) {
            Ok(advance) => {
                control.advance_leases(Duration::from_secs(advance.seconds));
                nothing()
            }
            Err(error) => refused(&error),
        },
        _ => (StatusCode::NOT_FOUND, String::new()),
    }
}

fn json(value: &impl Serialize) -> (StatusCode, String) {
    match serde_json::to_string(value) {
        Ok(text) => (StatusCode::OK, text),
        Err(error) => (StatusCode::INTERNAL_SERVER_ERROR, error.to_string()),
    }
}

const fn nothing() -> (StatusCode, String) {
    (StatusCode::NO_CONTENT, String::new())
}

/// Answers how seeding went.
pub(crate) fn seeded(outcome: Result<u64, SeedError>) -> (StatusCode, String) {
    match outcome {
        Ok(seeded) => json(&serde_json::json!({ "seeded": seeded })),
        Err(error) => refused(&error),
    }
}

fn refused(error: &dyn std::error::Error) -> (StatusCode, String) {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        text = format!("{text}: {error}");
        cause = error.source();
    }
    let document = serde_json::json!({ "error": text });
    (StatusCode::BAD_REQUEST, document.to_string())
}

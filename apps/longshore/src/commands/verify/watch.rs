//! The numbers of an audit as it goes.

use std::sync::Arc;
use std::time::Duration;

use indicatif::{ProgressBar, ProgressStyle};
use longshore_azure::MeterSnapshot;
use longshore_sync::Snapshot;
use serde::Serialize;

use crate::output::{Console, Record, Tick};
use crate::settings::{Format, Verbosity};
use crate::units::{count, show_size};

/// Shows them: in a line that moves on a terminal, else now and then.
#[derive(Debug)]
pub(super) struct Watch {
    console: Arc<Console>,
    bar: Option<ProgressBar>,
}

#[derive(Serialize)]
struct Now<'a> {
    elapsed_seconds: f64,
    requests: Option<u64>,
    #[serde(flatten)]
    snapshot: &'a Snapshot,
}

impl Watch {
    pub(super) fn new(console: Arc<Console>) -> Self {
        let bar = console.bars().map(|bars| {
            let bar = bars.add(ProgressBar::new_spinner());
            if let Ok(style) = ProgressStyle::with_template("{spinner} {wide_msg}") {
                bar.set_style(style);
            }
            bar
        });
        Self { console, bar }
    }

    /// How often it wants the numbers.
    pub(super) const fn interval(&self) -> Duration {
        match self.bar {
            Some(_) => Duration::from_millis(125),
            None => Duration::from_secs(30),
        }
    }

    pub(super) fn tick(&self, tick: &Tick) {
        match &self.bar {
            Some(bar) => {
                bar.set_message(line(tick));
                bar.tick();
            }
            None if self.console.format() == Format::Json => {
                let now = Now {
                    elapsed_seconds: tick.elapsed.as_secs_f64(),
                    requests: tick.requests.as_ref().map(MeterSnapshot::total_requests),
                    snapshot: &tick.snapshot,
                };
                self.console.report(&Record::new("progress", now).line());
            }
            None if self.console.tells(Verbosity::Normal) => self.console.tell(&line(tick)),
            None => {}
        }
    }

    pub(super) fn clear(&self) {
        if let Some(bar) = &self.bar {
            bar.finish_and_clear();
        }
    }
}

fn line(tick: &Tick) -> String {
    let now = &tick.snapshot;
    let millis = u64::try_from(tick.elapsed.as_millis()).unwrap_or(u64::MAX);
    let rate = now.bytes_verified.saturating_mul(1_000) / millis.max(1);
    format!(
        "{} checked of {} so far, {} amiss, {} failed; {} of blobs read at {}/s, {} of files",
        now.blobs_checked,
        count(now.blobs_listed, "blob"),
        now.blobs_amiss,
        now.files_failed,
        show_size(now.bytes_verified),
        show_size(rate),
        show_size(now.bytes_read),
    )
}

//! Progress bars: files, bytes, and what became of the bytes.

use indicatif::{MultiProgress, ProgressBar, ProgressStyle};
use longshore_sync::Stage;

use super::lines;
use super::view::Tick;
use crate::units::{show_duration, show_size};

/// The bars of a run.
#[derive(Debug)]
pub(super) struct Bars {
    files: ProgressBar,
    bytes: ProgressBar,
    details: ProgressBar,
}

impl Bars {
    pub(super) fn new(group: &MultiProgress) -> Self {
        let bar = |template: &str| {
            let bar = group.add(ProgressBar::new(0));
            // The templates are constants; one that could not be read would leave the default style.
            if let Ok(style) = ProgressStyle::with_template(template) {
                bar.set_style(style.progress_chars("━╸─"));
            }
            bar
        };
        Self {
            files: bar("{spinner} files {wide_bar} {pos}/{len}{msg}"),
            bytes: bar("  bytes {wide_bar} {percent}%{msg}"),
            details: bar("  {wide_msg}"),
        }
    }

    pub(super) fn update(&self, tick: &Tick) {
        let now = &tick.snapshot;
        self.files.set_length(now.files_found);
        self.files.set_position(lines::files_done(now));
        let scanning = if now.stage == Stage::Scanning {
            "+"
        } else {
            ""
        };
        let failed = match now.files_failed {
            0 => String::new(),
            failed => format!(", {failed} failed"),
        };
        self.files.set_message(format!("{scanning}{failed}"));
        self.files.tick();
        self.bytes.set_length(now.bytes_found.max(1));
        self.bytes.set_position(lines::dealt_with(now));
        let left = lines::remaining(tick)
            .map(|left| format!(", {} left", show_duration(left)))
            .unwrap_or_default();
        let travelled = now.bytes_sent + now.bytes_received;
        let rate = show_size(lines::per_second(travelled, tick));
        self.bytes.set_message(format!(", {rate}/s{left}"));
        self.details.set_message(format!(
            "{} read, {} skipped, {}",
            show_size(now.bytes_read),
            show_size(lines::saved(now)),
            lines::travelled(now.bytes_sent, now.bytes_received),
        ));
    }

    /// While files come in whose number nobody knows yet.
    pub(super) fn wait(&self, text: &str) {
        self.details.set_message(text.to_owned());
        self.details.tick();
    }

    pub(super) fn clear(&self) {
        for bar in [&self.files, &self.bytes, &self.details] {
            bar.finish_and_clear();
        }
    }
}

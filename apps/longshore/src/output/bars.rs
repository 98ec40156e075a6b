//! Progress bars: files on one line, bytes on the other.

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
            files: bar("{spinner} files {wide_bar} {pos}/{len} {msg}"),
            bytes: bar("  bytes {wide_bar} {msg}"),
        }
    }

    pub(super) fn update(&self, tick: &Tick) {
        let now = &tick.snapshot;
        let scanning = if now.stage == Stage::Scanning {
            "+"
        } else {
            ""
        };
        self.files.set_length(now.files_found);
        self.files
            .set_position(now.files_unchanged + now.files_uploaded);
        let failed = match now.files_failed {
            0 => String::new(),
            failed => format!(", {failed} failed"),
        };
        self.files.set_message(format!(
            "{scanning} ({} unchanged, {} uploaded{failed})",
            now.files_unchanged, now.files_uploaded
        ));
        self.files.tick();
        self.bytes.set_length(now.bytes_found.max(1));
        self.bytes.set_position(now.bytes_done());
        let left = lines::remaining(tick)
            .map(|left| format!(", {} left", show_duration(left)))
            .unwrap_or_default();
        self.bytes.set_message(format!(
            "{} read, {} skipped, {} sent, {}/s{left}",
            show_size(now.bytes_read),
            show_size(now.bytes_unchanged + now.bytes_reused),
            show_size(now.bytes_sent),
            show_size(lines::per_second(now.bytes_sent, tick)),
        ));
        self.bytes.tick();
    }

    pub(super) fn clear(&self) {
        self.files.finish_and_clear();
        self.bytes.finish_and_clear();
    }
}

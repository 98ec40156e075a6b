//! The two streams of the process, and the progress bars between them.

use std::io::{self, IsTerminal as _, Write as _};
use std::sync::atomic::{AtomicBool, Ordering};

use anstream::{AutoStream, ColorChoice};
use anstyle::{AnsiColor, Style};
use indicatif::{MultiProgress, ProgressDrawTarget};

use super::escape::visible;
use crate::settings::{Format, Settings, Verbosity};

/// Nobody reads standard output any more, or it cannot be written.
#[derive(Debug, thiserror::Error)]
#[error("cannot write to standard output")]
pub(crate) struct OutputLost(#[from] io::Error);

impl OutputLost {
    /// Whether the reader has what it wanted, as `head` has.
    pub(crate) fn is_broken_pipe(&self) -> bool {
        self.0.kind() == io::ErrorKind::BrokenPipe
    }
}

/// How a message is marked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Mark {
    /// An error.
    Error,
    /// A warning.
    Warning,
    /// What to do next.
    Hint,
    /// Anything else.
    Note,
}

impl Mark {
    /// The word before the message.
    pub(crate) const fn word(self) -> &'static str {
        match self {
            Self::Error => "error",
            Self::Warning => "warning",
            Self::Hint => "hint",
            Self::Note => "note",
        }
    }

    /// The word in its colour, for a stream that drops colours where they are not wanted.
    pub(crate) fn styled(self) -> String {
        let style = match self {
            Self::Error => AnsiColor::Red.on_default().bold(),
            Self::Warning => AnsiColor::Yellow.on_default().bold(),
            Self::Hint => AnsiColor::Cyan.on_default().bold(),
            Self::Note => Style::new().bold(),
        };
        format!("{style}{}{style:#}", self.word())
    }
}

/// Standard output and standard error, used by one line at a time.
#[derive(Debug)]
pub(crate) struct Console {
    format: Format,
    verbosity: Verbosity,
    color: ColorChoice,
    bars: MultiProgress,
    bars_shown: bool,
    output_lost: AtomicBool,
}

impl Console {
    /// The console that the settings want.
    pub(crate) fn new(settings: &Settings) -> Self {
        let bars_shown = settings.format == Format::Human
            && settings.verbosity >= Verbosity::Normal
            && io::stderr().is_terminal();
        let target = if bars_shown {
            ProgressDrawTarget::stderr()
        } else {
            ProgressDrawTarget::hidden()
        };
        Self {
            format: settings.format,
            verbosity: settings.verbosity,
            color: settings.color,
            bars: MultiProgress::with_draw_target(target),
            bars_shown,
            output_lost: AtomicBool::new(false),
        }
    }

    /// How to report.
    pub(crate) const fn format(&self) -> Format {
        self.format
    }

    /// Whether so much is to be told.
    pub(crate) fn tells(&self, verbosity: Verbosity) -> bool {
        self.verbosity >= verbosity
    }

    /// Where progress bars are drawn, when there is a terminal to draw them on.
    pub(crate) fn bars(&self) -> Option<&MultiProgress> {
        self.bars_shown.then_some(&self.bars)
    }

    /// Whether standard error is read by somebody who sees colours.
    pub(crate) fn colors_errors(&self) -> bool {
        self.choice(&io::stderr()) != ColorChoice::Never
    }

    /// Writes a line of data to standard output.
    ///
    /// # Errors
    ///
    /// [`OutputLost`] when it cannot be written, as when nobody reads it.
    pub(crate) fn data(&self, line: &str) -> Result<(), OutputLost> {
        self.above_bars(|| {
            let stream = io::stdout().lock();
            let choice = self.choice(&stream);
            let mut stream = AutoStream::new(stream, choice);
            writeln!(stream, "{line}")?;
            stream.flush()
        })
        .map_err(OutputLost)
    }

    /// Writes a line to standard output as long as somebody reads it; who reads it does not decide the run.
    pub(crate) fn report(&self, line: &str) {
        if !self.output_lost.load(Ordering::Relaxed) && self.data(line).is_err() {
            self.output_lost.store(true, Ordering::Relaxed);
        }
    }

    /// Writes a line to standard error, above the progress bars.
    pub(crate) fn tell(&self, line: &str) {
        // A closed standard error leaves nobody to be told of it.
        let _: io::Result<()> = self.above_bars(|| {
            let stream = io::stderr().lock();
            let choice = self.choice(&stream);
            writeln!(AutoStream::new(stream, choice), "{line}")
        });
    }

    /// Tells people of something, with its mark; a hint may follow.
    pub(crate) fn mark(&self, mark: Mark, text: &str) {
        if self.tells(Verbosity::Normal) {
            self.tell(&format!("{}: {}", mark.styled(), visible(text)));
        }
    }

    /// The stream is locked within `write` only: the thread that draws takes the two locks in this order too.
    fn above_bars<R>(&self, write: impl FnOnce() -> R) -> R {
        if self.bars_shown {
            self.bars.suspend(write)
        } else {
            write()
        }
    }

    fn choice(&self, stream: &impl anstream::stream::RawStream) -> ColorChoice {
        match self.color {
            ColorChoice::Auto => AutoStream::choice(stream),
            chosen => chosen,
        }
    }
}

//! What an audit says, as it says it: to programs at once, to people at its end, to a file in any case.

use std::io::{self, BufWriter, Write as _};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use longshore_sync::{
    Adoption, Deep, Event, Finding, Note, Reporter, Sampled, VerifyCounts, VerifyOptions,
    VerifySummary,
};
use serde::Serialize;
use serde_json::json;

use super::Closing;
use super::show::{Groups, summary};
use crate::exit::ExitStatus;
use crate::failure::{Failure, Story};
use crate::output::{Console, FailedItem, FailureLog, Mark, Record, Requests, show_failure};
use crate::settings::{Format, Verbosity};

/// Takes findings from several threads.
pub(super) struct Report {
    console: Arc<Console>,
    file: Option<ReportFile>,
    groups: Mutex<Groups>,
    failures: FailureLog,
}

/// The file of `--report`.
struct ReportFile {
    path: PathBuf,
    /// What it is written to, and the first error of that.
    state: Mutex<(BufWriter<fs_err::File>, Option<io::Error>)>,
}

/// The beginning of an audit.
#[derive(Debug, Serialize)]
pub(super) struct Opening<'a> {
    destination: &'a str,
    against: Option<&'a str>,
    deep: bool,
    sample: Option<String>,
    seed: Option<&'a str>,
    adopt: bool,
    dry_run: bool,
}

impl<'a> Opening<'a> {
    pub(super) fn new(
        destination: &'a str,
        against: Option<&'a str>,
        options: &'a VerifyOptions,
    ) -> Self {
        let sample = match &options.deep {
            Deep::Sample(sample) => Some(sample),
            Deep::Off | Deep::All => None,
        };
        Self {
            destination,
            against,
            deep: options.deep != Deep::Off,
            sample: sample.map(|sample| sample.size.to_string()),
            seed: sample.map(|sample| sample.seed.as_str()),
            adopt: options.adopt,
            dry_run: options.dry_run,
        }
    }

    /// For people.
    fn line(&self) -> String {
        let against = match self.against {
            Some(place) => format!(" against {place}"),
            None => String::new(),
        };
        let dry_run = if self.dry_run { " (dry run)" } else { "" };
        format!("verifying {}{against}{dry_run}", self.destination)
    }
}

/// A finding for programs.
#[derive(Serialize)]
struct Row<'a> {
    name: &'a str,
    size: u64,
    verdict: &'static str,
    proof: Option<&'static str>,
    detail: Option<String>,
    adopted: bool,
    would_adopt: bool,
}

impl<'a> From<&'a Finding> for Row<'a> {
    fn from(finding: &'a Finding) -> Self {
        Self {
            name: &finding.name,
            size: finding.size,
            verdict: finding.verdict.name(),
            proof: finding.proof.map(longshore_sync::Proof::name),
            detail: finding.detail(),
            adopted: finding.adoption == Adoption::Done,
            would_adopt: finding.adoption == Adoption::Would,
        }
    }
}

/// The end for programs.
#[derive(Serialize)]
struct End<'a> {
    exit_code: u8,
    dry_run: bool,
    interrupted: bool,
    elapsed_seconds: f64,
    requests: Option<Requests>,
    #[serde(flatten)]
    numbers: Option<Numbers<'a>>,
}

#[derive(Serialize)]
struct Numbers<'a> {
    #[serde(flatten)]
    counts: &'a VerifyCounts,
    failed: u64,
    skipped: u64,
    sampled: Option<Sampled>,
    bytes_verified: u64,
    bytes_read: u64,
}

impl<'a> From<&'a VerifySummary> for Numbers<'a> {
    fn from(summary: &'a VerifySummary) -> Self {
        Self {
            counts: &summary.counts,
            failed: summary.failed,
            skipped: summary.skipped,
            sampled: summary.sampled,
            bytes_verified: summary.bytes_verified,
            bytes_read: summary.bytes_read,
        }
    }
}

impl Report {
    /// A report to the console, and to `file`.
    ///
    /// # Errors
    ///
    /// A failure when the file cannot be made.
    pub(super) fn new(console: Arc<Console>, file: Option<&Path>) -> Result<Self, Failure> {
        Ok(Self {
            console,
            file: file.map(ReportFile::create).transpose()?,
            groups: Mutex::default(),
            failures: FailureLog::default(),
        })
    }

    /// What could not be checked.
    pub(super) const fn failures(&self) -> &FailureLog {
        &self.failures
    }

    pub(super) fn open(&self, opening: &Opening<'_>) {
        self.record("verify", opening, true);
        if !self.is_json() && self.console.tells(Verbosity::Normal) {
            self.console.tell(&crate::output::visible(&opening.line()));
        }
    }

    /// Tells what came of it.
    ///
    /// # Errors
    ///
    /// A failure when the file could not be written.
    pub(super) fn close(&self, closing: &Closing) -> Result<(), Failure> {
        let end = End {
            exit_code: closing.status.code(),
            dry_run: closing
                .summary
                .as_ref()
                .is_some_and(|summary| summary.dry_run),
            interrupted: closing.status.is_interruption(),
            elapsed_seconds: closing.elapsed.as_secs_f64(),
            requests: closing.requests.as_ref().map(Requests::from),
            numbers: closing.summary.as_deref().map(Numbers::from),
        };
        self.record("summary", &end, true);
        if !self.is_json() {
            self.show(closing);
        }
        self.file.as_ref().map_or(Ok(()), ReportFile::finish)
    }

    fn show(&self, closing: &Closing) {
        let mut groups = self.groups.lock().unwrap_or_else(PoisonError::into_inner);
        for line in groups.lines() {
            self.console.report(&line);
        }
        for FailedItem { story, .. } in self.failures.take() {
            let status = ExitStatus::ItemsFailed;
            let story = Box::new(story);
            show_failure(&self.console, &Failure { status, story });
        }
        if self.console.tells(Verbosity::Normal) {
            for line in summary(closing) {
                self.console.report(&line);
            }
        }
    }

    fn is_json(&self) -> bool {
        self.console.format() == Format::Json
    }

    /// Writes a line for programs: to the file, and to the console when it `is_told` there.
    fn record(&self, event: &str, body: impl Serialize, is_told: bool) {
        let is_told = is_told && self.is_json();
        if !is_told && self.file.is_none() {
            return;
        }
        let line = Record::new(event, body).line();
        if is_told {
            self.console.report(&line);
        }
        if let Some(file) = &self.file {
            file.write(&line);
        }
    }

    fn note(&self, note: &Note) {
        let (path, why) = match note {
            Note::NoCache { why } if self.is_json() => {
                return self.record("no-cache", json!({ "why": why }), true);
            }
            Note::NoCache { why } => {
                let text =
                    format!("every file is read, since the digest cache cannot be used: {why}");
                return self.console.mark(Mark::Warning, &text);
            }
            Note::Symlink { path } => (path, "symlink"),
            Note::Special { path } => (path, "special"),
        };
        let body = json!({ "path": path.to_string_lossy(), "why": why });
        self.record("skipped", body, true);
        if !self.is_json() {
            let text = format!("skipped `{}`, which is no file ({why})", path.display());
            self.console.mark(Mark::Note, &text);
        }
    }
}

impl Reporter for Report {
    fn report(&self, event: &Event<'_>) {
        match event {
            Event::Verified(finding) => {
                let is_told = finding.is_notable() || self.console.tells(Verbosity::Verbose);
                self.record("finding", Row::from(*finding), is_told);
                if is_told && !self.is_json() {
                    let mut groups = self.groups.lock().unwrap_or_else(PoisonError::into_inner);
                    groups.add(finding);
                }
            }
            Event::Failed(error) => {
                self.failures.add(error);
                let item = FailedItem {
                    item: error.item(),
                    story: Story::of_item(error),
                };
                self.record("failed", item, true);
            }
            Event::Noted(note) => self.note(note),
            _ => {}
        }
    }
}

impl ReportFile {
    fn create(path: &Path) -> Result<Self, Failure> {
        match fs_err::File::create(path) {
            Ok(file) => Ok(Self {
                path: path.to_owned(),
                state: Mutex::new((BufWriter::new(file), None)),
            }),
            Err(error) => Err(unwritten(path, &error)),
        }
    }

    fn write(&self, line: &str) {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        if state.1.is_none() {
            state.1 = writeln!(state.0, "{line}").err();
        }
    }

    fn finish(&self) -> Result<(), Failure> {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        let flushed = state.0.flush();
        match state.1.take().or(flushed.err()) {
            None => Ok(()),
            Some(error) => Err(unwritten(&self.path, &error)),
        }
    }
}

fn unwritten(path: &Path, error: &io::Error) -> Failure {
    let message = format!("cannot write the report to `{}`", path.display());
    Failure::because(ExitStatus::Failed, message, error)
}

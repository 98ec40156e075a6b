//! A plan as a reviewer reads it: what goes, in full; what comes, by kind; and what it comes to.

use std::path::Path;

use anstyle::{AnsiColor, Style};
use longshore_sync::{Header, Kind, Operation, Origin, PlanFile, PlanReader, Reason, Tally};

use super::console::{Console, OutputLost};
use super::escape::visible;
use super::lines::reason_word;
use crate::failure::Failure;
use crate::settings::Verbosity;
use crate::units::{count, show_size};

/// So many names of a kind are shown unless all are asked for; deletes are always shown.
const SHOWN: u64 = 20;

/// Where the plan is, for whoever wants to apply it.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Wording<'a> {
    /// Nowhere: it was only looked at.
    Looked,
    /// On standard output, so that the sheet goes to standard error.
    Piped,
    /// In a file.
    Kept(&'a Path),
}

/// Why a sheet is not whole.
#[derive(Debug)]
pub(crate) enum SheetError {
    /// It cannot be written.
    Output(OutputLost),
    /// The plan cannot be read.
    Plan(Failure),
}

impl From<OutputLost> for SheetError {
    fn from(lost: OutputLost) -> Self {
        Self::Output(lost)
    }
}

/// Operations of one plan, or why they cannot be read.
type Operations<'a> = Box<dyn Iterator<Item = Result<Operation, Failure>> + 'a>;

/// A plan that can be read again and again.
pub(crate) trait Pages {
    /// Its first line.
    fn header(&self) -> &Header;

    /// Its operations, from the first.
    ///
    /// # Errors
    ///
    /// A failure when it cannot be read.
    fn operations(&mut self) -> Result<Operations<'_>, Failure>;
}

impl Pages for PlanFile {
    fn header(&self) -> &Header {
        self.header()
    }

    fn operations(&mut self) -> Result<Operations<'_>, Failure> {
        let operations = self
            .operations()
            .map_err(|error| Failure::of_spool(&error))?;
        Ok(Box::new(operations.map(|operation| {
            operation.map_err(|error| Failure::of_spool(&error))
        })))
    }
}

impl Pages for PlanReader {
    fn header(&self) -> &Header {
        self.header()
    }

    fn operations(&mut self) -> Result<Operations<'_>, Failure> {
        let again = self.again().map_err(|error| Failure::of_plan(&error))?;
        Ok(Box::new(again.map(|operation| {
            operation.map_err(|error| Failure::of_plan(&error))
        })))
    }
}

/// Shows one plan.
#[derive(Debug)]
pub(crate) struct Sheet<'a> {
    console: &'a Console,
    wording: Wording<'a>,
}

impl<'a> Sheet<'a> {
    pub(crate) const fn new(console: &'a Console, wording: Wording<'a>) -> Self {
        Self { console, wording }
    }

    /// Writes it.
    ///
    /// # Errors
    ///
    /// [`SheetError`].
    pub(crate) fn show(&self, plan: &mut impl Pages) -> Result<(), SheetError> {
        let header = plan.header().clone();
        self.line(&format!(
            "plan: {} -> {}",
            visible(&header.source),
            visible(&header.destination)
        ))?;
        self.line(&format!(
            "made {} by {}",
            visible(&header.created),
            visible(&header.tool)
        ))?;
        for (kind, tally) in groups(&header) {
            if tally.files > 0 {
                self.group(plan, kind, tally)?;
            }
        }
        self.line("")?;
        for line in totals(&header) {
            self.line(&line)?;
        }
        self.line("")?;
        self.line(&self.next(&header))
    }

    fn group(&self, plan: &mut impl Pages, kind: Kind, tally: Tally) -> Result<(), SheetError> {
        let bold = Style::new().bold();
        self.line("")?;
        self.line(&format!("{bold}{}{bold:#}", heading(kind, tally)))?;
        let all = kind == Kind::Delete || self.console.tells(Verbosity::Verbose);
        let shown = if all { tally.files } else { SHOWN };
        let operations = plan.operations().map_err(SheetError::Plan)?;
        let mut left = shown;
        for operation in operations {
            let operation = operation.map_err(SheetError::Plan)?;
            if left == 0 {
                break;
            }
            if operation.op == kind {
                self.line(&row(&operation))?;
                left -= 1;
            }
        }
        let untold = tally.files.saturating_sub(shown);
        if untold > 0 {
            self.line(&format!("  … and {untold} more (all with `-v`)"))?;
        }
        Ok(())
    }

    fn next(&self, header: &Header) -> String {
        if header.totals.is_empty() {
            return "nothing to do: all is there".to_owned();
        }
        match self.wording {
            Wording::Looked => {
                "to do it: keep the plan with `-o FILE`, then `longshore apply FILE`".to_owned()
            }
            Wording::Piped => {
                "to do it: keep the plan in a file, then `longshore apply FILE`".to_owned()
            }
            Wording::Kept(file) => format!(
                "to do it: `longshore apply {}`",
                visible(&file.display().to_string())
            ),
        }
    }

    fn line(&self, line: &str) -> Result<(), SheetError> {
        match self.wording {
            Wording::Piped => self.console.tell(line),
            Wording::Looked | Wording::Kept(_) => self.console.data(line)?,
        }
        Ok(())
    }
}

/// What moves, then what goes.
const fn groups(header: &Header) -> [(Kind, Tally); 5] {
    let totals = &header.totals;
    [
        (Kind::Upload, totals.upload),
        (Kind::Copy, totals.copy),
        (Kind::SetMetadata, totals.set_metadata),
        (Kind::Download, totals.download),
        (Kind::Delete, totals.delete),
    ]
}

fn heading(kind: Kind, tally: Tally) -> String {
    let (title, noun) = match kind {
        Kind::Upload => ("upload", "file"),
        Kind::Copy => ("copy by the service", "blob"),
        Kind::SetMetadata => ("add digests to what is there", "blob"),
        Kind::Download => ("download", "blob"),
        Kind::Delete => ("delete", "item"),
    };
    let files = count(tally.files, noun);
    format!("{title}: {files}, {}", show_size(tally.bytes))
}

fn row(operation: &Operation) -> String {
    let (mark, color) = match (operation.op, operation.reason) {
        (Kind::Delete, _) => ('-', AnsiColor::Red),
        (_, Reason::New) => ('+', AnsiColor::Green),
        _ => ('~', AnsiColor::Yellow),
    };
    let style = color.on_default();
    let size = show_size(operation.size);
    let why = match (operation.op, operation.reason) {
        (Kind::Delete, _) | (_, Reason::New | Reason::Recognised) => String::new(),
        (_, reason) => format!(" ({})", reason_word(reason)),
    };
    let from = match (operation.op, &operation.from) {
        (
            Kind::Copy,
            Some(Origin {
                container: Some(container),
                blob,
                ..
            }),
        ) => {
            format!(" from {container}/{blob}")
        }
        (Kind::Copy, Some(Origin { blob, .. })) => format!(" from {blob}"),
        _ => String::new(),
    };
    format!(
        "  {style}{mark}{style:#} {size:>10}  {}{why}{}",
        visible(&operation.name),
        visible(&from)
    )
}

/// What it comes to: bytes that travel against bytes that do not.
fn totals(header: &Header) -> Vec<String> {
    let totals = &header.totals;
    let mut lines = vec!["in all".to_owned()];
    let mut add = |label: &str, tally: Tally, note: &str| {
        if tally.files > 0 {
            let size = show_size(tally.bytes);
            let files = count(tally.files, "file");
            lines.push(format!("  {label:<12} {size:>10}  {files}{note}"));
        }
    };
    add(
        "to send",
        totals.upload,
        "; blocks that are there already are not sent",
    );
    add("to receive", totals.download, "");
    add("copied", totals.copy, ", by the service");
    add("recognised", totals.set_metadata, ", nothing is sent");
    add("unchanged", totals.unchanged, "");
    if totals.delete.files > 0 {
        let limit = header.rules.max_delete.as_deref().unwrap_or("50%");
        lines.push(format!(
            "  {:<12} {:>10}  {} of the {} there; at most {} may go",
            "to delete",
            show_size(totals.delete.bytes),
            totals.delete.files,
            totals.there,
            visible(limit)
        ));
    }
    if let Some(prefix) = &header.rules.backup_to {
        lines.push(format!(
            "  copies of what is written over or deleted are kept below `{}`",
            visible(prefix)
        ));
    }
    for place in &header.rules.reuse_from {
        lines.push(format!("  may copy from {}", visible(place)));
    }
    lines
}

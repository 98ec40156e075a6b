//! Writing and reading plans, line by line: a plan of a million operations needs no more memory than one of ten.

use std::fs::File;
use std::io::{self, BufRead, BufReader, BufWriter, Read, Seek, Write};
use std::path::{Path, PathBuf};

use super::{Header, Operation, PLAN_VERSION, Totals};

/// A line longer than this is no line of a plan.
const LONGEST_LINE: u64 = 64 << 10;

/// Why a plan cannot be read or written.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum PlanError {
    /// The file cannot be read or written.
    #[error("cannot use the plan `{}`", .path.display())]
    Io {
        /// The file.
        path: PathBuf,
        /// What the system said.
        #[source]
        cause: io::Error,
    },
    /// A line is not one of a plan.
    #[error("`{}` is no plan: line {line} cannot be understood", .path.display())]
    Line {
        /// The file.
        path: PathBuf,
        /// The line, counted from 1.
        line: u64,
        /// What is wrong with it.
        #[source]
        cause: serde_json::Error,
    },
    /// The plan was written by a newer program.
    #[error("`{}` is a plan of version {found}; this program reads up to version {}", .path.display(), PLAN_VERSION)]
    Version {
        /// The file.
        path: PathBuf,
        /// Its version.
        found: u32,
    },
    /// The lines are not those that the header tells of: the file was cut or edited.
    #[error("`{}` does not hold the operations that its first line tells of", .path.display())]
    Totals {
        /// The file.
        path: PathBuf,
    },
}

impl PlanError {
    /// What somebody can do about it.
    pub fn hint(&self) -> Option<String> {
        Some(match self {
            Self::Io { .. } => "check the path".to_owned(),
            Self::Line { .. } | Self::Totals { .. } => {
                "make the plan anew with `longshore plan`; nothing was changed".to_owned()
            }
            Self::Version { .. } => "use the longshore that made it, or a newer one".to_owned(),
        })
    }
}

/// Takes operations before the header is known: they rest in a temporary file.
#[derive(Debug)]
pub struct PlanWriter {
    spool: BufWriter<File>,
    totals: Totals,
}

impl PlanWriter {
    /// An empty plan.
    ///
    /// # Errors
    ///
    /// Those of temporary files.
    pub fn new() -> io::Result<Self> {
        Ok(Self {
            spool: BufWriter::new(tempfile::tempfile()?),
            totals: Totals::default(),
        })
    }

    /// Adds one operation.
    ///
    /// # Errors
    ///
    /// Those of temporary files.
    pub fn push(&mut self, operation: &Operation) -> io::Result<()> {
        self.totals.count(operation);
        serde_json::to_writer(&mut self.spool, operation)?;
        self.spool.write_all(b"\n")
    }

    /// Ends the plan; `header` gets the totals of what was pushed beside those that it has.
    ///
    /// # Errors
    ///
    /// Those of temporary files.
    pub fn finish(self, mut header: Header) -> io::Result<PlanFile> {
        header.totals = Totals {
            unchanged: header.totals.unchanged,
            there: header.totals.there,
            ..self.totals
        };
        let mut spool = self
            .spool
            .into_inner()
            .map_err(io::IntoInnerError::into_error)?;
        spool.rewind()?;
        Ok(PlanFile { header, spool })
    }
}

/// A plan that is made and not yet kept anywhere.
#[derive(Debug)]
pub struct PlanFile {
    header: Header,
    spool: File,
}

impl PlanFile {
    /// Its first line.
    pub const fn header(&self) -> &Header {
        &self.header
    }

    /// Writes it to `path`, whole or not at all.
    ///
    /// # Errors
    ///
    /// [`PlanError::Io`].
    pub fn save(&mut self, path: &Path) -> Result<(), PlanError> {
        let error = |cause| PlanError::Io {
            path: path.to_owned(),
            cause,
        };
        let directory = path
            .parent()
            .filter(|parent| !parent.as_os_str().is_empty());
        let directory = directory.unwrap_or_else(|| Path::new("."));
        let mut file = tempfile::NamedTempFile::new_in(directory).map_err(error)?;
        self.write(&mut BufWriter::new(&mut file)).map_err(error)?;
        file.as_file().sync_all().map_err(error)?;
        file.persist(path).map_err(|failed| error(failed.error))?;
        Ok(())
    }

    /// Writes it into `out`.
    ///
    /// # Errors
    ///
    /// Those of `out` and of temporary files.
    pub fn write(&mut self, out: &mut impl Write) -> io::Result<()> {
        serde_json::to_writer(&mut *out, &self.header)?;
        out.write_all(b"\n")?;
        self.spool.rewind()?;
        io::copy(&mut self.spool, out)?;
        out.flush()
    }

    /// Its operations, in order.
    ///
    /// # Errors
    ///
    /// Those of temporary files.
    pub fn operations(&mut self) -> io::Result<impl Iterator<Item = io::Result<Operation>>> {
        self.spool.rewind()?;
        let lines = BufReader::new(&mut self.spool).lines();
        Ok(lines.map(|line| Ok(serde_json::from_str(&line?)?)))
    }
}

/// A plan that was kept in a file.
#[derive(Debug)]
pub struct PlanReader {
    path: PathBuf,
    header: Header,
    lines: BufReader<File>,
    line: u64,
    seen: Totals,
}

impl PlanReader {
    /// Opens a plan, of any version up to the newest that this code writes.
    ///
    /// # Errors
    ///
    /// [`PlanError`].
    pub fn open(path: &Path) -> Result<Self, PlanError> {
        let error = |cause| PlanError::Io {
            path: path.to_owned(),
            cause,
        };
        let file = fs_err::File::open(path).map_err(error)?;
        let mut lines = BufReader::new(file.into_parts().0);
        let first = read_line(&mut lines).map_err(error)?.unwrap_or_default();
        let version = serde_json::from_str::<Version>(&first);
        let line = |cause| PlanError::Line {
            path: path.to_owned(),
            line: 1,
            cause,
        };
        let found = version.map_err(line)?.plan;
        if found > PLAN_VERSION {
            let path = path.to_owned();
            return Err(PlanError::Version { path, found });
        }
        Ok(Self {
            path: path.to_owned(),
            header: serde_json::from_str(&first).map_err(line)?,
            lines,
            line: 1,
            seen: Totals::default(),
        })
    }

    /// Its first line.
    pub const fn header(&self) -> &Header {
        &self.header
    }

    /// Begins again with the first operation.
    ///
    /// # Errors
    ///
    /// [`PlanError`], also when somebody put another file in its place.
    pub fn again(&self) -> Result<Self, PlanError> {
        Self::open(&self.path)
    }

    fn read(&mut self) -> Result<Option<Operation>, PlanError> {
        let read = read_line(&mut self.lines).map_err(|cause| PlanError::Io {
            path: self.path.clone(),
            cause,
        })?;
        let Some(text) = read else {
            let told = self.header.totals;
            let seen = Totals {
                unchanged: told.unchanged,
                there: told.there,
                ..self.seen
            };
            if seen != told {
                let path = self.path.clone();
                return Err(PlanError::Totals { path });
            }
            return Ok(None);
        };
        self.line += 1;
        let operation: Operation =
            serde_json::from_str(&text).map_err(|cause| PlanError::Line {
                path: self.path.clone(),
                line: self.line,
                cause,
            })?;
        self.seen.count(&operation);
        Ok(Some(operation))
    }
}

impl Iterator for PlanReader {
    type Item = Result<Operation, PlanError>;

    fn next(&mut self) -> Option<Self::Item> {
        self.read().transpose()
    }
}

/// As much of the first line as every version has.
#[derive(serde::Deserialize)]
struct Version {
    plan: u32,
}

fn read_line(lines: &mut BufReader<File>) -> io::Result<Option<String>> {
    let mut text = String::new();
    let read = lines.by_ref().take(LONGEST_LINE).read_line(&mut text)?;
    Ok((read > 0).then_some(text))
}

//! The lines of a plan as steps.

use std::path::PathBuf;
use std::sync::Arc;

use longshore_store::{BlobName, ETag, ListedBlob};

use super::{Feed, Next};
use crate::context::Context;
use crate::decide::Target;
use crate::delete::{Doomed, Mark, Surplus};
use crate::download::{Download, target_path};
use crate::place::Route;
use crate::plan::{Assumption, Kind, Operation, PlanReader};
use crate::source::LocalFile;
use crate::step::{Adoption, Receipt, Replaces, Step, Transfer};
use crate::upload::Candidate;
use crate::{ItemError, SyncError};

/// Which lines of a plan are done already.
#[derive(Debug, Default)]
pub(crate) struct Done(Vec<u64>);

impl Done {
    pub(crate) fn set(&mut self, line: usize) {
        let word = line / 64;
        if self.0.len() <= word {
            self.0.resize(word + 1, 0);
        }
        self.0[word] |= 1 << (line % 64);
    }

    pub(crate) fn contains(&self, line: usize) -> bool {
        self.0
            .get(line / 64)
            .is_some_and(|word| word & (1 << (line % 64)) != 0)
    }
}

/// The lines of a plan, but for those that are done.
#[derive(Debug)]
pub(crate) struct Lines {
    route: Route,
    reader: PlanReader,
    done: Done,
    line: usize,
    ended: bool,
}

impl Lines {
    pub(crate) const fn new(route: Route, reader: PlanReader, done: Done) -> Self {
        Self {
            route,
            reader,
            done,
            line: 0,
            ended: false,
        }
    }
}

impl Feed for Lines {
    async fn fill(&mut self) -> Result<(), SyncError> {
        Ok(())
    }

    fn next(&mut self, context: &Context, surplus: &mut Surplus<'_>) -> Result<Next, SyncError> {
        let Some(operation) = self.reader.next().transpose()? else {
            self.ended = true;
            return Ok(Next::Empty);
        };
        let line = self.line;
        self.line += 1;
        let is_done = self.done.contains(line);
        if operation.op == Kind::Delete {
            if !is_done {
                surplus.note(&self.doomed(&operation))?;
            }
            return Ok(Next::Nothing);
        }
        context.found(operation.size);
        if is_done {
            context.unchanged(&operation.name, operation.size);
            return Ok(Next::Nothing);
        }
        Ok(match self.step(&operation) {
            Ok(next) => next,
            Err(error) => {
                context.failed(error, operation.size);
                Next::Nothing
            }
        })
    }

    fn is_over(&self) -> bool {
        self.ended
    }
}

impl Lines {
    fn doomed(&self, operation: &Operation) -> Doomed {
        let prefix = match &self.route {
            Route::Down(..) => "",
            route => route.container().prefix.as_str(),
        };
        Doomed {
            phase: operation.phase,
            name: format!("{prefix}{}", operation.name),
            size: operation.size,
            mark: match &operation.assumes {
                Assumption::Etag(etag) => Mark::Etag(etag.clone()),
                Assumption::Blake3(blake3) => Mark::Content(*blake3),
                Assumption::Absent => Mark::Stamp(String::new()),
            },
        }
    }

    fn step(&self, operation: &Operation) -> Result<Next, ItemError> {
        Ok(match &self.route {
            Route::Up(root, container) => up(root, &container.prefix, operation)?.into(),
            Route::Down(container, root) => down(root, &container.prefix, operation)?.into(),
            Route::Across(source, destination) => Step::Transfer(Transfer {
                name: operation.name.clone(),
                store: Arc::clone(&source.store),
                to: blob_name(&destination.prefix, operation)?,
                condition: operation.assumes.condition(),
                reason: operation.reason,
                from: blob_of(operation),
            })
            .into(),
            // What has no source was found out before.
            Route::Files(..) | Route::Chosen(..) | Route::Prune(_) => Next::Nothing,
        })
    }
}

/// The file that an operation of a plan reads: its name stays below the source.
pub(crate) fn source_path(root: &std::path::Path, name: &str) -> Result<PathBuf, ItemError> {
    let path = root.join(name);
    match BlobName::new(name) {
        Ok(_) if !name.starts_with('/') && path.starts_with(root) => Ok(path),
        checked => Err(ItemError::Name {
            path,
            cause: checked.err(),
        }),
    }
}

fn blob_name(prefix: &str, operation: &Operation) -> Result<BlobName, ItemError> {
    BlobName::new(format!("{prefix}{}", operation.name)).map_err(|cause| ItemError::Name {
        path: operation.name.clone().into(),
        cause: Some(cause),
    })
}

fn up(root: &std::path::Path, prefix: &str, operation: &Operation) -> Result<Step, ItemError> {
    let name = blob_name(prefix, operation)?;
    let path = source_path(root, &operation.name)?;
    // What it holds was looked at; it is looked at again when it is read.
    let file = LocalFile::at(path, name, operation.digests())?;
    if let (Kind::SetMetadata, Assumption::Etag(etag)) = (operation.op, &operation.assumes) {
        return Ok(Step::Adopt(Adoption {
            file,
            etag: ETag::new(etag),
            md5: None,
            expect: operation.digests(),
        }));
    }
    let target = Target {
        digests: None,
        condition: operation.assumes.condition(),
    };
    let mut candidate = Candidate::new(file, target, operation.reason);
    candidate.expect = operation.digests();
    Ok(Step::Send(candidate))
}

fn down(root: &std::path::Path, prefix: &str, operation: &Operation) -> Result<Step, ItemError> {
    let from = blob_of(operation);
    Ok(Step::Receive(Receipt {
        name: operation.name.clone(),
        download: Download {
            name: blob_name(prefix, operation)?,
            target: target_path(root, &operation.name)?,
            etag: from.etag.unwrap_or_else(|| ETag::new("")),
            size: operation.size,
            digests: operation.digests(),
            content_md5: None,
        },
        compare: None,
        replaces: match &operation.assumes {
            Assumption::Blake3(blake3) => Replaces::Content(*blake3),
            Assumption::Absent | Assumption::Etag(_) => Replaces::Nothing,
        },
        reason: operation.reason,
    }))
}

/// The blob that an operation reads, as far as the plan tells.
fn blob_of(operation: &Operation) -> ListedBlob {
    ListedBlob {
        name: operation
            .from
            .as_ref()
            .map_or_else(String::new, |from| from.blob.clone()),
        size: operation.size,
        etag: operation.from.as_ref().map(|from| ETag::new(&from.etag)),
        last_modified: None,
        digests: operation.digests(),
        content_md5: None,
        is_directory: false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_remembered_one_by_one() {
        let mut done = Done::default();
        for line in [0, 63, 64, 1000] {
            done.set(line);
        }
        let found: Vec<usize> = (0..2000).filter(|line| done.contains(*line)).collect();
        assert_eq!(found, [0, 63, 64, 1000]);
    }

    #[test]
    fn a_plan_reads_nothing_outside_its_source() {
        let root = std::path::Path::new("/srv/apps");
        for name in ["../x", "/etc/passwd", "a/../../x", ".", ""] {
            assert!(source_path(root, name).is_err(), "{name}");
        }
        assert!(source_path(root, "a/b.zip").is_ok());
    }
}

//! What may go from the destination, and when: last, and only when nothing speaks against it.
//!
//! Names are noted down in a temporary file while the run goes on, so that their number is known before the first one
//! is deleted and memory stays flat.

mod blobs;
mod doomed;
mod files;

use std::collections::HashSet;
use std::io::{self, BufRead, BufReader, BufWriter, Seek, Write};
use std::path::Path;
use std::sync::Arc;

use longshore_store::{ETag, ListedBlob};

use crate::context::Context;
use crate::source::{Filter, LocalFile, Shield};
use crate::{
    CancelLevel, DeletePolicy, DeletesWithheld, Event, SafetyError, SyncError, SyncOptions,
};

pub(crate) use doomed::{Doomed, Mark};

/// What the source does not have.
#[derive(Debug)]
pub(crate) struct Surplus<'a> {
    options: &'a SyncOptions,
    shield: Shield<'a>,
    /// What stands before the names of the destination's blobs.
    prefix: String,
    /// Names in the source that are not staged; blobs of that name, or below it, stay.
    skipped: HashSet<String>,
    spool: Option<BufWriter<std::fs::File>>,
    count: u64,
}

/// Where things are deleted, and where they must still be missing.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Ground<'a> {
    /// Blobs, when a directory still does not have them.
    Blobs { source: &'a Path },
    /// Blobs, when no file can take their part any more: another container, or nothing, is the source.
    Mirrored,
    /// Files of a directory.
    Files { root: &'a Path },
}

impl<'a> Surplus<'a> {
    pub(crate) fn new(
        options: &'a SyncOptions,
        filter: &'a Filter,
        prefix: &str,
    ) -> Result<Self, SyncError> {
        let spool = match options.delete {
            DeletePolicy::Keep => None,
            DeletePolicy::Managed | DeletePolicy::Unmanaged => {
                Some(BufWriter::new(tempfile::tempfile().map_err(spool)?))
            }
        };
        Ok(Self {
            options,
            shield: Shield::new(filter),
            prefix: prefix.to_owned(),
            skipped: HashSet::new(),
            spool,
            count: 0,
        })
    }

    /// Whether a name, relative to both places, is none that this run is about.
    pub(crate) fn shields(&mut self, relative: &str) -> bool {
        self.shield.covers(relative)
    }

    /// Notes a name of the source that is not staged.
    pub(crate) fn skip(&mut self, name: String) {
        if self.spool.is_some() {
            self.skipped.insert(name);
        }
    }

    /// Notes a blob that the source has nothing for.
    pub(crate) fn note_blob(&mut self, blob: &ListedBlob) -> Result<(), SyncError> {
        let managed = blob.digests.is_some();
        if self.spool.is_none()
            || !managed && self.options.delete != DeletePolicy::Unmanaged
            || self.is_protected(&blob.name)
        {
            return Ok(());
        }
        let Some(etag) = &blob.etag else {
            return Ok(());
        };
        self.note(&Doomed {
            phase: 0,
            name: blob.name.clone(),
            size: blob.size,
            mark: Mark::Etag(etag.as_str().to_owned()),
        })
    }

    /// Notes a file that the source has no blob for. Files carry no mark of ours, so that only asking for all will do.
    pub(crate) fn note_file(&mut self, file: &LocalFile) -> Result<(), SyncError> {
        if self.spool.is_none() || self.options.delete != DeletePolicy::Unmanaged {
            return Ok(());
        }
        self.note(&Doomed {
            phase: 0,
            name: file.name.as_str().to_owned(),
            size: file.stamp.size,
            mark: Mark::of_stamp(&file.stamp),
        })
    }

    /// Notes what a plan says is to go.
    pub(crate) fn note(&mut self, doomed: &Doomed) -> Result<(), SyncError> {
        let Some(writer) = &mut self.spool else {
            return Ok(());
        };
        self.count += 1;
        serde_json::to_writer(&mut *writer, doomed).map_err(|error| spool(error.into()))?;
        writer.write_all(b"\n").map_err(spool)
    }

    fn is_protected(&mut self, name: &str) -> bool {
        let mut above = name
            .match_indices('/')
            .map(|(at, _)| &name[..at])
            .chain([name]);
        above.any(|part| self.skipped.contains(part))
            || self.is_backup(name)
            || name
                .strip_prefix(self.prefix.as_str())
                .is_none_or(|relative| self.shield.covers(relative))
    }

    fn is_backup(&self, name: &str) -> bool {
        self.options
            .backup_to
            .as_ref()
            .is_some_and(|prefix| name.starts_with(prefix.as_str()))
    }

    /// Whether what was noted may go; tells why not, when it is left for a later run.
    pub(crate) fn judge(&self, context: &Context) -> Option<DeletesWithheld> {
        self.spool.as_ref()?;
        if context.cancel.level() > CancelLevel::None {
            return withhold(context, self.count, DeletesWithheld::Interrupted);
        }
        if context.has_failures() {
            return withhold(context, self.count, DeletesWithheld::Failures);
        }
        None
    }

    /// Refuses to delete what was noted when it looks like a mistake.
    pub(crate) fn check_limits(
        &self,
        source: &str,
        (found, total): (u64, u64),
    ) -> Result<(), SyncError> {
        if self.spool.is_none() {
            return Ok(());
        }
        if found == 0 {
            return Err(SafetyError::EmptySource {
                source_path: source.into(),
            }
            .into());
        }
        let (count, limit) = (self.count, self.options.max_delete);
        if limit.allows(count, total) {
            return Ok(());
        }
        Err(SafetyError::MaxDelete {
            count,
            total,
            limit,
        }
        .into())
    }

    /// Deletes what was noted; tells whether that was interrupted.
    pub(crate) async fn delete(
        self,
        context: &Arc<Context>,
        ground: Ground<'_>,
    ) -> Result<Option<DeletesWithheld>, SyncError> {
        let prefix = self.prefix.clone();
        let Some(doomed) = self.into_doomed()? else {
            return Ok(None);
        };
        let mut broken = None;
        let doomed = doomed.map_while(|doomed| doomed.map_err(|error| broken = Some(error)).ok());
        tokio::select! {
            () = async {
                match ground {
                    Ground::Blobs { source } => blobs::delete(context, doomed, &|name| {
                        blobs::is_missing(source, name.strip_prefix(prefix.as_str()).unwrap_or(name))
                    }).await,
                    Ground::Mirrored => blobs::delete(context, doomed, &|_| true).await,
                    Ground::Files { root } => {
                        files::delete(context, root, &prefix, doomed).await;
                    }
                }
            } => {}
            () = context.cancel.aborted() => {}
        }
        broken.map_or(Ok(()), |error| Err(spool(error)))?;
        let interrupted = context.cancel.is_draining();
        Ok(interrupted.then_some(DeletesWithheld::Interrupted))
    }

    /// What was noted, in order; none when deleting was not asked for.
    pub(crate) fn into_doomed(
        self,
    ) -> Result<Option<impl Iterator<Item = io::Result<Doomed>>>, SyncError> {
        let Some(writer) = self.spool else {
            return Ok(None);
        };
        let lines = rewind(writer).map_err(spool)?.lines();
        Ok(Some(
            lines.map(|line| Ok(serde_json::from_str::<Doomed>(&line?)?)),
        ))
    }
}

fn withhold(context: &Context, count: u64, why: DeletesWithheld) -> Option<DeletesWithheld> {
    (count > 0).then(|| {
        context.report(&Event::DeletesWithheld { count, why });
        why
    })
}

fn rewind(writer: BufWriter<std::fs::File>) -> io::Result<BufReader<std::fs::File>> {
    let mut file = writer
        .into_inner()
        .map_err(io::IntoInnerError::into_error)?;
    file.rewind()?;
    Ok(BufReader::new(file))
}

fn spool(cause: io::Error) -> SyncError {
    SyncError::Spool { cause }
}

/// The version that a mark names, where it is that of a blob.
fn etag_of(mark: &Mark) -> Option<ETag> {
    match mark {
        Mark::Etag(etag) => Some(ETag::new(etag)),
        Mark::Stamp(_) | Mark::Content(_) => None,
    }
}

//! What may go from the destination, and when: last, and only when nothing speaks against it.
//!
//! Names are noted down in a temporary file while the run goes on, so that their number is known before the first one
//! is deleted and memory stays flat.

use std::collections::HashSet;
use std::io::{self, BufRead, BufReader, BufWriter, Seek, Write};
use std::path::Path;
use std::sync::Arc;

use futures::StreamExt;
use longshore_store::{BlobName, Condition, DeleteOptions, ETag, ListedBlob, StoreError};

use crate::context::Context;
use crate::source::{Filter, Shield, is_absent};
use crate::{
    CancelLevel, DeletePolicy, DeletesWithheld, Event, ItemError, SafetyError, SyncError,
    SyncOptions,
};

/// The blobs that the source does not have.
#[derive(Debug)]
pub(crate) struct Surplus<'a> {
    options: &'a SyncOptions,
    shield: Shield<'a>,
    /// Names in the source that are not staged; blobs of that name, or below it, stay.
    skipped: HashSet<String>,
    spool: Option<BufWriter<std::fs::File>>,
    count: u64,
}

impl<'a> Surplus<'a> {
    pub(crate) fn new(options: &'a SyncOptions, filter: &'a Filter) -> Result<Self, SyncError> {
        let spool = match options.delete {
            DeletePolicy::Keep => None,
            DeletePolicy::Managed | DeletePolicy::Unmanaged => {
                Some(BufWriter::new(tempfile::tempfile().map_err(spool)?))
            }
        };
        Ok(Self {
            options,
            shield: Shield::new(filter),
            skipped: HashSet::new(),
            spool,
            count: 0,
        })
    }

    /// Notes a name of the source that is not staged.
    pub(crate) fn skip(&mut self, name: String) {
        if self.spool.is_some() {
            self.skipped.insert(name);
        }
    }

    /// Notes a blob that the source has no file for.
    pub(crate) fn note(&mut self, blob: &ListedBlob) -> Result<(), SyncError> {
        let managed = blob.digests.is_some();
        if !managed && self.options.delete != DeletePolicy::Unmanaged
            || self.is_protected(&blob.name)
        {
            return Ok(());
        }
        let (Some(writer), Some(etag)) = (&mut self.spool, &blob.etag) else {
            return Ok(());
        };
        self.count += 1;
        serde_json::to_writer(&mut *writer, &(&blob.name, etag.as_str()))
            .map_err(|error| spool(error.into()))?;
        writer.write_all(b"\n").map_err(spool)
    }

    fn is_protected(&mut self, name: &str) -> bool {
        let mut above = name
            .match_indices('/')
            .map(|(at, _)| &name[..at])
            .chain([name]);
        above.any(|part| self.skipped.contains(part))
            || name
                .strip_prefix(self.options.prefix.as_str())
                .is_none_or(|relative| self.shield.covers(relative))
    }

    /// Deletes what was noted, if everything allows it; tells why not otherwise.
    pub(crate) async fn delete(
        self,
        context: &Arc<Context>,
        source: &Path,
    ) -> Result<Option<DeletesWithheld>, SyncError> {
        let Some(writer) = self.spool else {
            return Ok(None);
        };
        if context.cancel.level() > CancelLevel::None {
            return Ok(withhold(context, self.count, DeletesWithheld::Interrupted));
        }
        if context.has_failures() {
            return Ok(withhold(context, self.count, DeletesWithheld::Failures));
        }
        let numbers = context.progress.snapshot();
        if numbers.files_found == 0 {
            return Err(SafetyError::EmptySource {
                source_path: source.to_owned(),
            }
            .into());
        }
        let (count, total, limit) = (self.count, numbers.blobs_listed, self.options.max_delete);
        if !limit.allows(count, total) {
            return Err(SafetyError::MaxDelete {
                count,
                total,
                limit,
            }
            .into());
        }
        let names = rewind(writer).map_err(spool)?;
        let deletes = Deletes {
            context,
            source,
            prefix: &self.options.prefix,
        };
        tokio::select! {
            outcome = deletes.run(names, self.options.concurrency) => outcome?,
            () = context.cancel.aborted() => {}
        }
        let interrupted = context.cancel.is_draining() && !context.dry_run;
        Ok(interrupted.then_some(DeletesWithheld::Interrupted))
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

/// Deletes, side by side.
#[derive(Clone, Copy)]
struct Deletes<'a> {
    context: &'a Context,
    source: &'a Path,
    prefix: &'a str,
}

impl Deletes<'_> {
    async fn run(
        self,
        names: BufReader<std::fs::File>,
        concurrency: usize,
    ) -> Result<(), SyncError> {
        let mut broken = None;
        let lines = names
            .lines()
            .map_while(|line| line.map_err(|error| broken = Some(error)).ok());
        let noted = lines.filter_map(|line| serde_json::from_str::<(String, String)>(&line).ok());
        futures::stream::iter(noted)
            .for_each_concurrent(concurrency.max(1), |(name, etag)| async move {
                if !self.context.is_stopping() && self.is_still_gone(&name) {
                    self.delete(&name, &ETag::new(&etag)).await;
                }
            })
            .await;
        broken.map_or(Ok(()), |error| Err(spool(error)))
    }

    /// Whether the source still has nothing of that name: the walk was long ago, and files come back.
    fn is_still_gone(self, name: &str) -> bool {
        let relative = name.strip_prefix(self.prefix).unwrap_or(name);
        fs_err::symlink_metadata(self.source.join(relative)).is_err_and(|error| is_absent(&error))
    }

    async fn delete(self, name: &str, etag: &ETag) {
        let context = self.context;
        if context.dry_run {
            context.progress.blobs_deleted.add(1);
            return context.report(&Event::WouldDelete { name });
        }
        let _pass = context.requests.pass().await;
        let options = DeleteOptions {
            condition: Condition::Matches(etag.clone()),
        };
        let outcome = match BlobName::new(name) {
            Ok(name) => context.store.delete(&name, options).await,
            Err(error) => Err(error.into()),
        };
        match outcome {
            Ok(()) | Err(StoreError::NotFound { .. }) => {
                context.progress.blobs_deleted.add(1);
                context.report(&Event::Deleted { name });
            }
            Err(cause) => {
                let name = name.to_owned();
                context.failed(ItemError::Delete { name, cause }, 0);
            }
        }
    }
}

fn spool(cause: io::Error) -> SyncError {
    SyncError::Spool { cause }
}

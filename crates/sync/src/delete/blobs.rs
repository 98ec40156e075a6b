//! Deleting blobs: in batches where the service takes them, else side by side.

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use futures::StreamExt;
use longshore_store::{BATCH_LIMIT, BlobName, Condition, DeleteOptions, StoreError};

use super::{Doomed, etag_of};
use crate::context::Context;
use crate::source::is_absent;
use crate::{Event, ItemError};

/// So many batches travel at once.
const BATCHES: usize = 4;

/// Deletes what still `may_go`, phase by phase; a phase of which something stays is the last.
pub(super) async fn delete(
    context: &Arc<Context>,
    doomed: impl Iterator<Item = Doomed>,
    may_go: &(dyn Fn(&str) -> bool + Sync),
) {
    let mut doomed = doomed.peekable();
    while let Some(phase) = doomed.peek().map(|doomed| doomed.phase) {
        let those = std::iter::from_fn(|| doomed.next_if(|doomed| doomed.phase == phase));
        delete_phase(context, those, may_go).await;
        if context.is_stopping() || context.has_failures() {
            return;
        }
    }
}

async fn delete_phase(
    context: &Arc<Context>,
    doomed: impl Iterator<Item = Doomed>,
    may_go: &(dyn Fn(&str) -> bool + Sync),
) {
    let batches = AtomicBool::new(true);
    let mut doomed = doomed.peekable();
    let chunks = std::iter::from_fn(|| {
        doomed.peek()?;
        Some(doomed.by_ref().take(BATCH_LIMIT).collect::<Vec<_>>())
    });
    futures::stream::iter(chunks)
        .for_each_concurrent(BATCHES, |chunk| {
            let batches = &batches;
            async move {
                let chunk = chunk.into_iter().filter(|doomed| may_go(&doomed.name));
                delete_some(context, chunk.collect(), batches).await;
            }
        })
        .await;
}

/// Whether a source still has nothing of that name: the walk was long ago, and files come back.
pub(super) fn is_missing(source: &Path, relative: &str) -> bool {
    fs_err::symlink_metadata(source.join(relative)).is_err_and(|error| is_absent(&error))
}

async fn delete_some(context: &Arc<Context>, chunk: Vec<Doomed>, batches: &AtomicBool) {
    if context.is_stopping() {
        return;
    }
    let mut blobs = Vec::with_capacity(chunk.len());
    for doomed in &chunk {
        match keep_and_name(context, doomed).await {
            Ok(blob) => blobs.push(blob),
            Err(error) => context.failed(error, 0),
        }
    }
    if blobs.len() > 1 && batches.load(Ordering::Relaxed) {
        let outcomes = {
            let _pass = context.requests.pass().await;
            context.store.delete_batch(&blobs).await
        };
        match outcomes {
            Ok(outcomes) => {
                for ((name, _), outcome) in blobs.iter().zip(outcomes) {
                    settle(context, name, outcome);
                }
                return;
            }
            Err(StoreError::Unsupported { .. }) => batches.store(false, Ordering::Relaxed),
            // An answer that was lost says nothing of single blobs: those that are gone are found gone.
            Err(error) if error.is_ambiguous() => {}
            Err(error) => return context.stop_for(error),
        }
    }
    futures::stream::iter(&blobs)
        .for_each_concurrent(BATCH_LIMIT, |(name, options)| async move {
            let _pass = context.requests.pass().await;
            if !context.is_stopping() {
                let outcome = context.store.delete(name, options.clone()).await;
                settle(context, name, outcome);
            }
        })
        .await;
}

/// Keeps a copy where that is asked for, and tells what to delete.
async fn keep_and_name(
    context: &Arc<Context>,
    doomed: &Doomed,
) -> Result<(BlobName, DeleteOptions), ItemError> {
    let delete = |cause| ItemError::Delete {
        name: doomed.name.clone(),
        cause,
    };
    let name = BlobName::new(doomed.name.as_str()).map_err(|error| delete(error.into()))?;
    let condition = etag_of(&doomed.mark).map_or(Condition::None, Condition::Matches);
    crate::copy::back_up(context, &name, &condition).await?;
    Ok((name, DeleteOptions { condition }))
}

fn settle(context: &Context, name: &BlobName, outcome: Result<(), StoreError>) {
    match outcome {
        Ok(()) | Err(StoreError::NotFound { .. }) => {
            context.progress.blobs_deleted.add(1);
            context.report(&Event::Deleted {
                name: name.as_str(),
            });
        }
        Err(cause) => {
            let name = name.to_string();
            context.failed(ItemError::Delete { name, cause }, 0);
        }
    }
}

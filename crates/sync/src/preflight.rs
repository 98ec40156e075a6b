//! A plan held against the world, before anything is written.
//!
//! Every line is looked at: what it reads must hold what the plan says, and what it writes must be as it was. A line
//! whose outcome stands there already is done, which is how an interrupted plan is continued. Anything else is stale,
//! and all that is stale is told at once.

use std::path::Path;
use std::sync::Arc;

use futures::stream::{self, Stream, TryStreamExt};
use longshore_store::{BlobName, ETag, ListedBlob, ListingOrder, StoreError};

use crate::context::Context;
use crate::digest::digest_of;
use crate::download::target_path;
use crate::feed::{Done, source_path};
use crate::listing::{Listing, Shelf};
use crate::place::Route;
use crate::plan::{Assumption, Kind, Operation, PlanReader};
use crate::source::is_absent;
use crate::upload::Halt;
use crate::{Change, ItemError, Moved, SyncError};

/// So many lines are looked at side by side.
const AHEAD: usize = 8;

/// So much that moved is kept; the rest is counted.
const KEPT: usize = 1000;

/// What a line comes to.
#[derive(Debug)]
enum Verdict {
    Todo,
    Done,
    Moved(Change),
    /// It could not be looked at.
    Failed(ItemError),
}

/// Looks at every line; tells which are done, or what moved.
pub(crate) async fn check(
    context: &Arc<Context>,
    route: &Route,
    reader: PlanReader,
    shelf: &Arc<Shelf>,
) -> Result<Done, SyncError> {
    let lines = pairs(reader, route, Arc::clone(shelf))?;
    let verdicts = lines
        .map_ok(|(operation, blob)| async move {
            let verdict = judge(context, route, &operation, blob.as_ref()).await;
            Ok((operation, verdict))
        })
        .try_buffered(AHEAD);
    let mut verdicts = std::pin::pin!(verdicts);
    let (mut done, mut moved, mut count, mut line) = (Done::default(), Vec::new(), 0, 0);
    while let Some((operation, verdict)) = verdicts.try_next().await? {
        if context.is_stopping() {
            break;
        }
        match verdict {
            Verdict::Todo => {}
            Verdict::Done => done.set(line),
            Verdict::Failed(error) => context.failed(error, operation.size),
            Verdict::Moved(change) => {
                count += 1;
                let name = operation.name;
                if moved.len() < KEPT {
                    moved.push(Moved { name, change });
                }
            }
        }
        line += 1;
    }
    if count > 0 {
        return Err(SyncError::Stale { moved, count });
    }
    Ok(done)
}

/// Every line with the blob of its name. The listing is read anew where the names begin anew: for what goes after what
/// moves, and for each phase of it.
fn pairs(
    reader: PlanReader,
    route: &Route,
    shelf: Arc<Shelf>,
) -> Result<impl Stream<Item = Result<(Operation, Option<ListedBlob>), SyncError>>, SyncError> {
    let order: ListingOrder = reader.header().order.into();
    let listed = !matches!(route, Route::Down(..));
    let start = (reader, shelf.read()?, None::<String>);
    Ok(stream::try_unfold(
        start,
        move |(mut reader, mut listing, mut before)| {
            let shelf = Arc::clone(&shelf);
            async move {
                let Some(operation) = reader.next().transpose()? else {
                    return Ok(None);
                };
                // What is deleted in a directory is no blob.
                let mut blob = None;
                if listed || operation.op != Kind::Delete {
                    let name = &operation.name;
                    if before.is_some_and(|before| order.compare(&before, name).is_ge()) {
                        listing = shelf.read()?;
                    }
                    blob = seek(&mut listing, order, name).await?;
                    before = Some(name.clone());
                }
                Ok(Some(((operation, blob), (reader, listing, before))))
            }
        },
    ))
}

/// The blob of a name, given that names are asked for in order.
async fn seek(
    listing: &mut Listing,
    order: ListingOrder,
    name: &str,
) -> Result<Option<ListedBlob>, SyncError> {
    loop {
        listing.fill().await?;
        let Some(blob) = listing.blobs().front() else {
            return Ok(None);
        };
        match order.compare(listing.relative(&blob.name), name) {
            std::cmp::Ordering::Less => drop(listing.pop()),
            std::cmp::Ordering::Equal => return Ok(listing.pop()),
            std::cmp::Ordering::Greater => return Ok(None),
        }
    }
}

async fn judge(
    context: &Arc<Context>,
    route: &Route,
    operation: &Operation,
    blob: Option<&ListedBlob>,
) -> Verdict {
    // Staged blocks alone are no blob.
    let blob = blob.filter(|blob| blob.etag.is_some());
    match (route, operation.op) {
        (Route::Down(_, root), Kind::Delete) => judge_file(context, root, operation).await,
        (Route::Prune(_), Kind::Delete) => judge_unused(operation, blob),
        (_, Kind::Delete) => judge_surplus(operation, blob),
        (Route::Down(_, root), _) => judge_download(context, root, operation, blob).await,
        (Route::Up(root, _), _) => match judge_target(operation, blob) {
            Verdict::Todo => judge_source(context, root, operation).await,
            verdict => verdict,
        },
        // There is nothing that it could be done from.
        (Route::Files(..) | Route::Chosen(..) | Route::Prune(_), _) => {
            Verdict::Moved(Change::SourceGone)
        }
        (Route::Across(source, _), _) => match judge_target(operation, blob) {
            Verdict::Todo => judge_origin(context, source, operation).await,
            verdict => verdict,
        },
    }
}

/// A blob that is to be written.
fn judge_target(operation: &Operation, blob: Option<&ListedBlob>) -> Verdict {
    let holds = |blob: &ListedBlob| {
        blob.size == operation.size && blob.digests.is_some() && blob.digests == operation.digests()
    };
    match (blob, &operation.assumes) {
        (Some(blob), _) if holds(blob) => Verdict::Done,
        (None, Assumption::Absent) => Verdict::Todo,
        (Some(_), Assumption::Absent) => Verdict::Moved(Change::DestinationAppeared),
        (Some(blob), Assumption::Etag(etag)) if is_version(blob, etag) => Verdict::Todo,
        (Some(_), _) => Verdict::Moved(Change::DestinationChanged),
        (None, _) => Verdict::Moved(Change::DestinationGone),
    }
}

fn judge_surplus(operation: &Operation, blob: Option<&ListedBlob>) -> Verdict {
    match (blob, &operation.assumes) {
        (None, _) => Verdict::Done,
        (Some(blob), Assumption::Etag(etag)) if is_version(blob, etag) => Verdict::Todo,
        (Some(_), _) => Verdict::Moved(Change::DestinationChanged),
    }
}

/// A blob that somebody chose to go: it must be one of ours.
fn judge_unused(operation: &Operation, blob: Option<&ListedBlob>) -> Verdict {
    match blob {
        Some(blob) if blob.digests.is_none() => Verdict::Failed(ItemError::Unmanaged {
            name: blob.name.clone(),
        }),
        blob => judge_surplus(operation, blob),
    }
}

fn is_version(blob: &ListedBlob, etag: &str) -> bool {
    blob.etag
        .as_ref()
        .is_some_and(|found| *found == ETag::new(etag))
}

/// The file that is to be sent.
async fn judge_source(context: &Arc<Context>, root: &Path, operation: &Operation) -> Verdict {
    let path = match source_path(root, &operation.name) {
        Ok(path) => path,
        Err(error) => return Verdict::Failed(error),
    };
    match holds(context, &path, operation).await {
        Ok(Some(true)) => Verdict::Todo,
        Ok(Some(false)) => Verdict::Moved(Change::SourceChanged),
        Ok(None) => Verdict::Moved(Change::SourceGone),
        Err(verdict) => verdict,
    }
}

/// Whether a file holds what an operation says; none when there is no file.
async fn holds(
    context: &Arc<Context>,
    path: &Path,
    operation: &Operation,
) -> Result<Option<bool>, Verdict> {
    match fs_err::metadata(path) {
        Err(error) if is_absent(&error) => return Ok(None),
        Ok(metadata) if !metadata.is_file() || metadata.len() != operation.size => {
            return Ok(Some(false));
        }
        _ => {}
    }
    match digest_of(context, path).await {
        Ok(content) => Ok(Some(operation.digests() == Some(content.digests))),
        Err(Halt::Item(ItemError::Changed { .. })) => Ok(Some(false)),
        Err(Halt::Item(error)) => Err(Verdict::Failed(error)),
        Err(Halt::Store(_) | Halt::Stopped) => Err(Verdict::Todo),
    }
}

/// The blob that is to be copied.
async fn judge_origin(
    context: &Arc<Context>,
    source: &crate::place::Container,
    operation: &Operation,
) -> Verdict {
    let Some(from) = &operation.from else {
        return Verdict::Moved(Change::SourceGone);
    };
    let failed = |cause| {
        let name = from.blob.clone();
        Verdict::Failed(ItemError::Copy { name, cause })
    };
    let name = match BlobName::new(from.blob.as_str()) {
        Ok(name) => name,
        Err(error) => return failed(error.into()),
    };
    let _pass = context.requests.pass().await;
    match source.store.properties(&name).await {
        Ok(found) if found.etag == ETag::new(&from.etag) => Verdict::Todo,
        Ok(_) => Verdict::Moved(Change::SourceChanged),
        Err(StoreError::NotFound { .. }) => Verdict::Moved(Change::SourceGone),
        Err(cause) => failed(cause),
    }
}

/// A blob that is to become a file.
async fn judge_download(
    context: &Arc<Context>,
    root: &Path,
    operation: &Operation,
    blob: Option<&ListedBlob>,
) -> Verdict {
    let path = match target_path(root, &operation.name) {
        Ok(path) => path,
        Err(error) => return Verdict::Failed(error),
    };
    let there = match holds(context, &path, operation).await {
        Ok(there) => there,
        Err(verdict) => return verdict,
    };
    if there == Some(true) {
        return Verdict::Done;
    }
    let etag = operation
        .from
        .as_ref()
        .map_or("", |from| from.etag.as_str());
    match blob {
        None => return Verdict::Moved(Change::SourceGone),
        Some(blob) if !is_version(blob, etag) => return Verdict::Moved(Change::SourceChanged),
        Some(_) => {}
    }
    match (there, &operation.assumes) {
        (None, Assumption::Absent) => Verdict::Todo,
        (Some(_), Assumption::Absent) => Verdict::Moved(Change::DestinationAppeared),
        (Some(_), Assumption::Blake3(blake3)) if is_content(context, &path, blake3).await => {
            Verdict::Todo
        }
        (Some(_), _) => Verdict::Moved(Change::DestinationChanged),
        (None, _) => Verdict::Moved(Change::DestinationGone),
    }
}

/// A file that is to go.
async fn judge_file(context: &Arc<Context>, root: &Path, operation: &Operation) -> Verdict {
    let path = match target_path(root, &operation.name) {
        Ok(path) => path,
        Err(error) => return Verdict::Failed(error),
    };
    match &operation.assumes {
        _ if fs_err::symlink_metadata(&path).is_err_and(|error| is_absent(&error)) => Verdict::Done,
        Assumption::Blake3(blake3) if is_content(context, &path, blake3).await => Verdict::Todo,
        _ => Verdict::Moved(Change::DestinationChanged),
    }
}

async fn is_content(
    context: &Arc<Context>,
    path: &Path,
    blake3: &longshore_content::Blake3Digest,
) -> bool {
    digest_of(context, path)
        .await
        .is_ok_and(|content| content.digests.blake3 == *blake3)
}

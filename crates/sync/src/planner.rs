//! Planning: what each step comes to, found out without doing it, and in the order of the names.
//!
//! Files are read and hashed, several at a time and no more; what comes out is sorted, so a plan of a million
//! operations needs no more memory than one of ten.

use std::collections::VecDeque;
use std::pin::Pin;
use std::sync::Arc;

use futures::stream::{FuturesOrdered, StreamExt};

use crate::context::Context;
use crate::delete::{Doomed, Mark, Surplus};
use crate::digest::digest_of;
use crate::execute::{is_there, recognise};
use crate::feed::{Feed, Next};
use crate::listing::Found;
use crate::plan::{Assumption, Kind, Operation, Origin};
use crate::step::{Adoption, Receipt, Step, Transfer};
use crate::upload::{Candidate, Halt};
use crate::{Reason, SyncError};

/// So many files are looked at side by side.
const AHEAD: usize = 16;

/// The names below the two places of a plan.
#[derive(Debug, Clone)]
pub(crate) struct Names {
    /// What stands before the names of the destination's blobs, or of the source's where a directory is written.
    pub(crate) prefix: String,
}

impl Names {
    fn relative(&self, name: &str) -> String {
        name.strip_prefix(self.prefix.as_str())
            .unwrap_or(name)
            .to_owned()
    }
}

type Resolving = Pin<Box<dyn Future<Output = Option<Operation>> + Send>>;

/// Turns steps into operations, in order.
pub(crate) async fn plan<F: Feed>(
    context: &Arc<Context>,
    mut feed: F,
    surplus: &mut Surplus<'_>,
    names: &Names,
    take: &mut (dyn FnMut(Operation) -> Result<(), SyncError> + Send),
) -> Result<(), SyncError> {
    let mut resolving: FuturesOrdered<Resolving> = FuturesOrdered::new();
    let mut steps = VecDeque::new();
    loop {
        while resolving.len() < AHEAD
            && let Some(step) = steps.pop_front()
        {
            let (context, names) = (Arc::clone(context), names.clone());
            resolving.push_back(Box::pin(
                async move { resolve(&context, step, &names).await },
            ));
        }
        let wants = resolving.len() < AHEAD && !feed.is_over();
        if !wants && resolving.is_empty() {
            return Ok(());
        }
        tokio::select! {
            () = context.stopping() => return Ok(()),
            Some(operation) = resolving.next() => operation.map_or(Ok(()), &mut *take)?,
            filled = feed.fill(), if wants => {
                filled?;
                take_steps(context, &mut feed, surplus, &mut steps)?;
            }
        }
    }
}

fn take_steps<F: Feed>(
    context: &Context,
    feed: &mut F,
    surplus: &mut Surplus<'_>,
    steps: &mut VecDeque<Step>,
) -> Result<(), SyncError> {
    while steps.len() < AHEAD {
        match feed.next(context, surplus)? {
            Next::Step(step) => steps.push_back(*step),
            Next::Nothing => {}
            Next::Empty => break,
        }
    }
    if feed.is_over() {
        context.scanned();
    }
    Ok(())
}

/// What one step comes to; none when nothing is to be done, or when it failed.
async fn resolve(context: &Arc<Context>, step: Step, names: &Names) -> Option<Operation> {
    let size = match &step {
        Step::Send(candidate) => candidate.file.stamp.size,
        Step::Transfer(transfer) => transfer.from.size,
        Step::Adopt(adoption) => adoption.file.stamp.size,
        Step::Receive(receipt) => receipt.download.size,
        Step::Fetch(order) => order.wanted.size,
    };
    let outcome = match step {
        Step::Send(candidate) => send(context, candidate, names).await,
        Step::Transfer(transfer) => Ok(Some(copy(&transfer))),
        Step::Adopt(adoption) => adopt(context, adoption, names).await,
        Step::Receive(receipt) => receive(context, receipt).await,
        // Nobody plans what was chosen elsewhere.
        Step::Fetch(_) => Ok(None),
    };
    match outcome {
        Ok(operation) => operation,
        Err(Halt::Item(error)) => {
            context.failed(error, size);
            None
        }
        Err(Halt::Stopped | Halt::Store(_)) => None,
    }
}

async fn send(
    context: &Arc<Context>,
    candidate: Candidate,
    names: &Names,
) -> Result<Option<Operation>, Halt> {
    let (digests, size) = match candidate.file.digests {
        Some(digests) => (digests, candidate.file.stamp.size),
        None => {
            let content = digest_of(context, &candidate.file.path).await?;
            (content.digests, content.layout.file_size())
        }
    };
    if candidate.is_held(&digests) {
        context.unchanged(candidate.file.name.as_str(), size);
        return Ok(None);
    }
    candidate.check(context, &digests)?;
    context.holdings.complete().await;
    let found = context.holdings.find(size, &digests);
    let kind = if found.is_some() {
        Kind::Copy
    } else {
        Kind::Upload
    };
    Ok(Some(Operation {
        op: kind,
        phase: 0,
        name: names.relative(candidate.file.name.as_str()),
        size,
        blake3: Some(digests.blake3),
        sha256: Some(digests.sha256),
        reason: candidate.reason,
        assumes: Assumption::from(&candidate.target.condition),
        from: found.map(|found| origin(context, &found)),
    }))
}

fn origin(context: &Context, found: &Found) -> Origin {
    let container = found.store.to_string();
    Origin {
        container: (container != context.store.to_string()).then_some(container),
        blob: found.blob.name.clone(),
        etag: found
            .blob
            .etag
            .as_ref()
            .map_or_else(String::new, |etag| etag.as_str().to_owned()),
    }
}

fn copy(transfer: &Transfer) -> Operation {
    let digests = transfer.from.digests;
    Operation {
        op: Kind::Copy,
        phase: 0,
        name: transfer.name.clone(),
        size: transfer.from.size,
        blake3: digests.map(|digests| digests.blake3),
        sha256: digests.map(|digests| digests.sha256),
        reason: transfer.reason,
        assumes: Assumption::from(&transfer.condition),
        from: Some(Origin {
            container: None,
            blob: transfer.from.name.clone(),
            etag: text_of(transfer.from.etag.as_ref()),
        }),
    }
}

fn text_of(etag: Option<&longshore_store::ETag>) -> String {
    etag.map_or_else(String::new, |etag| etag.as_str().to_owned())
}

async fn adopt(
    context: &Arc<Context>,
    adoption: Adoption,
    names: &Names,
) -> Result<Option<Operation>, Halt> {
    let etag = adoption.etag.clone();
    let Some(digests) = recognise(context, &adoption).await? else {
        let target = crate::decide::Target {
            digests: None,
            condition: longshore_store::Condition::Matches(etag),
        };
        let candidate = Candidate::new(adoption.file, target, Reason::Changed);
        return send(context, candidate, names).await;
    };
    Ok(Some(Operation {
        op: Kind::SetMetadata,
        phase: 0,
        name: names.relative(adoption.file.name.as_str()),
        size: adoption.file.stamp.size,
        blake3: Some(digests.blake3),
        sha256: Some(digests.sha256),
        reason: Reason::Recognised,
        assumes: Assumption::Etag(etag.as_str().to_owned()),
        from: None,
    }))
}

async fn receive(context: &Arc<Context>, receipt: Receipt) -> Result<Option<Operation>, Halt> {
    let download = &receipt.download;
    if is_there(context, &receipt).await? {
        context.unchanged(&receipt.name, download.size);
        return Ok(None);
    }
    let assumes = match receipt.reason {
        Reason::New => Assumption::Absent,
        _ => Assumption::Blake3(digest_of(context, &download.target).await?.digests.blake3),
    };
    Ok(Some(Operation {
        op: Kind::Download,
        phase: 0,
        name: receipt.name,
        size: download.size,
        blake3: download.digests.map(|digests| digests.blake3),
        sha256: download.digests.map(|digests| digests.sha256),
        reason: receipt.reason,
        assumes,
        from: Some(Origin {
            container: None,
            blob: download.name.to_string(),
            etag: download.etag.as_str().to_owned(),
        }),
    }))
}

/// What deleting something comes to. A file is read, because a plan may be applied where only its content counts.
pub(crate) async fn delete(
    context: &Arc<Context>,
    names: &Names,
    root: Option<&std::path::Path>,
    doomed: Doomed,
) -> Result<Operation, Halt> {
    let name = names.relative(&doomed.name);
    let assumes = match (doomed.mark, root) {
        (Mark::Etag(etag), _) => Assumption::Etag(etag),
        (Mark::Content(blake3), _) => Assumption::Blake3(blake3),
        (Mark::Stamp(_), Some(root)) => {
            let content = digest_of(context, &root.join(&name)).await?;
            Assumption::Blake3(content.digests.blake3)
        }
        (Mark::Stamp(_), None) => Assumption::Absent,
    };
    Ok(Operation {
        op: Kind::Delete,
        phase: 0,
        name,
        size: doomed.size,
        blake3: None,
        sha256: None,
        reason: Reason::Surplus,
        assumes,
        from: None,
    })
}

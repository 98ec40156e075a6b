//! Doing one step that is not a file to be sent: a copy, an adoption, a download.

use std::path::Path;
use std::sync::Arc;

use longshore_content::Digests;
use longshore_store::{
    BlobName, Condition, Metadata, SetMetadataOptions, StoreError, WriteOptions,
};

use crate::context::Context;
use crate::copy::{Copy, back_up};
use crate::decide::{Target, is_same_file};
use crate::digest::{digest_and_md5_of, digest_of};
use crate::download::{Download, receive, target_path};
use crate::source::LocalFile;
use crate::step::{Adoption, Order, Receipt, Replaces, Transfer};
use crate::upload::{Candidate, Halt, must_be_sent, send_one, settle};
use crate::{Event, Fetched, ItemError, Reason};

/// Copies a blob into another container; where the service refuses, its bytes pass through this machine.
pub(crate) async fn transfer(context: &Arc<Context>, transfer: Transfer) {
    let size = transfer.from.size;
    let error = match copy(context, &transfer).await {
        Ok(()) => {
            context.holdings.learn(true);
            return context.copied(&Event::Copied {
                name: transfer.to.as_str(),
                size,
                from: &transfer.from.name,
                reason: transfer.reason,
            });
        }
        Err(ItemError::Copy { cause, .. }) if must_be_relayed(&cause) => {
            tracing::debug!(%cause, "the bytes of a copy pass through this machine");
            relay(context, &transfer).await.err()
        }
        Err(error) => Some(error),
    };
    if let Some(error) = error {
        context.failed(error, size);
    }
}

/// A source that changed has to be compared anew, whoever carries its bytes.
const fn must_be_relayed(error: &StoreError) -> bool {
    must_be_sent(error)
        && !matches!(
            error,
            StoreError::SourceChanged { .. } | StoreError::NotFound { .. }
        )
}

async fn copy(context: &Arc<Context>, transfer: &Transfer) -> Result<(), ItemError> {
    let failed = |cause| ItemError::Copy {
        name: transfer.from.name.clone(),
        cause,
    };
    back_up(context, &transfer.to, &transfer.condition).await?;
    let name = BlobName::new(transfer.from.name.as_str()).map_err(|error| failed(error.into()))?;
    // The metadata of others and the content type go along, and only this tells them.
    let there = {
        let _pass = context.requests.pass().await;
        transfer.store.properties(&name).await.map_err(failed)?
    };
    if Some(&there.etag) != transfer.from.etag.as_ref() {
        return Err(failed(StoreError::SourceChanged { name }));
    }
    let copy = Copy {
        store: &transfer.store,
        from: &transfer.from,
        to: &transfer.to,
        options: WriteOptions {
            condition: transfer.condition.clone(),
            content_type: there.content_type,
            metadata: there.metadata,
        },
        may_lose_blocks: true,
    };
    copy.run(context).await.map_err(failed)
}

/// Takes the bytes down into a temporary file and sends them from there: both halves check what they carry.
async fn relay(context: &Arc<Context>, transfer: &Transfer) -> Result<(), ItemError> {
    let temporary = |cause| ItemError::Write {
        path: std::env::temp_dir(),
        cause,
    };
    let directory = tempfile::tempdir().map_err(temporary)?;
    let download = Download {
        name: BlobName::new(transfer.from.name.as_str()).map_err(|error| ItemError::Copy {
            name: transfer.from.name.clone(),
            cause: error.into(),
        })?,
        target: directory.path().join("blob"),
        etag: transfer
            .from
            .etag
            .clone()
            .unwrap_or_else(|| longshore_store::ETag::new("")),
        size: transfer.from.size,
        digests: transfer.from.digests,
        content_md5: transfer.from.content_md5,
    };
    let path = download.target.clone();
    let Some(received) = receive(context, &transfer.store, download).await? else {
        return Ok(());
    };
    let file = LocalFile::at(path, transfer.to.clone(), Some(received.digests))?;
    let target = Target {
        digests: None,
        condition: transfer.condition.clone(),
    };
    send_one(context, Candidate::new(file, target, transfer.reason)).await;
    Ok(())
}

/// Gives a blob that was recognised its digests; one that turns out to hold something else is sent.
pub(crate) async fn adopt(context: &Arc<Context>, adoption: Adoption) {
    let size = adoption.file.stamp.size;
    match recognise(context, &adoption).await {
        Ok(Some(digests)) => {
            if let Err(error) = write_digests(context, &adoption, &digests).await {
                return context.failed(error, size);
            }
            context.adopted(adoption.file.name.as_str(), size);
        }
        Ok(None) => {
            let target = Target {
                digests: None,
                condition: Condition::Matches(adoption.etag),
            };
            let candidate = Candidate::new(adoption.file, target, Reason::Changed);
            match candidate.check_target(context, None) {
                Ok(()) => send_one(context, candidate).await,
                Err(error) => context.failed(error, size),
            }
        }
        Err(Halt::Item(error)) => context.failed(error, size),
        Err(Halt::Store(cause)) => {
            let name = adoption.file.name.to_string();
            context.failed(ItemError::Upload { name, cause }, size);
        }
        Err(Halt::Stopped) => {}
    }
}

/// The digests of the file, when the blob holds the same by its MD5, or by what a plan says.
pub(crate) async fn recognise(
    context: &Arc<Context>,
    adoption: &Adoption,
) -> Result<Option<Digests>, Halt> {
    let path = &adoption.file.path;
    let (content, md5) = match adoption.md5 {
        Some(_) => digest_and_md5_of(context, path).await?,
        None => (digest_of(context, path).await?, [0; 16]),
    };
    if let Some(expect) = adoption.expect
        && expect != content.digests
    {
        return Err(ItemError::Changed { path: path.clone() }.into());
    }
    let is_same = adoption.md5.is_none_or(|expect| expect == md5);
    Ok(is_same.then_some(content.digests))
}

async fn write_digests(
    context: &Arc<Context>,
    adoption: &Adoption,
    digests: &Digests,
) -> Result<(), ItemError> {
    let name = &adoption.file.name;
    let failed = |cause| ItemError::Upload {
        name: name.to_string(),
        cause,
    };
    let _pass = context.requests.pass().await;
    let there = context.store.properties(name).await.map_err(failed)?;
    let mut metadata: Metadata = there.metadata;
    metadata.set_digests(digests);
    let options = SetMetadataOptions {
        condition: Condition::Matches(adoption.etag.clone()),
    };
    let outcome = context.store.set_metadata(name, metadata, options).await;
    let expect = (digests, adoption.file.stamp.size);
    settle(&*context.store, name, expect, outcome)
        .await
        .map_err(failed)
}

/// Takes a blob down into its file, unless the file holds the same.
pub(crate) async fn take_down(
    context: &Arc<Context>,
    store: &Arc<dyn longshore_store::BlobStore>,
    receipt: Receipt,
) {
    let size = receipt.download.size;
    let outcome = match is_there(context, &receipt).await {
        Ok(true) => return context.unchanged(&receipt.name, size),
        Ok(false) => match check_target(context, &receipt).await {
            Ok(()) => receive(context, store, receipt.download).await.map(drop),
            Err(error) => Err(error),
        },
        Err(Halt::Item(error)) => Err(error),
        Err(Halt::Store(_) | Halt::Stopped) => return,
    };
    if let Err(error) = outcome {
        context.failed(error, size);
    }
}

/// Takes a blob that somebody else chose down into its file, unless the file holds what is wanted.
pub(crate) async fn fetch(
    context: &Arc<Context>,
    store: &Arc<dyn longshore_store::BlobStore>,
    order: Order,
) {
    let Order {
        wanted,
        index,
        errand,
        ..
    } = &order;
    match fetch_one(context, store, &order).await {
        Ok(outcome) => errand.note(*index, outcome),
        Err(Halt::Item(error)) => {
            let failed = context.note_failure(error, wanted.size);
            errand.failed(*index, failed);
        }
        Err(Halt::Store(_) | Halt::Stopped) => {}
    }
}

async fn fetch_one(
    context: &Arc<Context>,
    store: &Arc<dyn longshore_store::BlobStore>,
    order: &Order,
) -> Result<Fetched, Halt> {
    let (wanted, errand) = (&order.wanted, &order.errand);
    if context.is_stopping() {
        return Err(Halt::Stopped);
    }
    let target = target_path(&errand.root, &wanted.file)?;
    if holds(context, order, &target).await? {
        context.unchanged(&wanted.file, wanted.size);
        return Ok(Fetched::Present);
    }
    if errand.dry_run {
        context.would_download(&wanted.file, wanted.size);
        return Ok(Fetched::Missing);
    }
    let there = {
        let _pass = context.requests.pass().await;
        let there = store.properties(&order.name).await;
        there.map_err(|cause| ItemError::Download {
            name: order.name.to_string(),
            cause,
        })?
    };
    if there.size != wanted.size {
        return Err(Halt::Item(ItemError::Damaged {
            name: order.name.to_string(),
        }));
    }
    let download = Download {
        name: order.name.clone(),
        target,
        etag: there.etag,
        size: wanted.size,
        digests: Some(wanted.digests),
        content_md5: None,
    };
    let received = receive(context, store, download).await?;
    Ok(received.map_or(Fetched::Missing, |_| Fetched::Received))
}

/// Whether a file holds what is wanted already. A link is nobody's file.
async fn holds(context: &Arc<Context>, order: &Order, target: &Path) -> Result<bool, Halt> {
    let (wanted, errand) = (&order.wanted, &order.errand);
    if !fs_err::symlink_metadata(target).is_ok_and(|metadata| metadata.is_file()) {
        return Ok(false);
    }
    let mut file = LocalFile::at(target.to_owned(), order.name.clone(), None)?;
    let cache = errand.cache.as_ref();
    file.digests = cache.and_then(|cache| cache.find(&[file.stamp])[0]);
    match is_same_file(&file, wanted.size, &wanted.digests) {
        Some(is_same) => Ok(is_same),
        None => Ok(digest_of(context, target).await?.digests == wanted.digests),
    }
}

/// Whether the file that is there holds what the blob holds.
pub(crate) async fn is_there(context: &Arc<Context>, receipt: &Receipt) -> Result<bool, Halt> {
    let Some(file) = &receipt.compare else {
        return Ok(false);
    };
    let path = &file.path;
    match (receipt.download.digests, receipt.download.content_md5) {
        (Some(digests), _) => Ok(digest_of(context, path).await?.digests.blake3 == digests.blake3),
        (None, Some(md5)) => Ok(digest_and_md5_of(context, path).await?.1 == md5),
        (None, None) => Ok(false),
    }
}

/// Makes sure that only what was meant is written over.
async fn check_target(context: &Arc<Context>, receipt: &Receipt) -> Result<(), ItemError> {
    let path = &receipt.download.target;
    let is_meant = match receipt.replaces {
        Replaces::Anything if context.immutable => {
            return Err(ItemError::Differs {
                name: receipt.name.clone(),
                here: receipt.download.digests.map(|digests| digests.sha256),
                there: None,
            });
        }
        Replaces::Anything => true,
        Replaces::Nothing => {
            fs_err::symlink_metadata(path).is_err_and(|error| crate::source::is_absent(&error))
        }
        Replaces::Content(blake3) => digest_of(context, path)
            .await
            .is_ok_and(|content| content.digests.blake3 == blake3),
    };
    if is_meant {
        Ok(())
    } else {
        Err(ItemError::Appeared { path: path.clone() })
    }
}

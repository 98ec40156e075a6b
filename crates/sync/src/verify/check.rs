//! Looking at one name: what is asked for, what is read, what is written, and in which order.

use std::sync::Arc;

use longshore_content::{Digests, MIN_BLOCK_SIZE};
use longshore_store::{
    BlockList, BlockListKind, Condition, ListedBlob, SetMetadataOptions, StoreError,
};

use super::audit::{Audit, Halt};
use super::files::{Need, facts_of};
use super::finding::{Adoption, Finding, Proof, Verdict};
use super::judge::{Evidence, Expectation, ReadBack, judge, vouch};
use super::pairs::{Pair, Want};
use super::read::{Version, read_back};
use super::{Facts, Wanted};
use crate::{ItemError, SyncError};

/// Whether reading the blob would tell something that the listing does not.
pub(super) fn is_worth_reading(pair: &Pair) -> bool {
    pair.blob.as_ref().is_some_and(|blob| {
        blob.digests.is_some() || blob.content_md5.is_some() || pair.want.has_content()
    })
}

/// Looks at one name and reports what was found; the error ends the audit.
pub(super) async fn check(audit: &Arc<Audit>, pair: Pair, deep: bool) -> Result<(), SyncError> {
    match examine(audit, &pair, deep).await {
        Ok(Some(finding)) => audit.found(&finding),
        Ok(None) | Err(Halt::Stopped) => {}
        Err(Halt::Item(error)) => return audit.failed(error),
    }
    Ok(())
}

async fn examine(audit: &Arc<Audit>, pair: &Pair, deep: bool) -> Result<Option<Finding>, Halt> {
    let Some(blob) = &pair.blob else {
        return Ok(missing(pair));
    };
    let recorded = Facts::from(blob);
    let adopts = audit.adopt && blob.digests.is_none();
    let list = fetch_list(audit, blob).await?;
    let read = if deep || adopts && !audit.dry_run {
        read(audit, blob, list.as_ref()).await?
    } else {
        None
    };
    let evidence = Evidence {
        recorded,
        list: list.as_ref(),
        read: read.as_ref(),
    };
    let expected = expectation(audit, &pair.want, &evidence).await?;
    let Some((verdict, proof)) = judge(expected, Some(evidence)) else {
        return Ok(None);
    };
    let mut finding = Finding {
        name: pair.name.clone(),
        size: blob.size,
        verdict,
        proof,
        adoption: Adoption::None,
    };
    if adopts && !matches!(verdict, Verdict::Damaged(_)) {
        match adopt(audit, blob, read).await {
            Ok(adoption) => finding.adoption = adoption,
            // What was found stays true.
            Err(error) => {
                audit.found(&finding);
                return Err(error);
            }
        }
        if finding.adoption == Adoption::Done {
            finding.proof = Some(Proof::Bytes);
        }
    }
    Ok(Some(finding))
}

fn missing(pair: &Pair) -> Option<Finding> {
    let size = pair.want.size()?;
    Some(Finding {
        name: pair.name.clone(),
        size,
        verdict: Verdict::Missing,
        proof: None,
        adoption: Adoption::None,
    })
}

/// The block list of a blob of ours that is large enough to have one.
async fn fetch_list(audit: &Audit, blob: &ListedBlob) -> Result<Option<BlockList>, Halt> {
    if blob.digests.is_none() || blob.size <= MIN_BLOCK_SIZE {
        return Ok(None);
    }
    let version = version(blob)?;
    let _pass = audit.requests.pass().await;
    let list = audit
        .store
        .block_list(&version.name, BlockListKind::Committed)
        .await
        .map_err(|cause| version.unchecked(cause))?;
    audit.answered();
    match &list.etag {
        Some(etag) if *etag != version.etag => {
            let name = version.name.clone();
            Err(version.unchecked(StoreError::Precondition { name }))
        }
        _ => Ok(Some(list)),
    }
}

fn version(blob: &ListedBlob) -> Result<Version, ItemError> {
    let failed = |cause| ItemError::Check {
        name: blob.name.clone(),
        cause,
    };
    let name = blob.blob_name().map_err(|error| failed(error.into()))?;
    match blob.etag.clone() {
        Some(etag) => Ok(Version {
            name,
            etag,
            size: blob.size,
        }),
        None => Err(failed(StoreError::NotFound { name })),
    }
}

/// Reads the bytes, unless it is clear already that the blob is damaged.
async fn read(
    audit: &Arc<Audit>,
    blob: &ListedBlob,
    list: Option<&BlockList>,
) -> Result<Option<ReadBack>, Halt> {
    let evidence = Evidence {
        recorded: Facts::from(blob),
        list,
        read: None,
    };
    if vouch(&evidence).is_err() {
        return Ok(None);
    }
    let tree = list.and_then(|list| list.tree().ok());
    let with_md5 = blob.digests.is_none() && blob.content_md5.is_some();
    let read = read_back(audit, &version(blob)?, tree, with_md5).await?;
    Ok(Some(read))
}

/// What is expected; a file is read only for what can be compared.
async fn expectation(
    audit: &Arc<Audit>,
    want: &Want,
    found: &Evidence<'_>,
) -> Result<Expectation, Halt> {
    let file = match want {
        Want::Anything => return Ok(Expectation::Anything),
        Want::Wanted(wanted) => return Ok(Expectation::Wanted(*wanted)),
        Want::File(file) => file,
    };
    let need = if file.stamp.size != found.recorded.size || vouch(found).is_err() {
        Need::Size
    } else if found.recorded.digests.is_some() || found.read.is_some() {
        Need::Digests
    } else if found.recorded.content_md5.is_some() {
        Need::Md5
    } else {
        Need::Size
    };
    let facts = facts_of(audit, file, need).await?;
    Ok(Expectation::Wanted(Wanted::Content(facts)))
}

/// Gives a blob of another tool our digests; all else stays as it is.
async fn adopt(audit: &Audit, blob: &ListedBlob, read: Option<ReadBack>) -> Result<Adoption, Halt> {
    if audit.dry_run {
        return Ok(Adoption::Would);
    }
    let Some(ReadBack::Whole { digests, .. }) = read else {
        return Ok(Adoption::None);
    };
    let version = version(blob)?;
    let _pass = audit.requests.pass().await;
    match write_digests(audit, &version, &digests).await {
        Ok(()) => Ok(Adoption::Done),
        Err(cause) => Err(Halt::Item(ItemError::Adopt {
            name: blob.name.clone(),
            cause,
        })),
    }
}

async fn write_digests(
    audit: &Audit,
    version: &Version,
    digests: &Digests,
) -> Result<(), StoreError> {
    let name = &version.name;
    let found = audit.store.properties(name).await?;
    if found.etag != version.etag {
        return Err(StoreError::Precondition { name: name.clone() });
    }
    let mut metadata = found.metadata;
    metadata.set_digests(digests);
    let options = SetMetadataOptions {
        condition: Condition::Matches(version.etag.clone()),
    };
    let outcome = audit.store.set_metadata(name, metadata, options).await;
    let Err(error) = outcome else {
        return Ok(());
    };
    // An answer that was lost: the second try of the transport meets the first one's work.
    let in_doubt = matches!(error, StoreError::Precondition { .. }) || error.is_ambiguous();
    match audit.store.properties(name).await {
        Ok(now)
            if in_doubt && now.metadata.digests() == Some(*digests) && now.size == version.size =>
        {
            Ok(())
        }
        Ok(_) | Err(_) => Err(error),
    }
}

//! A file whose content is held already is copied by the service instead of being sent.

use std::sync::Arc;

use longshore_content::Digests;
use longshore_store::StoreError;

use super::Candidate;
use crate::context::Context;
use crate::copy::{Copy, back_up};
use crate::{Event, ItemError};

/// Copies the file's content from where it is held; false when it is not, or when it has to be sent after all.
pub(super) async fn reuse(
    context: &Arc<Context>,
    candidate: &Candidate,
    (size, digests): (u64, &Digests),
) -> Result<bool, ItemError> {
    let Some(found) = context.holdings.find(size, digests) else {
        return Ok(false);
    };
    let name = &candidate.file.name;
    back_up(context, name, &candidate.target.condition).await?;
    let copy = Copy {
        store: &found.store,
        from: &found.blob,
        to: name,
        options: candidate.write_options(digests),
        may_lose_blocks: false,
    };
    match copy.run(context).await {
        Ok(()) => {
            context.holdings.learn(true);
            context.copied(&Event::Copied {
                name: name.as_str(),
                size,
                from: &found.blob.name,
                reason: candidate.reason,
            });
            Ok(true)
        }
        Err(error) if must_be_sent(&error) => {
            tracing::debug!(%error, "the content is sent instead of being copied");
            context.holdings.learn(false);
            Ok(false)
        }
        Err(cause) => Err(ItemError::Upload {
            name: name.to_string(),
            cause,
        }),
    }
}

/// Whether an error is one of the copy alone, so that sending may work.
pub(crate) const fn must_be_sent(error: &StoreError) -> bool {
    matches!(
        error,
        StoreError::CopyRefused { .. }
            | StoreError::SourceChanged { .. }
            | StoreError::Unsupported { .. }
            | StoreError::BlockIds { .. }
            | StoreError::TooManyBlocks { .. }
            | StoreError::MissingBlock { .. }
            | StoreError::NotFound { .. }
    )
}

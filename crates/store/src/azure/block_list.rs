//! The block list of a blob.

use azure_core::http::ClientMethodOptions;
use azure_storage_blob::models::{BlockBlobClientGetBlockListOptions, BlockListType};

use super::errors::{Subject, unexpected};
use super::headers;
use super::store::{Container, patient};
use crate::{BlobName, BlockList, BlockListKind, BlockName, Condition, ListedBlock, StoreError};

/// Asks for it.
pub(super) async fn read(
    container: &Container,
    name: &BlobName,
    kind: BlockListKind,
) -> Result<BlockList, StoreError> {
    let client = container.block_blob(name);
    let subject = Subject::existing(name, &Condition::None);
    let failed = |e| container.error(&e, client.url(), subject);
    let options = BlockBlobClientGetBlockListOptions {
        method_options: ClientMethodOptions { context: patient() },
        ..BlockBlobClientGetBlockListOptions::default()
    };
    let result = client.get_block_list(list_type(kind), Some(options)).await;
    let response = result.map_err(failed)?;
    let etag = headers::optional_etag(response.headers());
    let list = response.into_model().map_err(failed)?;
    Ok(BlockList {
        committed: listed_blocks(list.committed_blocks)?,
        uncommitted: listed_blocks(list.uncommitted_blocks)?,
        etag,
    })
}

fn list_type(kind: BlockListKind) -> BlockListType {
    match kind {
        BlockListKind::All => BlockListType::All,
        BlockListKind::Committed => BlockListType::Committed,
        BlockListKind::Uncommitted => BlockListType::Uncommitted,
    }
}

fn listed_blocks(
    blocks: Option<Vec<azure_storage_blob::models::Block>>,
) -> Result<Vec<ListedBlock>, StoreError> {
    blocks
        .unwrap_or_default()
        .into_iter()
        .map(|block| {
            let name = BlockName::new(block.name.unwrap_or_default()).map_err(unexpected)?;
            let size = block.size.unwrap_or_default();
            Ok(ListedBlock {
                name,
                size: u64::try_from(size).map_err(unexpected)?,
            })
        })
        .collect()
}

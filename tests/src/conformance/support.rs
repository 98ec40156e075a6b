//! What the cases have in common.

use std::sync::Arc;

use bytes::Bytes;
use futures::TryStreamExt;
use longshore_store::{
    BlobName, BlobStore, BlockListKind, BlockName, Condition, ContentType, GetOptions, ListOptions,
    ListPage, Metadata, StageOptions, StoreError, WriteOptions, Written,
};

use super::Harbour;

/// Asserts that a result is an error of one kind.
macro_rules! assert_error {
    ($result:expr, $kind:ident) => {
        assert_error!($result, $kind, "")
    };
    ($result:expr, $kind:ident, $($context:tt)+) => {
        match $result {
            Err(longshore_store::StoreError::$kind { .. }) => {}
            other => panic!(
                "expected {}, got {other:?}; {}", stringify!($kind), format_args!($($context)+)
            ),
        }
    };
}
pub(super) use assert_error;

/// Bytes that repeat themselves in no block.
pub fn bytes(count: usize) -> Bytes {
    (0_u64..)
        .flat_map(|n| n.wrapping_mul(0x9E37_79B9_7F4A_7C15).to_be_bytes())
        .take(count)
        .collect()
}

/// A container that is there, and empty.
pub(super) async fn container(harbour: &dyn Harbour) -> anyhow::Result<Arc<dyn BlobStore>> {
    let store = harbour.store()?;
    store.create_container().await?;
    Ok(store)
}

pub(super) fn name(text: &str) -> anyhow::Result<BlobName> {
    Ok(BlobName::new(text)?)
}

pub(super) fn block(id: impl AsRef<[u8]>) -> anyhow::Result<BlockName> {
    Ok(BlockName::new(id.as_ref())?)
}

pub(super) fn blocks(ids: &[&str]) -> anyhow::Result<Vec<BlockName>> {
    ids.iter().map(block).collect()
}

/// Options that leave a trace of who wrote.
pub(super) fn signed(who: &str, condition: Condition) -> WriteOptions {
    WriteOptions {
        condition,
        content_type: ContentType::new(format!("text/{who}")),
        metadata: metadata(&[("who", who)]),
    }
}

pub(super) fn metadata(pairs: &[(&str, &str)]) -> Metadata {
    pairs
        .iter()
        .map(|&(key, value)| (key.to_owned(), value.to_owned()))
        .collect()
}

pub(super) async fn put(
    store: &dyn BlobStore,
    blob: &BlobName,
    body: &str,
) -> Result<Written, StoreError> {
    let body = Bytes::copy_from_slice(body.as_bytes());
    store.put(blob, body, WriteOptions::default()).await
}

pub(super) async fn stage(
    store: &dyn BlobStore,
    blob: &BlobName,
    id: &str,
    body: &str,
) -> anyhow::Result<()> {
    let body = Bytes::copy_from_slice(body.as_bytes());
    let options = StageOptions::default();
    Ok(store.stage_block(blob, &block(id)?, body, options).await?)
}

pub(super) async fn commit(
    store: &dyn BlobStore,
    blob: &BlobName,
    ids: &[&str],
) -> anyhow::Result<Written> {
    let options = WriteOptions::default();
    Ok(store.commit_blocks(blob, &blocks(ids)?, options).await?)
}

/// Commits a blob of blocks from nothing: pairs of id and body.
pub(super) async fn write_blocks(
    store: &dyn BlobStore,
    blob: &BlobName,
    pairs: &[(&str, &str)],
) -> anyhow::Result<Written> {
    for (id, body) in pairs {
        stage(store, blob, id, body).await?;
    }
    let ids: Vec<&str> = pairs.iter().map(|(id, _)| *id).collect();
    commit(store, blob, &ids).await
}

pub(super) async fn get(
    store: &dyn BlobStore,
    blob: &BlobName,
    options: GetOptions,
) -> Result<Vec<u8>, StoreError> {
    let read = store.get(blob, options).await?;
    let parts: Vec<Bytes> = read.body.try_collect().await?;
    Ok(parts.concat())
}

pub(super) async fn text(store: &dyn BlobStore, blob: &BlobName) -> anyhow::Result<String> {
    let body = get(store, blob, GetOptions::default()).await?;
    Ok(String::from_utf8(body)?)
}

pub(super) async fn pages(
    store: &dyn BlobStore,
    options: ListOptions,
) -> Result<Vec<ListPage>, StoreError> {
    store.list_pages(options).try_collect().await
}

/// The names of a listing, and what is folded in it.
pub(super) async fn listed(
    store: &dyn BlobStore,
    options: ListOptions,
) -> Result<(Vec<String>, Vec<String>), StoreError> {
    let mut names = Vec::new();
    let mut prefixes = Vec::new();
    for page in pages(store, options).await? {
        names.extend(page.blobs.into_iter().map(|blob| blob.name));
        prefixes.extend(page.prefixes);
    }
    Ok((names, prefixes))
}

/// The ids of committed and of uncommitted blocks; the latter sorted, since they come in no order.
pub(super) async fn block_ids(
    store: &dyn BlobStore,
    blob: &BlobName,
) -> anyhow::Result<(Vec<String>, Vec<String>)> {
    let list = store.block_list(blob, BlockListKind::All).await?;
    let text = |block: &longshore_store::ListedBlock| {
        String::from_utf8_lossy(block.name.as_bytes()).into_owned()
    };
    let committed = list.committed.iter().map(text).collect();
    let mut uncommitted: Vec<String> = list.uncommitted.iter().map(text).collect();
    uncommitted.sort();
    Ok((committed, uncommitted))
}

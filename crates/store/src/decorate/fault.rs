//! Calls that fail when they are told to: before the work, after it, or with damaged bytes.
//!
//! Nothing here is random: a fault strikes at the n-th call that it is meant for, so a test can walk through all n.

use std::fmt;
use std::future::Future;
use std::io;
use std::ops::Range;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use async_trait::async_trait;
use bytes::Bytes;
use futures::StreamExt;
use futures::stream::{self, BoxStream};

use super::Operation;
use crate::{
    BlobName, BlobProperties, BlobRead, BlobStore, BlockList, BlockListKind, BlockName, CopySource,
    DeleteOptions, ETag, GetOptions, ListOptions, ListPage, ListingOrder, Metadata,
    SetMetadataOptions, StageOptions, StoreError, WriteOptions, Written,
};

/// At which of the calls that it is meant for a fault strikes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FaultWhen {
    /// At the n-th, counted from 1, and no other.
    Nth(u64),
    /// At every n-th.
    Every(u64),
    /// At the n-th, counted from 1, and all after it.
    From(u64),
}

impl FaultWhen {
    const fn strikes(self, call: u64) -> bool {
        match self {
            Self::Nth(n) => call == n,
            Self::Every(n) => n != 0 && call.is_multiple_of(n),
            Self::From(n) => call >= n,
        }
    }
}

/// The error that a failed call returns.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FaultError {
    /// [`StoreError::Io`].
    Io,
    /// [`StoreError::TimedOut`].
    TimedOut,
    /// [`StoreError::Throttled`].
    Throttled,
    /// [`StoreError::Denied`].
    Denied,
    /// [`StoreError::NotSignedIn`].
    NotSignedIn,
    /// [`StoreError::Unreachable`].
    Unreachable,
    /// [`StoreError::Unsupported`].
    Unsupported,
}

impl FaultError {
    fn error(self) -> StoreError {
        let cause = io::Error::other("a fault that was asked for").into();
        let hint = None;
        match self {
            Self::Io => StoreError::Io { cause },
            Self::TimedOut => StoreError::TimedOut { cause },
            Self::Throttled => StoreError::Throttled { cause },
            Self::Denied => StoreError::Denied { hint, cause },
            Self::NotSignedIn => StoreError::NotSignedIn { hint, cause },
            Self::Unreachable => StoreError::Unreachable { hint, cause },
            Self::Unsupported => StoreError::Unsupported {
                what: "what a fault struck",
            },
        }
    }
}

/// What happens to a call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FaultKind {
    /// It fails, and nothing was done.
    Before(FaultError),
    /// The work is done, and the answer is lost.
    After(FaultError),
    /// A byte is changed on the way. A service that checks bodies notices: a write fails with [`StoreError::Corrupt`]
    /// and does nothing. A read returns the changed byte as if nothing were wrong. Other calls fail as if not done.
    Corrupt,
    /// The body of a read breaks with [`StoreError::Io`] after the first half of its first piece. Other calls fail so as
    /// if not done.
    Break,
}

/// A fault, and the calls that it is meant for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Fault {
    /// The kind of calls that it counts; all when not said.
    pub operation: Option<Operation>,
    /// At which of them it strikes.
    pub when: FaultWhen,
    /// What it does.
    pub kind: FaultKind,
}

#[derive(Debug)]
struct Armed {
    fault: Fault,
    calls: AtomicU64,
}

#[derive(Debug)]
struct Faults {
    armed: Vec<Armed>,
    struck: AtomicU64,
}

impl Faults {
    fn next(&self, operation: Operation) -> Option<FaultKind> {
        let mut found = None;
        for armed in &self.armed {
            if armed.fault.operation.is_none_or(|it| it == operation) {
                let call = armed.calls.fetch_add(1, Ordering::Relaxed) + 1;
                if found.is_none() && armed.fault.when.strikes(call) {
                    found = Some(armed.fault.kind);
                }
            }
        }
        if found.is_some() {
            self.struck.fetch_add(1, Ordering::Relaxed);
        }
        found
    }

    /// Disturbs a call; damage does what `on_damage` says.
    async fn disturb<T: Send>(
        &self,
        operation: Operation,
        call: impl Future<Output = Result<T, StoreError>> + Send,
        on_damage: impl FnOnce() -> StoreError + Send,
    ) -> Result<T, StoreError> {
        match self.next(operation) {
            None => call.await,
            Some(FaultKind::Before(error)) => Err(error.error()),
            Some(FaultKind::Break) => Err(FaultError::Io.error()),
            Some(FaultKind::Corrupt) => Err(on_damage()),
            Some(FaultKind::After(error)) => {
                call.await?;
                Err(error.error())
            }
        }
    }
}

/// A store whose calls fail as its faults say. Clones share the counts.
///
/// Every fault counts every call that it is meant for; of those that strike, the first given does.
#[derive(Debug, Clone)]
pub struct FaultStore<S> {
    inner: S,
    faults: Arc<Faults>,
}

impl<S> FaultStore<S> {
    /// Disturbs the calls of `inner`.
    pub fn new(inner: S, faults: impl IntoIterator<Item = Fault>) -> Self {
        let arm = |fault| Armed {
            fault,
            calls: AtomicU64::new(0),
        };
        let faults = Faults {
            armed: faults.into_iter().map(arm).collect(),
            struck: AtomicU64::new(0),
        };
        Self {
            inner,
            faults: Arc::new(faults),
        }
    }

    /// How often a fault struck: a test that disturbs nothing proves nothing.
    pub fn struck(&self) -> u64 {
        self.faults.struck.load(Ordering::Relaxed)
    }

    /// A call without a body, or whose body nothing checks.
    async fn disturb<T: Send>(
        &self,
        operation: Operation,
        call: impl Future<Output = Result<T, StoreError>> + Send,
    ) -> Result<T, StoreError> {
        let on_damage = || FaultError::Io.error();
        self.faults.disturb(operation, call, on_damage).await
    }

    /// A call with a body, whose damage the service notices.
    async fn disturb_body<T: Send>(
        &self,
        operation: Operation,
        name: &BlobName,
        call: impl Future<Output = Result<T, StoreError>> + Send,
    ) -> Result<T, StoreError> {
        let on_damage = || StoreError::Corrupt {
            name: name.clone(),
            cause: Some(io::Error::other("a fault that was asked for").into()),
        };
        self.faults.disturb(operation, call, on_damage).await
    }
}

/// A body whose first byte is another.
fn damaged(read: BlobRead) -> BlobRead {
    let mut is_first = true;
    let body = read.body.map(move |part| match part {
        Ok(part) if is_first && !part.is_empty() => {
            is_first = false;
            let mut bytes = part.to_vec();
            bytes[0] ^= 1;
            Ok(Bytes::from(bytes))
        }
        part => part,
    });
    BlobRead {
        properties: read.properties,
        body: body.boxed(),
        checksum: read.checksum,
    }
}

/// A body that breaks amid its first piece.
fn broken(mut read: BlobRead) -> BlobRead {
    let pieces = std::mem::replace(&mut read.body, stream::empty().boxed());
    let half = |part: Result<Bytes, StoreError>| part.map(|part| part.slice(..part.len() / 2));
    let end = stream::once(async { Err(FaultError::Io.error()) });
    read.body = pieces.take(1).map(half).chain(end).boxed();
    read
}

impl<S: fmt::Display> fmt::Display for FaultStore<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.inner.fmt(f)
    }
}

#[async_trait]
#[deny(clippy::missing_trait_methods)]
impl<S: BlobStore> BlobStore for FaultStore<S> {
    async fn create_container(&self) -> Result<bool, StoreError> {
        let call = self.inner.create_container();
        self.disturb(Operation::CreateContainer, call).await
    }

    async fn listing_order(&self) -> Result<ListingOrder, StoreError> {
        let call = self.inner.listing_order();
        self.disturb(Operation::ListingOrder, call).await
    }

    fn list_pages(&self, options: ListOptions) -> BoxStream<'static, Result<ListPage, StoreError>> {
        let seed = (Arc::clone(&self.faults), self.inner.list_pages(options));
        stream::try_unfold(seed, |(faults, mut pages)| async {
            let Some(page) = pages.next().await else {
                return Ok(None);
            };
            let page = std::future::ready(page);
            let on_damage = || FaultError::Io.error();
            let page = faults.disturb(Operation::ListPage, page, on_damage).await?;
            Ok(Some((page, (faults, pages))))
        })
        .boxed()
    }

    async fn properties(&self, name: &BlobName) -> Result<BlobProperties, StoreError> {
        let call = self.inner.properties(name);
        self.disturb(Operation::Properties, call).await
    }

    async fn get(&self, name: &BlobName, options: GetOptions) -> Result<BlobRead, StoreError> {
        match self.faults.next(Operation::Get) {
            None => self.inner.get(name, options).await,
            Some(FaultKind::Corrupt) => self.inner.get(name, options).await.map(damaged),
            Some(FaultKind::Break) => self.inner.get(name, options).await.map(broken),
            Some(FaultKind::Before(error) | FaultKind::After(error)) => Err(error.error()),
        }
    }

    async fn put(
        &self,
        name: &BlobName,
        body: Bytes,
        options: WriteOptions,
    ) -> Result<Written, StoreError> {
        let call = self.inner.put(name, body, options);
        self.disturb_body(Operation::Put, name, call).await
    }

    async fn stage_block(
        &self,
        name: &BlobName,
        block: &BlockName,
        body: Bytes,
        options: StageOptions,
    ) -> Result<(), StoreError> {
        let call = self.inner.stage_block(name, block, body, options);
        self.disturb_body(Operation::StageBlock, name, call).await
    }

    async fn commit_blocks(
        &self,
        name: &BlobName,
        blocks: &[BlockName],
        options: WriteOptions,
    ) -> Result<Written, StoreError> {
        let call = self.inner.commit_blocks(name, blocks, options);
        self.disturb(Operation::CommitBlocks, call).await
    }

    async fn block_list(
        &self,
        name: &BlobName,
        kind: BlockListKind,
    ) -> Result<BlockList, StoreError> {
        let call = self.inner.block_list(name, kind);
        self.disturb(Operation::BlockList, call).await
    }

    async fn set_metadata(
        &self,
        name: &BlobName,
        metadata: Metadata,
        options: SetMetadataOptions,
    ) -> Result<Written, StoreError> {
        let call = self.inner.set_metadata(name, metadata, options);
        self.disturb(Operation::SetMetadata, call).await
    }

    async fn delete(&self, name: &BlobName, options: DeleteOptions) -> Result<(), StoreError> {
        let call = self.inner.delete(name, options);
        self.disturb(Operation::Delete, call).await
    }

    async fn copy_source(
        &self,
        name: &BlobName,
        version: Option<&ETag>,
    ) -> Result<CopySource, StoreError> {
        self.inner.copy_source(name, version).await
    }

    async fn put_from(
        &self,
        name: &BlobName,
        source: &CopySource,
        options: WriteOptions,
    ) -> Result<Written, StoreError> {
        let call = self.inner.put_from(name, source, options);
        self.disturb_body(Operation::PutFrom, name, call).await
    }

    async fn stage_block_from(
        &self,
        name: &BlobName,
        block: &BlockName,
        source: &CopySource,
        range: Range<u64>,
    ) -> Result<(), StoreError> {
        let call = self.inner.stage_block_from(name, block, source, range);
        self.disturb_body(Operation::StageBlockFrom, name, call)
            .await
    }

    async fn delete_batch(
        &self,
        blobs: &[(BlobName, DeleteOptions)],
    ) -> Result<Vec<Result<(), StoreError>>, StoreError> {
        let call = self.inner.delete_batch(blobs);
        self.disturb(Operation::DeleteBatch, call).await
    }

    fn throttles(&self) -> u64 {
        self.inner.throttles()
    }
}

#[cfg(test)]
mod tests;

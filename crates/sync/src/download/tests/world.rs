//! A container, a directory, and downloads from the one into the other that are disturbed or killed.

use std::future::{Future, poll_fn};
use std::path::Path;
use std::task::Poll;

use bytes::Bytes;
use futures::future::BoxFuture;
use longshore_content::{BlockLayout, FileContent, FileHasher};
use longshore_store::{
    BlockName, CountStore, Fault, FaultKind, FaultStore, FaultWhen, MemoryStore, Metadata,
    Operation, StageOptions, WriteOptions,
};
use md5::{Digest, Md5};
use tempfile::TempDir;
use tokio::runtime::Runtime;

use super::super::*;
use crate::{Cancel, NoReporter, Progress, SyncOptions};
pub(super) const BLOCK: u64 = 1024;

pub(super) const CUT: Cut = Cut {
    single: 2 * BLOCK,
    range: 2 * BLOCK,
    checked: BLOCK,
    largest: 8 * BLOCK,
    flush: 4 * BLOCK,
};

/// How a blob was written, and what is known of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// By blocks of ours, with digests.
    Blocks,
    /// By blocks of ours, whose digests somebody took away.
    BareBlocks,
    /// Whole, with digests.
    Whole,
    /// By another tool that stored an MD5.
    Md5,
    /// By another tool.
    Unknown,
}

pub(super) const KINDS: [Kind; 5] = [
    Kind::Blocks,
    Kind::BareBlocks,
    Kind::Whole,
    Kind::Md5,
    Kind::Unknown,
];

/// A container and a directory.
pub(super) struct World {
    pub(super) directory: TempDir,
    pub(super) memory: MemoryStore,
}

/// A download and what went through the store for it.
pub(super) struct Ran {
    pub(super) outcome: Result<Option<Received>, ItemError>,
    pub(super) progress: Arc<Progress>,
    pub(super) gets: u64,
    pub(super) read: u64,
}

impl Ran {
    pub(super) fn received(&self) -> Received {
        self.outcome.as_ref().unwrap().unwrap()
    }

    pub(super) fn is_damaged(&self) -> bool {
        matches!(self.outcome, Err(ItemError::Damaged { .. }))
    }
}

pub(super) fn name() -> BlobName {
    BlobName::new("apps/tool.zip").unwrap()
}

pub(super) fn content(size: usize, seed: u8) -> Vec<u8> {
    let mut bytes = vec![0; size];
    let mut hasher = blake3::Hasher::new();
    hasher.update(&[seed]);
    hasher.finalize_xof().fill(&mut bytes);
    bytes
}

pub(super) fn hashed(bytes: &[u8], block: u64) -> FileContent {
    let layout = BlockLayout::with_block_size(bytes.len() as u64, block).unwrap();
    let mut hasher = FileHasher::new(layout);
    hasher.update(bytes).unwrap();
    hasher.finish().unwrap()
}

pub(super) fn faults(when: FaultWhen, kind: FaultKind) -> Vec<Fault> {
    vec![Fault {
        operation: Some(Operation::Get),
        when,
        kind,
    }]
}

impl World {
    pub(super) fn new() -> Self {
        Self {
            directory: tempfile::tempdir().unwrap(),
            memory: MemoryStore::new(),
        }
    }

    pub(super) fn target(&self) -> PathBuf {
        target_path(self.directory.path(), name().as_str()).unwrap()
    }

    /// Writes the blob; says how it is to be received.
    pub(super) async fn put(&self, kind: Kind, bytes: &[u8]) -> Download {
        self.put_cut(kind, bytes, BLOCK).await
    }

    pub(super) async fn put_cut(&self, kind: Kind, bytes: &[u8], block: u64) -> Download {
        let whole = hashed(bytes, block);
        let has_digests = matches!(kind, Kind::Blocks | Kind::Whole);
        let digests = has_digests.then_some(whole.digests);
        let options = WriteOptions {
            metadata: digests
                .as_ref()
                .map_or_else(Metadata::default, Metadata::of),
            ..WriteOptions::default()
        };
        let by_blocks = matches!(kind, Kind::Blocks | Kind::BareBlocks);
        let name = name();
        let written = if by_blocks && !whole.blocks.is_empty() {
            let blocks: Vec<BlockName> = whole.blocks.iter().map(|&id| id.into()).collect();
            for (block, id) in whole.layout.blocks().zip(&blocks) {
                let start = usize::try_from(block.offset).unwrap();
                let end = start + usize::try_from(block.length).unwrap();
                let body = Bytes::copy_from_slice(&bytes[start..end]);
                let options = StageOptions::default();
                let stage = self.memory.stage_block(&name, id, body, options);
                stage.await.unwrap();
            }
            let commit = self.memory.commit_blocks(&name, &blocks, options);
            commit.await.unwrap()
        } else {
            let body = Bytes::copy_from_slice(bytes);
            self.memory.put(&name, body, options).await.unwrap()
        };
        Download {
            name,
            target: self.target(),
            etag: written.etag,
            size: bytes.len() as u64,
            digests,
            content_md5: (kind == Kind::Md5).then(|| Md5::digest(bytes).into()),
        }
    }

    /// Receives a blob from a store that is disturbed.
    pub(super) fn run(&self, download: &Download, faults: Vec<Fault>) -> Running {
        let store = CountStore::new(FaultStore::new(self.memory.clone(), faults));
        let source: Arc<dyn BlobStore> = Arc::new(store.clone());
        let progress = Arc::<Progress>::default();
        let context = context(&source, &progress, Cancel::new());
        let download = download.clone();
        let receiving = async move { receive_in(&context, &source, download, CUT).await };
        Running {
            receiving: Box::pin(receiving),
            store,
            progress,
        }
    }

    pub(super) async fn receive(&self, download: &Download) -> Ran {
        self.run(download, Vec::new()).end().await
    }

    /// Whether the file holds this, and nothing stands beside it.
    pub(super) fn assert_holds(&self, bytes: &[u8]) {
        assert!(
            fs_err::read(self.target()).unwrap() == bytes,
            "other content"
        );
        assert_eq!(self.beside(), Vec::<String>::new());
    }

    /// Whether there is neither a file nor anything beside it.
    pub(super) fn assert_is_empty(&self) {
        assert!(!self.target().exists());
        assert_eq!(self.beside(), Vec::<String>::new());
    }

    pub(super) fn beside(&self) -> Vec<String> {
        let target = self.target();
        let Ok(entries) = fs_err::read_dir(target.parent().unwrap()) else {
            return Vec::new();
        };
        let names = entries.map(|entry| entry.unwrap().file_name().into_string().unwrap());
        let mut names: Vec<String> = names.filter(|name| name != "tool.zip").collect();
        names.sort();
        assert!(names.iter().all(|name| is_unfinished(name)), "{names:?}");
        names
    }

    pub(super) fn part(&self) -> PathBuf {
        self.target().with_file_name(".tool.zip.longshore-part")
    }
}

pub(super) fn context(
    source: &Arc<dyn BlobStore>,
    progress: &Arc<Progress>,
    cancel: Cancel,
) -> Arc<Context> {
    let options = SyncOptions {
        concurrency: 4,
        memory: 16 * BLOCK,
        ..SyncOptions::default()
    };
    let around: (Arc<dyn crate::Reporter>, Cancel) = (Arc::new(NoReporter), cancel);
    let (source, progress) = (Arc::clone(source), Arc::clone(progress));
    Arc::new(Context::new(source, &options, progress, around, None))
}

/// A download under way.
pub(super) struct Running {
    pub(super) receiving: BoxFuture<'static, Result<Option<Received>, ItemError>>,
    pub(super) store: CountStore<FaultStore<MemoryStore>>,
    pub(super) progress: Arc<Progress>,
}

impl Running {
    pub(super) async fn end(self) -> Ran {
        let outcome = self.receiving.await;
        let counts = self.store.snapshot();
        Ran {
            outcome,
            progress: self.progress,
            gets: counts.of(Operation::Get),
            read: counts.bytes_read,
        }
    }

    /// Polls the download so often, then drops it and all its tasks; whether it ended before.
    pub(super) fn kill_after(self, polls: usize) -> bool {
        // Dropping a runtime waits for its threads, as the end of a process does for its system calls.
        let runtime = Runtime::new().unwrap();
        let mut receiving = self.receiving;
        let mut polled = 0;
        runtime.block_on(poll_fn(move |cx| {
            polled += 1;
            match receiving.as_mut().poll(cx) {
                Poll::Ready(outcome) => Poll::Ready(outcome.unwrap().is_some()),
                Poll::Pending if polled > polls => Poll::Ready(false),
                Poll::Pending => Poll::Pending,
            }
        }))
    }
}

pub(super) fn block_on<T>(future: impl Future<Output = T>) -> T {
    Runtime::new().unwrap().block_on(future)
}

impl World {
    /// How many reads it takes when nothing goes wrong.
    pub(super) async fn count(&self, kind: Kind, bytes: &[u8]) -> u64 {
        let download = self.put(kind, bytes).await;
        self.receive(&download).await.gets
    }

    pub(super) fn write_old(&self) {
        write(&self.target(), b"old");
    }
}

pub(super) fn write(path: &Path, bytes: &[u8]) {
    fs_err::create_dir_all(path.parent().unwrap()).unwrap();
    fs_err::write(path, bytes).unwrap();
}

//! Files of several blocks: what is there is found out first, what is missing is staged, then all is committed.
//!
//! The block list tells which blocks an earlier run staged and which the blob is made of; both are named by content,
//! so neither travels again. There is no journal: any machine goes on where another one was killed.

use std::collections::HashSet;
use std::sync::Arc;

use longshore_content::{BlockId, Crc64, FileContent};
use longshore_store::{BlockList, BlockListKind, BlockName, Condition, StageOptions, StoreError};
use tokio::sync::mpsc;
use tokio::task::JoinSet;

use super::Candidate;
use super::leftovers::{self, Stuck};
use super::naming::Naming;
use super::reader::{self, Halt, ReadBlock};
use super::reuse::reuse;
use super::settle::{resend, settle};
use crate::context::Context;
use crate::copy::back_up;
use crate::digest::digest_of;
use crate::task::ended;
use crate::{Event, ItemError};

/// How often an upload is begun anew when the staged blocks change under it.
const ROUNDS: usize = 4;

/// Sends one file, or finds that nothing is to be sent.
pub(crate) async fn send_large(context: Arc<Context>, candidate: Candidate) {
    let size = candidate.file.stamp.size;
    let name = candidate.file.name.clone();
    match Large::new(&context, candidate).run().await {
        Ok(()) | Err(Halt::Stopped) => {}
        Err(Halt::Item(error)) => context.failed(error, size),
        Err(Halt::Store(cause)) => context.failed(
            ItemError::Upload {
                name: name.to_string(),
                cause,
            },
            size,
        ),
    }
}

/// One upload by blocks.
struct Large<'a> {
    context: &'a Arc<Context>,
    candidate: Candidate,
    /// What the file holds, once it was read whole.
    content: Option<FileContent>,
    naming: Naming,
    sent: u64,
    resumed: bool,
}

impl<'a> Large<'a> {
    const fn new(context: &'a Arc<Context>, candidate: Candidate) -> Self {
        Self {
            context,
            candidate,
            content: None,
            naming: Naming::Content,
            sent: 0,
            resumed: false,
        }
    }

    async fn run(mut self) -> Result<(), Halt> {
        let (size, reason) = (self.candidate.file.stamp.size, self.candidate.reason);
        if self.is_worth_hashing() {
            let content = self.hash().await?;
            if self.candidate.is_held(&content.digests) {
                self.context
                    .unchanged(self.candidate.file.name.as_str(), size);
                return Ok(());
            }
            self.candidate.check(self.context, &content.digests)?;
            self.content = Some(content);
        }
        if self.reuse().await? {
            return Ok(());
        }
        let name = self.candidate.file.name.as_str();
        self.context.report(&Event::Started { name, size });
        let condition = &self.candidate.target.condition;
        back_up(self.context, &self.candidate.file.name, condition).await?;
        match self.upload().await {
            Err(Halt::Store(error @ StoreError::AlreadyExists { .. })) => {
                return self.settle_race(error).await;
            }
            outcome => outcome?,
        }
        let size = self
            .content
            .as_ref()
            .map_or(size, |content| content.layout.file_size());
        self.context.uploaded(
            self.candidate.file.name.as_str(),
            size,
            self.sent,
            (reason, self.resumed),
        );
        Ok(())
    }

    /// Whether the file is read before anything is sent: it may be what the blob holds, or what another one does.
    fn is_worth_hashing(&self) -> bool {
        let file = &self.candidate.file;
        self.candidate.compare
            || file.digests.is_none() && self.context.holdings.has_large(file.stamp.size)
    }

    async fn hash(&self) -> Result<FileContent, Halt> {
        let content = digest_of(self.context, &self.candidate.file.path).await?;
        if content.layout.is_single() {
            let path = self.candidate.file.path.clone();
            return Err(ItemError::Changed { path }.into());
        }
        Ok(content)
    }

    async fn reuse(&self) -> Result<bool, Halt> {
        let read = self.content.as_ref();
        let known = read.map_or(self.candidate.file.digests, |content| Some(content.digests));
        let size = read.map_or(self.candidate.file.stamp.size, |content| {
            content.layout.file_size()
        });
        match known {
            Some(digests) => Ok(reuse(self.context, &self.candidate, (size, &digests)).await?),
            None => Ok(false),
        }
    }

    /// Somebody else wrote the blob first: all is well when it holds the same.
    async fn settle_race(self, error: StoreError) -> Result<(), Halt> {
        let content = match self.content {
            Some(content) => content,
            None => digest_of(self.context, &self.candidate.file.path).await?,
        };
        let (store, name) = (&*self.context.store, &self.candidate.file.name);
        let size = content.layout.file_size();
        let _pass = self.context.requests.pass().await;
        settle::<()>(store, name, (&content.digests, size), Err(error)).await?;
        self.context.unchanged(name.as_str(), size);
        Ok(())
    }

    /// Stages and commits, anew when blocks of others turn out to be in the way or ours are gone.
    async fn upload(&mut self) -> Result<(), Halt> {
        let mut rounds = 0;
        loop {
            rounds += 1;
            let outcome = match self.make_room().await {
                Ok(list) => self.round(&list).await,
                Err(halt) => Err(halt),
            };
            match outcome {
                Err(Halt::Store(error))
                    if rounds < ROUNDS && self.can_begin_anew(&error).await? => {}
                outcome => return outcome,
            }
        }
    }

    async fn list(&self) -> Result<BlockList, Halt> {
        let _pass = self.context.requests.pass().await;
        let name = &self.candidate.file.name;
        let mut list = match self
            .context
            .store
            .block_list(name, BlockListKind::All)
            .await
        {
            Err(StoreError::NotFound { .. }) => return Ok(BlockList::default()),
            result => result?,
        };
        if list.committed.is_empty() {
            // Services differ in what they say of the version of a blob without a list; the listing knows it.
            list.etag = match &self.candidate.target.condition {
                Condition::Matches(etag) => Some(etag.clone()),
                Condition::None | Condition::Absent => None,
            };
        }
        Ok(list)
    }

    /// The block list, after clearing what would keep our blocks from being staged.
    async fn make_room(&mut self) -> Result<BlockList, Halt> {
        let list = self.list().await?;
        self.check_version(&list)?;
        let count = self
            .candidate
            .file
            .stamp
            .size
            .div_ceil(longshore_content::MIN_BLOCK_SIZE);
        if leftovers::in_the_way(&list, self.naming, count.min(longshore_content::MAX_BLOCKS)) {
            self.clear(&list).await?;
            return self.list().await;
        }
        Ok(list)
    }

    async fn clear(&mut self, list: &BlockList) -> Result<(), Halt> {
        let name = &self.candidate.file.name;
        self.candidate.target.condition = leftovers::clear(&*self.context.store, name, list)
            .await
            .map_err(|stuck| match stuck {
                Stuck::Risky => Halt::Item(ItemError::Leftovers {
                    name: name.to_string(),
                }),
                Stuck::Store(error) => Halt::Store(error),
            })?;
        Ok(())
    }

    /// Makes sure that the blob is the one that the file was compared with, before anything is sent in vain.
    fn check_version(&self, list: &BlockList) -> Result<(), Halt> {
        let name = self.candidate.file.name.clone();
        match (&self.candidate.target.condition, &list.etag) {
            (Condition::Matches(_), None) => Ok(()),
            (Condition::Absent, Some(_)) => Err(Halt::Store(StoreError::AlreadyExists { name })),
            (Condition::Matches(expected), found) if found.as_ref() != Some(expected) => {
                Err(Halt::Store(StoreError::Precondition { name }))
            }
            _ => Ok(()),
        }
    }

    /// Whether a store error goes away when the upload is begun anew; prepares for that.
    async fn can_begin_anew(&mut self, error: &StoreError) -> Result<bool, Halt> {
        match error {
            StoreError::MissingBlock { .. } => Ok(true),
            StoreError::TooManyBlocks { .. } | StoreError::BlockIds { .. } => {
                let list = self.list().await?;
                if let (StoreError::BlockIds { .. }, Some(length)) =
                    (error, leftovers::foreign_length(&list))
                {
                    let stuck = || ItemError::Leftovers {
                        name: self.candidate.file.name.to_string(),
                    };
                    self.naming = Naming::fitted(length).ok_or_else(stuck)?;
                }
                let full = matches!(error, StoreError::TooManyBlocks { .. });
                if full || leftovers::in_the_way(&list, self.naming, 1) {
                    self.clear(&list).await?;
                }
                Ok(true)
            }
            _ => Ok(false),
        }
    }

    /// One attempt: stage what is missing, commit all.
    async fn round(&mut self, list: &BlockList) -> Result<(), Halt> {
        let (held, staged) = self.held(list);
        let content = self.stage(held).await?;
        self.candidate.check(self.context, &content.digests)?;
        self.resumed |= content.blocks.iter().any(|id| staged.contains(id));
        let digests = content.digests;
        let names: Vec<BlockName> = (0..)
            .zip(&content.blocks)
            .map(|(index, &id)| self.naming.name(index, id))
            .collect();
        let size = content.layout.file_size();
        self.content = Some(content);
        let pass = self.context.requests.pass().await;
        let (store, name) = (&*self.context.store, &self.candidate.file.name);
        let options = self.candidate.write_options(&digests);
        let outcome = store.commit_blocks(name, &names, options).await;
        pass.done(0, &outcome);
        Ok(settle(store, name, (&digests, size), outcome).await?)
    }

    /// The blocks that need not travel, and those of them that an unfinished upload staged.
    fn held(&self, list: &BlockList) -> (HashSet<BlockId>, HashSet<BlockId>) {
        if self.naming != Naming::Content {
            return Default::default();
        }
        let staged: HashSet<BlockId> = list
            .uncommitted
            .iter()
            .filter_map(|block| block.name.content_id())
            .collect();
        let committed = list
            .committed
            .iter()
            .filter_map(|block| block.name.content_id());
        (committed.chain(staged.iter().copied()).collect(), staged)
    }

    /// Reads the file and stages the blocks that are not held; ends when all are, or at the first failure.
    async fn stage(&mut self, held: HashSet<BlockId>) -> Result<FileContent, Halt> {
        let (sender, mut receiver) = mpsc::channel(1);
        let reading = self.start_reading(held, sender);
        let mut staging = JoinSet::new();
        let mut failure = None;
        while let Some(read) = receiver.recv().await {
            let pass = self.context.requests.pass().await;
            failure = self.reap(&mut staging, false).await.err();
            if self.context.is_stopping() {
                failure.get_or_insert(Halt::Stopped);
            }
            if failure.is_some() {
                break;
            }
            let (context, name) = (Arc::clone(self.context), self.candidate.file.name.clone());
            let block = self.naming.name(read.block.index, read.id);
            staging.spawn(async move {
                let length = read.block.length;
                let staged = stage_one(&context, &name, &block, read).await;
                pass.done(length, &staged);
                staged
            });
        }
        drop(receiver);
        let last = self.reap(&mut staging, true).await;
        let content = join(reading.await);
        if let Some(halt) = failure {
            return Err(halt);
        }
        last?;
        content
    }

    fn start_reading(
        &self,
        held: HashSet<BlockId>,
        sender: mpsc::Sender<ReadBlock>,
    ) -> tokio::task::JoinHandle<Result<FileContent, Halt>> {
        let (context, path) = (Arc::clone(self.context), self.candidate.file.path.clone());
        let content = self.content.clone();
        tokio::task::spawn_blocking(move || match content {
            None => reader::read_and_hash(&context, &path, &held, &sender),
            Some(content) => {
                reader::read_missing(&context, &path, &content, &held, &sender).map(|()| content)
            }
        })
    }

    /// Takes the outcomes of staged blocks: those that are there, or all.
    async fn reap(
        &mut self,
        staging: &mut JoinSet<Result<u64, StoreError>>,
        all: bool,
    ) -> Result<(), Halt> {
        let mut first = Ok(());
        loop {
            let outcome = if all {
                staging.join_next().await
            } else {
                staging.try_join_next()
            };
            match outcome {
                None => return first,
                Some(Ok(Ok(sent))) => self.sent += sent,
                Some(Ok(Err(error))) => first = first.and(Err(Halt::Store(error))),
                Some(Err(error)) => first = first.and(join(Err(error))),
            }
        }
    }
}

async fn stage_one(
    context: &Context,
    name: &longshore_store::BlobName,
    block: &BlockName,
    read: ReadBlock,
) -> Result<u64, StoreError> {
    let options = StageOptions {
        checksum: Some(Crc64::of(&read.bytes)),
    };
    resend(|| {
        context
            .store
            .stage_block(name, block, read.bytes.clone(), options)
    })
    .await?;
    context.progress.bytes_sent.add(read.block.length);
    Ok(read.block.length)
}

/// The result of a task; one that was given up means that the run is.
fn join<T>(outcome: Result<Result<T, Halt>, tokio::task::JoinError>) -> Result<T, Halt> {
    ended(outcome).unwrap_or(Err(Halt::Stopped))
}

//! The middle of a run: it takes what the merge finds and keeps as much work under way as the budgets allow.

use std::sync::Arc;
use std::sync::atomic::Ordering;

use longshore_content::{BlockLayout, LayoutError};
use longshore_store::ListedBlob;
use tokio::task::{JoinError, JoinSet};

use crate::context::Context;
use crate::decide::{Decision, decide};
use crate::delete::Surplus;
use crate::merge::{Merge, Pair};
use crate::queue::Queue;
use crate::source::LocalFile;
use crate::task::ended;
use crate::upload::{Candidate, send_batch, send_large};
use crate::{Event, ItemError, Reason, SyncError};

/// So many batches of small files, and so many large files, are worked at side by side. Their requests and their
/// memory are bounded elsewhere; this bounds what is begun.
const BATCHES: usize = 4;
const LARGE: usize = 4;

/// What a job was.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Job {
    Batch,
    Large,
}

pub(crate) struct Engine<'run, 'options> {
    context: &'run Arc<Context>,
    merge: Merge,
    surplus: &'run mut Surplus<'options>,
    queue: Queue,
    jobs: JoinSet<Job>,
    batches: usize,
    large: usize,
}

impl<'run, 'options> Engine<'run, 'options> {
    pub(crate) fn new(
        context: &'run Arc<Context>,
        merge: Merge,
        surplus: &'run mut Surplus<'options>,
    ) -> Self {
        Self {
            context,
            merge,
            surplus,
            queue: Queue::default(),
            jobs: JoinSet::new(),
            batches: 0,
            large: 0,
        }
    }

    /// Runs until all is done, or until what was under way when the run was stopped is finished.
    pub(crate) async fn run(mut self) -> Result<(), SyncError> {
        let context = Arc::clone(self.context);
        let outcome = tokio::select! {
            outcome = self.work() => outcome,
            () = context.cancel.aborted() => Ok(()),
        };
        self.drain(&context).await;
        outcome
    }

    /// Waits for what is under way, or gives it up when that is asked for.
    async fn drain(&mut self, context: &Context) {
        let mut aborted = false;
        while !self.jobs.is_empty() {
            tokio::select! {
                Some(job) = self.jobs.join_next() => self.ended(job),
                () = context.cancel.aborted(), if !aborted => {
                    aborted = true;
                    context.buffers.close();
                    self.jobs.abort_all();
                }
            }
        }
    }

    async fn work(&mut self) -> Result<(), SyncError> {
        let context = Arc::clone(self.context);
        loop {
            self.start_jobs();
            let merging = !self.merge.is_over();
            if !merging && self.queue.is_empty() && self.jobs.is_empty() {
                return Ok(());
            }
            tokio::select! {
                () = context.stopping() => {
                    self.queue.clear();
                    return Ok(());
                }
                Some(job) = self.jobs.join_next() => self.ended(job),
                filled = self.merge.fill(&context.progress), if merging && self.queue.has_room() => {
                    filled?;
                    self.take_pairs()?;
                }
            }
        }
    }

    fn start_jobs(&mut self) {
        while self.large < LARGE
            && let Some(candidate) = self.queue.pop_large()
        {
            let context = Arc::clone(self.context);
            self.large += 1;
            self.jobs.spawn(async move {
                send_large(context, candidate).await;
                Job::Large
            });
        }
        while self.batches < BATCHES
            && let Some(batch) = self.queue.pop_batch()
        {
            let context = Arc::clone(self.context);
            self.batches += 1;
            self.jobs.spawn(async move {
                send_batch(context, batch).await;
                Job::Batch
            });
        }
    }

    fn ended(&mut self, job: Result<Job, JoinError>) {
        match ended(job) {
            Some(Job::Batch) => self.batches -= 1,
            Some(Job::Large) => self.large -= 1,
            None => {}
        }
    }

    /// Takes pairs while there are some, and room for them.
    fn take_pairs(&mut self) -> Result<(), SyncError> {
        while self.queue.has_room() {
            let Some(pair) = self.merge.next() else {
                self.queue.close_batch();
                break;
            };
            self.take(pair)?;
        }
        if self.merge.is_over() {
            self.context.progress.scanned.store(true, Ordering::Relaxed);
        }
        Ok(())
    }

    fn take(&mut self, pair: Pair) -> Result<(), SyncError> {
        match pair {
            Pair::File(file, blob) => self.take_file(file, blob.as_ref()),
            Pair::Surplus(blob) => return self.surplus.note(&blob),
            Pair::Skipped(name, note) => {
                self.surplus.skip(name);
                self.context.skip(&Event::Noted(&note));
            }
            Pair::Failed(error) => self.context.failed(error, 0),
        }
        Ok(())
    }

    fn take_file(&mut self, file: LocalFile, blob: Option<&ListedBlob>) {
        let size = file.stamp.size;
        self.context.progress.files_found.add(1);
        self.context.progress.bytes_found.add(size);
        if let Err(LayoutError::TooLarge { .. }) = BlockLayout::for_file(size) {
            return self.context.failed(
                ItemError::TooLarge {
                    path: file.path,
                    size,
                },
                size,
            );
        }
        let (target, reason, compare) = match decide(&file, blob) {
            Decision::Unchanged => return self.context.unchanged(file.name.as_str(), size),
            Decision::Send(reason, target) => (target, reason, false),
            Decision::Compare(target) => (target, Reason::Changed, true),
        };
        self.queue.push(Candidate {
            file,
            target,
            reason,
            compare,
        });
    }
}

//! The middle of a run: it takes step after step and keeps as much work under way as the budgets allow.

use std::sync::Arc;

use longshore_store::BlobStore;
use tokio::task::{JoinError, JoinSet};

use crate::SyncError;
use crate::context::Context;
use crate::delete::Surplus;
use crate::execute::{adopt, fetch, take_down, transfer};
use crate::feed::{Feed, Next};
use crate::queue::Queue;
use crate::step::Step;
use crate::task::ended;
use crate::upload::{send_batch, send_large};

/// So many batches of small files, so many large files, and so many other steps are worked at side by side. Their
/// requests and their memory are bounded elsewhere; this bounds what is begun.
const BATCHES: usize = 4;
const LARGE: usize = 4;
const SINGLES: usize = 64;

/// What a job was.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Job {
    Batch,
    Large,
    Single,
}

pub(crate) struct Engine<'run, 'options, F> {
    context: &'run Arc<Context>,
    feed: F,
    surplus: &'run mut Surplus<'options>,
    /// Where downloads read.
    source: Arc<dyn BlobStore>,
    queue: Queue,
    jobs: JoinSet<Job>,
    batches: usize,
    large: usize,
    singles: usize,
    /// Whether it is known what is held already: nothing is sent before.
    knows_holdings: bool,
}

impl<'run, 'options, F: Feed> Engine<'run, 'options, F> {
    pub(crate) fn new(
        context: &'run Arc<Context>,
        feed: F,
        surplus: &'run mut Surplus<'options>,
        source: Arc<dyn BlobStore>,
    ) -> Self {
        Self {
            context,
            feed,
            surplus,
            source,
            queue: Queue::default(),
            jobs: JoinSet::new(),
            batches: 0,
            large: 0,
            singles: 0,
            knows_holdings: false,
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
        // What is being put in its place is there before anybody may look again.
        context.threads.close();
        context.threads.wait().await;
    }

    async fn work(&mut self) -> Result<(), SyncError> {
        let context = Arc::clone(self.context);
        loop {
            self.start_jobs();
            let taking = !self.feed.is_over();
            if !taking && self.queue.is_empty() && self.jobs.is_empty() {
                return Ok(());
            }
            tokio::select! {
                () = context.stopping() => {
                    self.queue.clear();
                    return Ok(());
                }
                Some(job) = self.jobs.join_next() => self.ended(job),
                () = context.holdings.complete(), if !self.knows_holdings => {
                    self.knows_holdings = true;
                }
                filled = self.feed.fill(), if taking && self.queue.has_room() => {
                    filled?;
                    self.take_steps()?;
                }
            }
        }
    }

    fn start_jobs(&mut self) {
        if !self.knows_holdings {
            return;
        }
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
        while self.singles < SINGLES
            && let Some(step) = self.queue.pop_single()
        {
            self.singles += 1;
            self.start_single(step);
        }
    }

    fn start_single(&mut self, step: Step) {
        let (context, source) = (Arc::clone(self.context), Arc::clone(&self.source));
        self.jobs.spawn(async move {
            match step {
                Step::Send(candidate) => send_batch(context, vec![candidate]).await,
                Step::Transfer(step) => transfer(&context, step).await,
                Step::Adopt(step) => adopt(&context, step).await,
                Step::Receive(step) => take_down(&context, &source, step).await,
                Step::Fetch(step) => fetch(&context, &source, step).await,
            }
            Job::Single
        });
    }

    fn ended(&mut self, job: Result<Job, JoinError>) {
        match ended(job) {
            Some(Job::Batch) => self.batches -= 1,
            Some(Job::Large) => self.large -= 1,
            Some(Job::Single) => self.singles -= 1,
            None => {}
        }
    }

    /// Takes steps while there are some, and room for them.
    fn take_steps(&mut self) -> Result<(), SyncError> {
        while self.queue.has_room() {
            match self.feed.next(self.context, self.surplus)? {
                Next::Step(step) => self.queue.push(*step),
                Next::Nothing => {}
                Next::Empty => {
                    self.queue.close_batch();
                    break;
                }
            }
        }
        if self.feed.is_over() {
            self.queue.close_batch();
            self.context.scanned();
        }
        Ok(())
    }
}

//! A blob that comes in ranges, several at a time, each written where it belongs.
//!
//! A range is believed when its blocks have the names that they were committed under, and noted when it is on the
//! disk. Meanwhile the file is read back from its beginning, so its digests are known soon after the last range.

use std::sync::{Arc, Mutex, PoisonError};

use longshore_store::{BlockListKind, StoreError};
use tokio::sync::watch;
use tokio::task::{JoinHandle, JoinSet};

use super::done::Done;
use super::fetch::Fetch;
use super::follow::follow;
use super::job::{Arrived, Halt, Job, TRIES, blocking, join};
use super::notes::{Notes, Subject};
use super::part::{Part, write_error};
use super::plan::{Plan, PlanError};
use super::proof::Whole;
use crate::Event;
use crate::upload::Buffer;

/// So many ranges of one file are begun at once. Their requests and their memory are bounded elsewhere.
const AT_ONCE: usize = 32;

pub(super) async fn receive(job: &Arc<Job>) -> Result<Arrived, Halt> {
    let plan = Arc::new(plan(job).await?);
    job.context.report(&Event::Started {
        name: job.download.name.as_str(),
        size: job.download.size,
    });
    match Arrival::begin(job, &plan, true).await?.run().await {
        Err(Halt::Stale) => Arrival::begin(job, &plan, false).await?.run().await,
        outcome => outcome,
    }
}

/// Asks for the blocks of the blob; without them the digest of the whole has to do.
async fn plan(job: &Job) -> Result<Plan, Halt> {
    let download = &job.download;
    let list = {
        let _pass = job.context.requests.pass().await;
        job.check_going()?;
        let kind = BlockListKind::Committed;
        job.source.block_list(&download.name, kind).await
    };
    let tree = match list {
        Ok(list) if list.committed.is_empty() => None,
        Ok(list)
            if list
                .etag
                .as_ref()
                .is_some_and(|etag| *etag != download.etag) =>
        {
            let name = download.name.clone();
            return Err(job.failed(StoreError::Precondition { name }));
        }
        Ok(list) => list.tree().ok(),
        // A blob of another kind has no blocks, and a signature may not allow to list them.
        Err(StoreError::Denied { .. } | StoreError::Protocol { .. }) => None,
        Err(cause) => return Err(job.failed(cause)),
    };
    Plan::new(download, tree, &job.cut).map_err(|error| match error {
        PlanError::Contradiction => job.damaged(),
        PlanError::TooLarge => job.too_large(),
    })
}

/// A file that arrives.
struct Arrival {
    job: Arc<Job>,
    plan: Arc<Plan>,
    part: Arc<Part>,
    notes: Arc<Mutex<Notes>>,
    done: Done,
    /// Bytes that an earlier run had received.
    kept: u64,
    ranges: JoinSet<Result<u64, Halt>>,
    /// Ranges that are written and not noted.
    unnoted: Vec<u64>,
    noting: Option<JoinHandle<Result<(), Halt>>>,
}

impl Arrival {
    /// Opens the unfinished file, and goes on with what is in it if that is wanted and possible.
    async fn begin(job: &Arc<Job>, plan: &Arc<Plan>, resume: bool) -> Result<Self, Halt> {
        let context = Arc::clone(&job.context);
        let (job, plan) = (Arc::clone(job), Arc::clone(plan));
        blocking(&context, move || {
            let part = Part::open(&job.download.target)?;
            let subject = Subject::new(&job.download, plan.range);
            let mut notes = Notes::new(part.notes(), subject.clone());
            let mut done = Done::none(plan.count());
            if resume {
                done = found(&job, &plan, &part, &mut notes)?;
            }
            let held = done.ranges(true);
            if held.is_empty() {
                part.empty()?;
                notes = Notes::new(part.notes(), subject);
            }
            Ok(Self {
                kept: held.into_iter().map(|index| plan.length(index)).sum(),
                job,
                plan,
                part: Arc::new(part),
                notes: Arc::new(Mutex::new(notes)),
                done,
                ranges: JoinSet::new(),
                unnoted: Vec::new(),
                noting: None,
            })
        })
        .await
    }

    async fn run(mut self) -> Result<Arrived, Halt> {
        match self.arrive().await {
            Ok(whole) => Ok(Arrived {
                whole,
                kept: self.kept,
            }),
            Err(halt) => {
                if let Err(error) = self.leave(halt.is_final()).await {
                    tracing::debug!(?error, "an unfinished download may have to be begun anew");
                }
                Err(halt)
            }
        }
    }

    /// Leaves the unfinished file to a later run, or removes it when it is of no use to one.
    async fn leave(mut self, is_final: bool) -> Result<(), Halt> {
        let noted = self.noted().await;
        if is_final {
            let part = Arc::clone(&self.part);
            return blocking(&self.job.context, move || {
                part.discard();
                Ok(())
            })
            .await;
        }
        noted?;
        self.note();
        self.noted().await
    }

    /// Brings what is missing, and puts the file in its place when it is right.
    async fn arrive(&mut self) -> Result<Whole, Halt> {
        let (ready, following) = watch::channel(self.ready());
        let following = {
            let (job, plan) = (Arc::clone(&self.job), Arc::clone(&self.plan));
            let (part, threads) = (Arc::clone(&self.part), &self.job.context.threads);
            threads.spawn_blocking(move || follow(&job, &plan, &part, following))
        };
        let brought = self.bring_all(&ready).await;
        drop(ready);
        let whole = join(following.await);
        brought?;
        let whole = whole?;
        self.noted().await?;
        if !self.plan.proof.holds(&whole) {
            return Err(match self.kept {
                0 => self.job.damaged(),
                _ => Halt::Stale,
            });
        }
        let part = Arc::clone(&self.part);
        let placing = blocking(&self.job.context, move || Ok(part.put_in_place(true)?));
        placing.await?;
        Ok(whole)
    }

    /// How many bytes from the first on are written.
    fn ready(&self) -> u64 {
        self.plan.bytes(self.done.prefix()).start
    }

    /// Brings what is missing. After a failure what is under way is finished, and nothing new is begun.
    async fn bring_all(&mut self, ready: &watch::Sender<u64>) -> Result<(), Halt> {
        let mut missing = self.done.ranges(false).into_iter();
        let mut outcome = Ok(());
        loop {
            while outcome.is_ok()
                && self.ranges.len() < AT_ONCE
                && let Some(index) = missing.next()
            {
                let (job, plan) = (Arc::clone(&self.job), Arc::clone(&self.plan));
                self.ranges
                    .spawn(bring(job, plan, Arc::clone(&self.part), index));
            }
            let Some(brought) = self.ranges.join_next().await else {
                return outcome;
            };
            match join(brought) {
                Ok(index) => {
                    self.done.add(index);
                    self.unnoted.push(index);
                    ready.send_replace(self.ready());
                    outcome = outcome.and(self.note_when_due().await);
                }
                Err(halt) => outcome = outcome.and(Err(halt)),
            }
        }
    }

    /// Notes what was written, when that is much. A disk that is slower than the network is waited for, so that a
    /// killed run loses little.
    async fn note_when_due(&mut self) -> Result<(), Halt> {
        let is_noting = self.noting.as_ref().is_some_and(|it| !it.is_finished());
        let bytes = self.plan.range.saturating_mul(self.unnoted.len() as u64);
        let due = self.job.cut.flush * if is_noting { 2 } else { 1 };
        if bytes < due {
            return Ok(());
        }
        self.noted().await?;
        self.note();
        Ok(())
    }

    /// Begins to note what was written, once that is on the disk.
    fn note(&mut self) {
        let ranges = std::mem::take(&mut self.unnoted);
        if ranges.is_empty() {
            return;
        }
        let (part, notes) = (Arc::clone(&self.part), Arc::clone(&self.notes));
        let threads = &self.job.context.threads;
        self.noting = Some(threads.spawn_blocking(move || {
            part.sync_data()?;
            let mut notes = notes.lock().unwrap_or_else(PoisonError::into_inner);
            notes
                .add(&ranges)
                .map_err(|cause| write_error(part.notes(), cause))?;
            Ok(())
        }));
    }

    /// Waits until what is being noted is noted.
    async fn noted(&mut self) -> Result<(), Halt> {
        match self.noting.take() {
            Some(noting) => join(noting.await),
            None => Ok(()),
        }
    }
}

/// The ranges that an earlier run left, when they are of this very blob.
fn found(job: &Job, plan: &Plan, part: &Part, notes: &mut Notes) -> Result<Done, Halt> {
    let ranges = notes
        .resume()
        .map_err(|cause| write_error(&job.download.target, cause))?;
    let end = ranges
        .iter()
        .map(|range| plan.bytes(*range.end()).end)
        .max();
    if part.length()? < end.unwrap_or_default() {
        return Ok(Done::none(plan.count()));
    }
    Ok(Done::of(plan.count(), ranges))
}

/// Brings one range, and writes it when it is right.
async fn bring(job: Arc<Job>, plan: Arc<Plan>, part: Arc<Part>, index: u64) -> Result<u64, Halt> {
    let length = plan.length(index);
    let reservation = job.context.buffers.reserve(length).await;
    let reservation = reservation.map_err(|_| Halt::Stopped)?;
    let length = usize::try_from(length).map_err(|_| job.too_large())?;
    let mut buffer = job.context.buffers.take(length, reservation);
    for _ in 0..TRIES {
        if fetch(&job, &plan, index, &mut buffer).await? {
            let (plan, part) = (Arc::clone(&plan), Arc::clone(&part));
            let writing = blocking(&job.context, move || write(&plan, &part, index, buffer));
            match writing.await? {
                None => return Ok(index),
                Some(again) => buffer = again,
            }
        }
    }
    Err(job.damaged())
}

/// Fetches a range; tells whether it may be right.
async fn fetch(job: &Job, plan: &Plan, index: u64, buffer: &mut Buffer) -> Result<bool, Halt> {
    let pass = job.context.requests.pass().await;
    job.check_going()?;
    let bytes = buffer.as_mut_slice();
    let length = bytes.len() as u64;
    let fetch = Fetch::new(job, plan.bytes(index).start, bytes);
    let outcome = fetch.checked(plan.wants_checksums()).run().await;
    pass.done(length, &outcome);
    match outcome {
        Ok(()) => Ok(true),
        Err(StoreError::Corrupt { .. }) => Ok(false),
        Err(cause) => Err(job.failed(cause)),
    }
}

/// Writes a range if it is right; gives the buffer back if not.
fn write(plan: &Plan, part: &Part, index: u64, buffer: Buffer) -> Result<Option<Buffer>, Halt> {
    if !plan.is_right(index, buffer.as_ref()) {
        return Ok(Some(buffer));
    }
    part.write_at(buffer.as_ref(), plan.bytes(index).start)?;
    Ok(None)
}

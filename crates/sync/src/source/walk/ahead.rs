//! Who looks at what, ahead of the walk: always at what comes next in order, never further ahead than allowed.
//!
//! A step has a position: the children, by number, that lead to it from the root. Positions compare as the walk goes, so
//! the first of those that nobody has claimed is the one that will be wanted first. The walk itself waits for nothing
//! but a step that somebody is at: it cannot be kept waiting by the limit.

use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};

use super::listing::{Found, Listing, Step};

/// Where a step stands in the walk.
pub(super) type Position = Vec<usize>;

/// What the threads of a walk share.
#[derive(Debug)]
pub(super) struct Ahead {
    most: usize,
    state: Mutex<State>,
    /// There may be something to claim, or nothing will ever be.
    claimable: Condvar,
    /// A step was finished, or none will ever be.
    finished: Condvar,
}

#[derive(Debug, Default)]
struct State {
    /// Directories with steps that nobody has claimed, by the position of the first of those.
    open: BTreeMap<Position, Arc<Listing>>,
    /// Steps that somebody is at, or that were found and not taken yet.
    claimed: HashMap<Position, Claimed>,
    /// How many entries are held ahead of the walk.
    entries: usize,
    stopped: bool,
}

#[derive(Debug)]
enum Claimed {
    UnderWay,
    /// With the entries that it holds.
    Found(Found, usize),
}

/// A step for one thread to look at.
#[derive(Debug)]
pub(super) struct Task {
    position: Position,
    pub(super) listing: Arc<Listing>,
    pub(super) step: Step,
}

/// How a step stands when its turn has come.
#[derive(Debug)]
pub(super) enum Turn {
    /// It was looked at.
    Found(Found),
    /// Nobody has looked, and nobody will.
    Open,
    Stopped,
}

impl Ahead {
    pub(super) fn new(most: usize) -> Self {
        Self {
            most,
            state: Mutex::default(),
            claimable: Condvar::new(),
            finished: Condvar::new(),
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The next step to look at, once there is one and it is not too far ahead; none when the walk is over.
    pub(super) fn claim(&self) -> Option<Task> {
        let mut state = self
            .claimable
            .wait_while(self.state(), |state| {
                !state.stopped && !state.can_claim(self.most)
            })
            .unwrap_or_else(PoisonError::into_inner);
        if state.stopped {
            return None;
        }
        let task = state.claim_first()?;
        state.entries += task.step.len();
        let is_more = state.can_claim(self.most);
        drop(state);
        if is_more {
            self.claimable.notify_one();
        }
        Some(task)
    }

    /// Hands over what a step came to.
    pub(super) fn finish(&self, task: Task, found: Found) {
        let mut state = self.state();
        let mut entries = task.step.len();
        if let Some(listing) = &found.directory {
            entries += listing.len();
            state.entries += listing.len();
            state.open(&task.position, listing);
        }
        let found = Claimed::Found(found, entries);
        state.claimed.insert(task.position, found);
        drop(state);
        self.finished.notify_one();
        self.claimable.notify_one();
    }

    /// Lets the steps of a directory that the walk has listed itself be claimed.
    pub(super) fn open(&self, position: &Position, listing: &Arc<Listing>) {
        self.state().open(position, listing);
        self.claimable.notify_one();
    }

    /// Takes the step whose turn has come, waiting for whoever is at it.
    pub(super) fn turn(&self, position: &Position) -> Turn {
        let mut state = self
            .finished
            .wait_while(self.state(), |state| {
                !state.stopped && matches!(state.claimed.get(position), Some(Claimed::UnderWay))
            })
            .unwrap_or_else(PoisonError::into_inner);
        if state.stopped {
            return Turn::Stopped;
        }
        match state.claimed.remove(position) {
            Some(Claimed::Found(found, entries)) => {
                state.entries -= entries;
                let is_more = state.can_claim(self.most);
                drop(state);
                if is_more {
                    self.claimable.notify_one();
                }
                if found.is_too_large {
                    Turn::Open
                } else {
                    Turn::Found(found)
                }
            }
            Some(Claimed::UnderWay) | None => {
                // All before it were taken, so it is the first of those that can be claimed.
                let task = state.claim_first();
                debug_assert_eq!(task.as_ref().map(|task| &task.position), Some(position));
                state.claimed.remove(position);
                Turn::Open
            }
        }
    }

    /// Ends the walk: nobody waits any more.
    fn stop(&self) {
        self.state().stopped = true;
        self.claimable.notify_all();
        self.finished.notify_all();
    }

    /// Ends the walk when what comes back goes.
    pub(super) const fn stop_on_drop(&self) -> Stop<'_> {
        Stop {
            ahead: self,
            only_on_panic: false,
        }
    }

    /// Ends the walk when its thread panics: nobody must wait for what that was at.
    pub(super) const fn stop_on_panic(&self) -> Stop<'_> {
        Stop {
            ahead: self,
            only_on_panic: true,
        }
    }
}

/// Ends the walk when it goes.
#[derive(Debug)]
pub(super) struct Stop<'a> {
    ahead: &'a Ahead,
    only_on_panic: bool,
}

impl Drop for Stop<'_> {
    fn drop(&mut self) {
        if !self.only_on_panic || std::thread::panicking() {
            self.ahead.stop();
        }
    }
}

impl State {
    fn can_claim(&self, most: usize) -> bool {
        !self.open.is_empty() && self.entries < most
    }

    fn open(&mut self, position: &Position, listing: &Arc<Listing>) {
        if listing.step(0).is_some() {
            let first = position.iter().copied().chain([0]).collect();
            self.open.insert(first, Arc::clone(listing));
        }
    }

    /// Claims the first step that nobody has claimed.
    fn claim_first(&mut self) -> Option<Task> {
        let (position, listing) = self.open.pop_first()?;
        let step = listing.step(*position.last()?)?;
        if listing.step(step.end()).is_some() {
            let mut next = position.clone();
            next.pop();
            next.push(step.end());
            self.open.insert(next, Arc::clone(&listing));
        }
        self.claimed.insert(position.clone(), Claimed::UnderWay);
        Some(Task {
            position,
            listing,
            step,
        })
    }
}

#[cfg(test)]
impl Ahead {
    pub(super) fn is_claimable(&self) -> bool {
        self.state().can_claim(self.most)
    }

    pub(super) fn entries(&self) -> usize {
        self.state().entries
    }
}

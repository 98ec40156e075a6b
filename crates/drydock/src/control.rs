//! Making a stand-in fail on demand, and counting what it was asked.
//!
//! In the same process one holds a [`Control`]; another process talks JSON to `/_drydock/…` on the same port.

mod counters;
mod fault;
mod fault_book;
mod http_api;

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::time::Duration;

pub(crate) use self::counters::Tally;
pub use self::counters::{Counters, OperationCounters};
pub use self::fault::{Fault, FaultAction};
pub(crate) use self::fault_book::{FaultBook, Plan};
pub use self::fault_book::{FaultId, PlannedFault};
pub(crate) use self::http_api::{PREFIX, SEED, answer, seeded};
use crate::time::LeaseTime;

/// A handle to the faults and counters of a stand-in; clones share one state.
#[derive(Debug, Clone, Default)]
pub struct Control(Arc<Inner>);

#[derive(Debug, Default)]
struct Inner {
    faults: FaultBook,
    tally: Tally,
    lease_time: LeaseTime,
    list_page_limit: AtomicU32,
    empty_pages: AtomicBool,
}

impl Control {
    /// Plans a fault.
    pub fn add_fault(&self, fault: Fault) -> FaultId {
        self.0.faults.add(fault)
    }

    /// Takes a fault back; whether it was still planned.
    pub fn remove_fault(&self, id: FaultId) -> bool {
        self.0.faults.remove(id)
    }

    /// Takes all faults back.
    pub fn clear_faults(&self) {
        self.0.faults.clear();
    }

    /// The planned faults, and how often each was met.
    pub fn faults(&self) -> Vec<PlannedFault> {
        self.0.faults.list()
    }

    /// What was asked since the start or the last reset.
    pub fn counters(&self) -> Counters {
        self.0.tally.snapshot()
    }

    /// Starts counting from zero.
    pub fn reset_counters(&self) {
        self.0.tally.reset();
    }

    /// Answers listings in pages of at most `limit` items, whatever the client asks for; zero lifts the limit.
    pub fn set_list_page_limit(&self, limit: u32) {
        self.0.list_page_limit.store(limit, Ordering::Relaxed);
    }

    /// Puts an empty page before each page of a blob listing, as the service may do.
    pub fn set_empty_pages(&self, empty: bool) {
        self.0.empty_pages.store(empty, Ordering::Relaxed);
    }

    /// Moves the time by which leases run out ahead, so that nobody has to wait for it.
    pub fn advance_leases(&self, by: Duration) {
        self.0.lease_time.advance(by);
    }

    pub(crate) fn lease_time(&self) -> &LeaseTime {
        &self.0.lease_time
    }

    /// The most items of a listing's page.
    pub(crate) fn page_limit(&self, asked: usize) -> usize {
        match self.0.list_page_limit.load(Ordering::Relaxed) {
            0 => asked,
            limit => asked.min(limit as usize),
        }
    }

    /// Whether an empty page comes before each page.
    pub(crate) fn empty_pages(&self) -> bool {
        self.0.empty_pages.load(Ordering::Relaxed)
    }

    pub(crate) fn tally(&self) -> &Tally {
        &self.0.tally
    }

    pub(crate) fn fault_book(&self) -> &FaultBook {
        &self.0.faults
    }
}

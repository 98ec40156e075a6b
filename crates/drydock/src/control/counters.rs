//! Counting requests, bytes and answers by operation.

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use serde::{Deserialize, Serialize};

use crate::operation::Operation;

/// What was asked of a stand-in, by operation; only operations that were asked at all are in it.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Counters {
    /// By operation.
    pub operations: BTreeMap<Operation, OperationCounters>,
}

/// What was asked of one operation.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct OperationCounters {
    /// Requests whose head was understood, whatever became of them.
    pub requests: u64,
    /// Bytes of request bodies that arrived, whatever became of them.
    pub bytes_in: u64,
    /// Bytes of answer bodies that were handed to the connection.
    pub bytes_out: u64,
    /// Bytes of request bodies whose work was done, even if the answer was lost.
    pub accepted_bytes: u64,
    /// Connections that were cut instead of answered, by a fault or by the client.
    pub cut: u64,
    /// The most requests that were under way at once, from head to answer.
    pub peak: u64,
    /// Answers by status.
    pub statuses: BTreeMap<u16, u64>,
}

impl Counters {
    /// The counters of one operation.
    pub fn of(&self, operation: Operation) -> OperationCounters {
        self.operations.get(&operation).cloned().unwrap_or_default()
    }

    /// The requests of one operation.
    pub fn requests(&self, operation: Operation) -> u64 {
        self.operations
            .get(&operation)
            .map_or(0, |counters| counters.requests)
    }

    /// All requests.
    pub fn total_requests(&self) -> u64 {
        self.operations
            .values()
            .map(|counters| counters.requests)
            .sum()
    }

    /// The requests that write: everything but reads and listings.
    pub fn writes(&self) -> u64 {
        let reads = |operation: &Operation| {
            operation.name().starts_with("Get") || operation.name().starts_with("List")
        };
        self.operations
            .iter()
            .filter(|(operation, _)| !reads(operation))
            .map(|(_, counters)| counters.requests)
            .sum()
    }
}

/// The running counts.
#[derive(Debug, Default)]
pub(crate) struct Tally {
    counters: Mutex<BTreeMap<Operation, OperationCounters>>,
    under_way: Mutex<BTreeMap<Operation, u64>>,
}

/// A request between its head and its answer.
#[derive(Debug)]
pub(crate) struct UnderWay<'a> {
    tally: &'a Tally,
    operation: Operation,
}

impl Drop for UnderWay<'_> {
    fn drop(&mut self) {
        if let Some(count) = lock(&self.tally.under_way).get_mut(&self.operation) {
            *count -= 1;
        }
    }
}

impl Tally {
    pub(crate) fn request(&self, operation: Operation) -> UnderWay<'_> {
        let now = {
            let mut under_way = lock(&self.under_way);
            let count = under_way.entry(operation).or_default();
            *count += 1;
            *count
        };
        self.with(operation, |counters| {
            counters.requests += 1;
            counters.peak = counters.peak.max(now);
        });
        UnderWay {
            tally: self,
            operation,
        }
    }

    pub(crate) fn received(&self, operation: Operation, bytes: u64) {
        self.with(operation, |counters| counters.bytes_in += bytes);
    }

    pub(crate) fn accepted(&self, operation: Operation, bytes: u64) {
        self.with(operation, |counters| counters.accepted_bytes += bytes);
    }

    pub(crate) fn answered(&self, operation: Operation, status: u16) {
        self.with(operation, |counters| {
            *counters.statuses.entry(status).or_default() += 1;
        });
    }

    pub(crate) fn sent(&self, operation: Operation, bytes: u64) {
        self.with(operation, |counters| counters.bytes_out += bytes);
    }

    pub(crate) fn cut(&self, operation: Operation) {
        self.with(operation, |counters| counters.cut += 1);
    }

    pub(crate) fn snapshot(&self) -> Counters {
        Counters {
            operations: lock(&self.counters).clone(),
        }
    }

    pub(crate) fn reset(&self) {
        lock(&self.counters).clear();
    }

    fn with(&self, operation: Operation, change: impl FnOnce(&mut OperationCounters)) {
        change(lock(&self.counters).entry(operation).or_default());
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

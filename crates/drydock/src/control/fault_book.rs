//! The faults that are planned, and what they do to the request that has just come.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use http::StatusCode;
use serde::{Deserialize, Serialize};

use super::fault::{Fault, FaultAction};
use crate::failure::{Code, Failure};
use crate::operation::Operation;

/// Names a planned fault.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct FaultId(pub(super) u64);

/// A planned fault, and how often it was met.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PlannedFault {
    /// For taking it back.
    pub id: FaultId,
    /// What was planned.
    pub fault: Fault,
    /// Requests that it concerns.
    pub seen: u64,
    /// Requests that met it.
    pub met: u64,
}

/// All planned faults.
#[derive(Debug, Default)]
pub(crate) struct FaultBook {
    /// So that a stand-in without faults takes no lock.
    any: AtomicBool,
    page: Mutex<Page>,
}

#[derive(Debug, Default)]
struct Page {
    next: u64,
    armed: Vec<Armed>,
}

#[derive(Debug)]
struct Armed {
    planned: PlannedFault,
    /// The second that is running, and the requests in it.
    window: Option<(Instant, u64)>,
}

impl FaultBook {
    pub(crate) fn add(&self, fault: Fault) -> FaultId {
        let mut page = self.page();
        page.next += 1;
        let id = FaultId(page.next);
        let planned = PlannedFault {
            id,
            fault,
            seen: 0,
            met: 0,
        };
        page.armed.push(Armed {
            planned,
            window: None,
        });
        self.any.store(true, Ordering::Release);
        id
    }

    pub(crate) fn remove(&self, id: FaultId) -> bool {
        let mut page = self.page();
        let before = page.armed.len();
        page.armed.retain(|armed| armed.planned.id != id);
        self.any.store(!page.armed.is_empty(), Ordering::Release);
        page.armed.len() < before
    }

    pub(crate) fn clear(&self) {
        self.page().armed.clear();
        self.any.store(false, Ordering::Release);
    }

    pub(crate) fn list(&self) -> Vec<PlannedFault> {
        let page = self.page();
        page.armed
            .iter()
            .map(|armed| armed.planned.clone())
            .collect()
    }

    /// What happens to the request that has just come.
    pub(crate) fn plan(&self, operation: Operation, name: &str) -> Plan {
        let mut plan = Plan::default();
        if !self.any.load(Ordering::Acquire) {
            return plan;
        }
        let now = Instant::now();
        for armed in &mut self.page().armed {
            if armed.planned.fault.concerns(operation, name) {
                armed.meet(now, &mut plan);
            }
        }
        plan
    }

    fn page(&self) -> MutexGuard<'_, Page> {
        self.page.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Armed {
    fn meet(&mut self, now: Instant, plan: &mut Plan) {
        let planned = &mut self.planned;
        planned.seen += 1;
        if !planned.fault.is_due(planned.seen, planned.met) {
            return;
        }
        if let FaultAction::Throttle { per_second } = planned.fault.action {
            let (start, count) = self.window.get_or_insert((now, 0));
            if now.duration_since(*start) >= Duration::from_secs(1) {
                (*start, *count) = (now, 0);
            }
            *count += 1;
            if *count <= per_second {
                return;
            }
        }
        planned.met += 1;
        plan.add(&planned.fault.action);
    }
}

/// What happens to one request.
#[derive(Debug, Clone, Default)]
pub(crate) struct Plan {
    /// Wait so long first.
    pub(crate) delay: Duration,
    /// Refuse it.
    pub(crate) refusal: Option<Failure>,
    /// Reset after so many bytes of the request's body.
    pub(crate) reset_after: Option<u64>,
    /// Flip a bit of the request's body.
    pub(crate) corrupt_at: Option<u64>,
    /// Reset instead of answering.
    pub(crate) lose_answer: bool,
    /// End the connection after so many bytes of the answer's body.
    pub(crate) cut_answer_after: Option<u64>,
    /// Flip a bit of the answer's body.
    pub(crate) corrupt_answer_at: Option<u64>,
}

impl Plan {
    /// Of two actions of one kind the first one planned counts; delays add up.
    fn add(&mut self, action: &FaultAction) {
        match action {
            FaultAction::Status {
                status,
                code,
                retry_after,
            } => {
                let refusal = injected(*status, code, *retry_after);
                self.refusal.get_or_insert(refusal);
            }
            FaultAction::Reset { after_bytes } => {
                self.reset_after.get_or_insert(*after_bytes);
            }
            FaultAction::CutAnswer { after_bytes } => {
                self.cut_answer_after.get_or_insert(*after_bytes);
            }
            FaultAction::Delay { milliseconds } => {
                self.delay += Duration::from_millis(*milliseconds);
            }
            FaultAction::LoseAnswer => self.lose_answer = true,
            FaultAction::Corrupt { at } => {
                self.corrupt_at.get_or_insert(*at);
            }
            FaultAction::CorruptAnswer { at } => {
                self.corrupt_answer_at.get_or_insert(*at);
            }
            FaultAction::Throttle { .. } => {
                let mut refusal = Failure::of(Code::ServerBusy);
                refusal.retry_after = Some(1);
                self.refusal.get_or_insert(refusal);
            }
        }
    }
}

fn injected(status: u16, code: &str, retry_after: Option<u64>) -> Failure {
    Failure {
        status: StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR),
        code: code.to_owned().into(),
        message: "Drydock was told to refuse this request.".into(),
        retry_after,
        header: None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn met(fault: Fault, requests: u64) -> Vec<u64> {
        let book = FaultBook::default();
        book.add(fault);
        (1..=requests)
            .filter(|_| {
                book.plan(Operation::PutBlock, "library/a")
                    .refusal
                    .is_some()
            })
            .collect()
    }

    #[test]
    fn the_right_requests_meet_a_fault() {
        let fault = || Fault::status(503, "ServerBusy");
        assert_eq!(met(fault().nth(3), 6), [3]);
        assert_eq!(met(fault().every(2), 6), [2, 4, 6]);
        assert_eq!(met(fault().every(2).times(2), 6), [2, 4]);
        assert_eq!(met(fault().times(1), 3), [1]);
        assert_eq!(met(fault().on(Operation::PutBlob), 3), [0; 0]);
        assert_eq!(met(fault().name_contains("y/b"), 3), [0; 0]);
        assert_eq!(met(fault().name_contains("y/a"), 1), [1]);
        assert_eq!(met(Fault::throttle(2), 4), [3, 4]);
    }
}

//! Faults: which requests meet them, and what happens then.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use http::StatusCode;
use serde::{Deserialize, Serialize};

use crate::failure::{Code, Failure};
use crate::operation::Operation;

/// A planned fault: which requests, and what happens to them.
///
/// ```
/// use longshore_drydock::{Fault, Operation};
///
/// let third_block_is_lost = Fault::status(503, "ServerBusy").on(Operation::PutBlock).nth(3);
/// let slow = Fault::delay(std::time::Duration::from_millis(20));
/// let flaky = Fault::lose_answer().every(7).times(2);
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Fault {
    /// Only requests of this operation; `"*"` or nothing in JSON means all.
    #[serde(default, with = "any_operation")]
    pub operation: Option<Operation>,
    /// Only requests for blobs or containers whose name contains this.
    #[serde(default)]
    pub name_contains: Option<String>,
    /// Only the n-th such request, counted from one.
    #[serde(default)]
    pub nth: Option<u64>,
    /// Only each n-th such request.
    #[serde(default)]
    pub every: Option<u64>,
    /// At most so often.
    #[serde(default)]
    pub times: Option<u64>,
    /// What happens.
    pub action: FaultAction,
}

/// What happens to a request that meets a fault.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "do", rename_all = "kebab-case", deny_unknown_fields)]
pub enum FaultAction {
    /// It is refused, and nothing is done.
    Status {
        /// The HTTP status.
        status: u16,
        /// The `x-ms-error-code`.
        code: String,
        /// Seconds for a `Retry-After` header.
        #[serde(default)]
        retry_after: Option<u64>,
    },
    /// The connection is reset after so many bytes of the request's body, and nothing is done.
    Reset {
        /// Zero resets before the body; more than there are, after it.
        #[serde(default)]
        after_bytes: u64,
    },
    /// The work is done, and the connection ends after so many bytes of the answer's body.
    CutAnswer {
        /// Counted in the body.
        #[serde(default)]
        after_bytes: u64,
    },
    /// It waits, then goes on.
    Delay {
        /// How long.
        milliseconds: u64,
    },
    /// The work is done, and the connection is reset instead of an answer.
    LoseAnswer,
    /// One bit of the request's body is flipped before anybody looks at it, as a bad cable would.
    Corrupt {
        /// Which byte; the last one if there are not so many.
        #[serde(default)]
        at: u64,
    },
    /// One bit of the answer's body is flipped.
    CorruptAnswer {
        /// Which byte.
        #[serde(default)]
        at: u64,
    },
    /// More requests a second than this are refused with 503 `ServerBusy`.
    Throttle {
        /// How many are served in each second.
        per_second: u64,
    },
}

impl Fault {
    /// All requests meet `action`, until narrowed down.
    pub const fn new(action: FaultAction) -> Self {
        Self {
            operation: None,
            name_contains: None,
            nth: None,
            every: None,
            times: None,
            action,
        }
    }

    /// Refuse.
    pub fn status(status: u16, code: &str) -> Self {
        Self::new(FaultAction::Status {
            status,
            code: code.to_owned(),
            retry_after: None,
        })
    }

    /// Reset the connection after so many bytes of the request's body.
    pub const fn reset(after_bytes: u64) -> Self {
        Self::new(FaultAction::Reset { after_bytes })
    }

    /// End the connection after so many bytes of the answer's body.
    pub const fn cut_answer(after_bytes: u64) -> Self {
        Self::new(FaultAction::CutAnswer { after_bytes })
    }

    /// Wait before going on.
    pub fn delay(delay: Duration) -> Self {
        let milliseconds = u64::try_from(delay.as_millis()).unwrap_or(u64::MAX);
        Self::new(FaultAction::Delay { milliseconds })
    }

    /// Do the work, then reset the connection.
    pub const fn lose_answer() -> Self {
        Self::new(FaultAction::LoseAnswer)
    }

    /// Flip a bit of the request's body.
    pub const fn corrupt(at: u64) -> Self {
        Self::new(FaultAction::Corrupt { at })
    }

    /// Flip a bit of the answer's body.
    pub const fn corrupt_answer(at: u64) -> Self {
        Self::new(FaultAction::CorruptAnswer { at })
    }

    /// Refuse what exceeds so many requests a second.
    pub const fn throttle(per_second: u64) -> Self {
        Self::new(FaultAction::Throttle { per_second })
    }

    /// Only requests of this operation.
    pub fn on(mut self, operation: Operation) -> Self {
        self.operation = Some(operation);
        self
    }

    /// Only requests for blobs or containers whose name contains this.
    pub fn name_contains(mut self, part: &str) -> Self {
        self.name_contains = Some(part.to_owned());
        self
    }

    /// Only the n-th such request, counted from one.
    pub fn nth(mut self, nth: u64) -> Self {
        self.nth = Some(nth);
        self
    }

    /// Only each n-th such request.
    pub fn every(mut self, every: u64) -> Self {
        self.every = Some(every);
        self
    }

    /// At most so often.
    pub fn times(mut self, times: u64) -> Self {
        self.times = Some(times);
        self
    }

    fn concerns(&self, operation: Operation, name: &str) -> bool {
        let operation = self.operation.is_none_or(|only| only == operation);
        operation
            && self
                .name_contains
                .as_ref()
                .is_none_or(|part| name.contains(part.as_str()))
    }

    fn is_due(&self, seen: u64, met: u64) -> bool {
        self.nth.is_none_or(|nth| nth == seen)
            && self
                .every
                .is_none_or(|every| every > 0 && seen.is_multiple_of(every))
            && self.times.is_none_or(|times| met < times)
    }
}

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

/// `"*"` for all operations.
mod any_operation {
    use serde::de::IntoDeserializer;
    use serde::{Deserialize, Deserializer, Serialize, Serializer};

    use crate::operation::Operation;

    #[expect(clippy::ref_option, reason = "serde calls it so")]
    pub(super) fn serialize<S: Serializer>(
        operation: &Option<Operation>,
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        match operation {
            Some(operation) => operation.serialize(serializer),
            None => serializer.serialize_str("*"),
        }
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<Option<Operation>, D::Error> {
        let name = String::deserialize(deserializer)?;
        if name == "*" {
            return Ok(None);
        }
        Operation::deserialize(name.into_deserializer()).map(Some)
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

    #[test]
    fn json_names_operations_and_actions() {
        let fault: Fault = serde_json::from_str(
            r#"{"operation":"PutBlock","nth":2,"action":{"do":"status","status":503,"code":"ServerBusy"}}"#,
        )
        .unwrap();
        assert_eq!(
            fault,
            Fault::status(503, "ServerBusy")
                .on(Operation::PutBlock)
                .nth(2)
        );
        let any: Fault =
            serde_json::from_str(r#"{"operation":"*","action":{"do":"lose-answer"}}"#).unwrap();
        assert_eq!(any, Fault::lose_answer());
        let written = serde_json::to_string(&any).unwrap();
        assert_eq!(serde_json::from_str::<Fault>(&written).unwrap(), any);
        assert!(
            serde_json::from_str::<Fault>(r#"{"operation":"Put","action":{"do":"lose-answer"}}"#)
                .is_err()
        );
    }
}

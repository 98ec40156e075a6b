//! What a fault is: which requests meet it, and what happens to them.

use std::time::Duration;

use serde::{Deserialize, Serialize};

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

    /// Whether it is about such a request.
    pub(super) fn concerns(&self, operation: Operation, name: &str) -> bool {
        let operation = self.operation.is_none_or(|only| only == operation);
        operation
            && self
                .name_contains
                .as_ref()
                .is_none_or(|part| name.contains(part.as_str()))
    }

    /// Whether the request that is the `seen`th of its kind meets it.
    pub(super) fn is_due(&self, seen: u64, met: u64) -> bool {
        self.nth.is_none_or(|nth| nth == seen)
            && self
                .every
                .is_none_or(|every| every > 0 && seen.is_multiple_of(every))
            && self.times.is_none_or(|times| met < times)
    }
}

/// `"*"` for all operations.
mod any_operation {
    use serde::de::IntoDeserializer;
    use serde::{Deserialize, Deserializer, Serialize, Serializer};

    use crate::operation::Operation;

    #[expect(
        clippy::ref_option,
        clippy::trivially_copy_pass_by_ref,
        reason = "serde calls it so"
    )]
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

//! Leases: who alone may write a blob or delete a container, and until when.
//!
//! The rules are the table "outcomes of use attempts by lease state" of the service's documents. Time is handed in.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use serde::{Deserialize, Serialize};

use crate::failure::{Code, Outcome};

/// A lease as it was last acquired, renewed, changed or broken.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Lease {
    #[serde(rename = "i")]
    id: Box<str>,
    /// In seconds; none: for ever.
    #[serde(rename = "d")]
    duration: Option<u64>,
    /// In milliseconds since 1970; none: never.
    #[serde(rename = "e")]
    ends: Option<u64>,
    /// Whether it was broken; then it ends for good.
    #[serde(rename = "b")]
    broken: bool,
}

/// What state a lease is in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum LeaseState {
    /// There is none.
    Available,
    /// Somebody holds it.
    Leased {
        /// Whether it never ends by itself.
        infinite: bool,
    },
    /// It ended by itself.
    Expired,
    /// It was broken, and still holds for a while.
    Breaking,
    /// It was broken.
    Broken,
}

impl LeaseState {
    /// The value of `x-ms-lease-state`.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Available => "available",
            Self::Leased { .. } => "leased",
            Self::Expired => "expired",
            Self::Breaking => "breaking",
            Self::Broken => "broken",
        }
    }

    /// The value of `x-ms-lease-status`.
    pub(crate) const fn status(self) -> &'static str {
        if self.is_active() {
            "locked"
        } else {
            "unlocked"
        }
    }

    /// The value of `x-ms-lease-duration`, which only a held lease has.
    pub(crate) const fn duration(self) -> Option<&'static str> {
        match self {
            Self::Leased { infinite: true } => Some("infinite"),
            Self::Leased { infinite: false } => Some("fixed"),
            _ => None,
        }
    }

    /// Whether it keeps others out.
    pub(crate) const fn is_active(self) -> bool {
        matches!(self, Self::Leased { .. } | Self::Breaking)
    }
}

/// What a lease is taken on: the codes of a refusal name it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum LeaseSubject {
    /// A blob.
    Blob,
    /// A container.
    Container,
}

impl LeaseSubject {
    const fn mismatch(self) -> Code {
        match self {
            Self::Blob => Code::LeaseIdMismatchWithBlobOperation,
            Self::Container => Code::LeaseIdMismatchWithContainerOperation,
        }
    }

    const fn not_present(self) -> Code {
        match self {
            Self::Blob => Code::LeaseNotPresentWithBlobOperation,
            Self::Container => Code::LeaseNotPresentWithContainerOperation,
        }
    }
}

/// What a client wants of a lease.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum LeaseAction {
    /// To hold it.
    Acquire {
        /// Its id, the client's own or a new one.
        id: String,
        /// In seconds; none: for ever.
        duration: Option<u64>,
    },
    /// To hold it for longer.
    Renew {
        /// Its id.
        id: String,
    },
    /// To give it another id.
    Change {
        /// Its id.
        id: String,
        /// Its new id.
        proposed: String,
    },
    /// To let it go.
    Release {
        /// Its id.
        id: String,
    },
    /// To end it without holding it.
    Break {
        /// How many seconds it may hold on at most; none: as long as it would have.
        period: Option<u64>,
    },
}

/// A lease, or that there is none, at a moment.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Holding<'a> {
    lease: Option<&'a Lease>,
    now: u64,
}

impl<'a> Holding<'a> {
    /// A lease at a moment.
    pub(crate) fn new(lease: Option<&'a Lease>, now: SystemTime) -> Self {
        let now = now.duration_since(UNIX_EPOCH).unwrap_or_default();
        Self {
            lease,
            now: u64::try_from(now.as_millis()).unwrap_or(u64::MAX),
        }
    }

    /// Its state.
    pub(crate) fn state(self) -> LeaseState {
        let Some(lease) = self.lease else {
            return LeaseState::Available;
        };
        let over = lease.ends.is_some_and(|ends| ends <= self.now);
        match (lease.broken, over) {
            (true, true) => LeaseState::Broken,
            (true, false) => LeaseState::Breaking,
            (false, true) => LeaseState::Expired,
            (false, false) => LeaseState::Leased {
                infinite: lease.ends.is_none(),
            },
        }
    }

    /// Whether a write by a client that shows this id goes on.
    pub(crate) fn check_write(self, given: Option<&str>, subject: LeaseSubject) -> Outcome<()> {
        if given.is_none() && self.state().is_active() {
            return Err(Code::LeaseIdMissing.into());
        }
        self.check_given(given, subject)
    }

    /// Whether an id that is shown is the right one; none need be.
    pub(crate) fn check_given(self, given: Option<&str>, subject: LeaseSubject) -> Outcome<()> {
        let Some(given) = given else {
            return Ok(());
        };
        if !self.state().is_active() {
            return Err(subject.not_present().into());
        }
        if !self.is(given) {
            return Err(subject.mismatch().into());
        }
        Ok(())
    }

    /// What becomes of the lease; none: there is none any more.
    pub(crate) fn apply(self, action: &LeaseAction) -> Outcome<Option<Lease>> {
        match action {
            LeaseAction::Acquire { id, duration } => self.acquire(id, *duration).map(Some),
            LeaseAction::Renew { id } => self.renew(id).map(Some),
            LeaseAction::Change { id, proposed } => self.change(id, proposed).map(Some),
            LeaseAction::Release { id } => {
                self.expect(id)?;
                Ok(None)
            }
            LeaseAction::Break { period } => self.break_in(*period).map(Some),
        }
    }

    fn acquire(self, id: &str, duration: Option<u64>) -> Outcome<Lease> {
        match self.state() {
            LeaseState::Leased { .. } if !self.is(id) => Err(Code::LeaseAlreadyPresent.into()),
            LeaseState::Breaking if self.is(id) => {
                Err(Code::LeaseIsBreakingAndCannotBeAcquired.into())
            }
            LeaseState::Breaking => Err(Code::LeaseAlreadyPresent.into()),
            _ => Ok(self.held(id, duration)),
        }
    }

    fn renew(self, id: &str) -> Outcome<Lease> {
        let lease = self.expect(id)?;
        if lease.broken {
            return Err(Code::LeaseIsBrokenAndCannotBeRenewed.into());
        }
        Ok(self.held(id, lease.duration))
    }

    fn change(self, id: &str, proposed: &str) -> Outcome<Lease> {
        let lease = self.lease.filter(|_| self.state().is_active());
        let lease = lease.ok_or(Code::LeaseNotPresentWithLeaseOperation)?;
        if !self.is(id) && !self.is(proposed) {
            return Err(Code::LeaseIdMismatchWithLeaseOperation.into());
        }
        if lease.broken {
            return Err(Code::LeaseIsBreakingAndCannotBeChanged.into());
        }
        Ok(Lease {
            id: proposed.into(),
            ..lease.clone()
        })
    }

    fn break_in(self, period: Option<u64>) -> Outcome<Lease> {
        let lease = self.lease.ok_or(Code::LeaseNotPresentWithLeaseOperation)?;
        let asked = period.map(|seconds| self.now.saturating_add(seconds * 1000));
        let ends = match (lease.ends, asked) {
            (Some(ends), Some(asked)) => ends.min(asked),
            (Some(ends), None) => ends,
            (None, asked) => asked.unwrap_or(self.now),
        };
        Ok(Lease {
            ends: Some(ends),
            broken: true,
            ..lease.clone()
        })
    }

    fn held(self, id: &str, duration: Option<u64>) -> Lease {
        Lease {
            id: id.into(),
            duration,
            ends: duration.map(|seconds| self.now + seconds * 1000),
            broken: false,
        }
    }

    fn expect(self, id: &str) -> Outcome<&'a Lease> {
        let lease = self.lease.filter(|_| self.is(id));
        Ok(lease.ok_or(Code::LeaseIdMismatchWithLeaseOperation)?)
    }

    /// Ids are GUIDs, which have no case.
    fn is(self, id: &str) -> bool {
        self.lease
            .is_some_and(|lease| lease.id.eq_ignore_ascii_case(id))
    }
}

impl Lease {
    /// Its id.
    pub(crate) fn id(&self) -> &str {
        &self.id
    }

    /// How long a broken lease still holds, in whole seconds.
    pub(crate) fn remaining(&self, now: SystemTime) -> u64 {
        let ends = UNIX_EPOCH + Duration::from_millis(self.ends.unwrap_or_default());
        let left = ends.duration_since(now).unwrap_or_default();
        left.as_secs() + u64::from(left.subsec_nanos() > 0)
    }
}

#[cfg(test)]
mod tests;

//! Taking, keeping and ending leases.

use std::time::SystemTime;

use super::blob::Sighting;
use super::blobs::BlobAddress;
use super::lease::{Holding, Lease, LeaseAction, LeaseState};
use super::record::Record;
use super::{ContainerInfo, Stamp, State, Store};
use crate::failure::{Code, Outcome};

/// What came of a lease request.
#[derive(Debug)]
pub(crate) struct LeaseResult {
    /// Of the blob or the container, which a lease does not change.
    pub(crate) modified: Stamp,
    /// The lease, if there still is one.
    pub(crate) lease: Option<Lease>,
    /// When.
    pub(crate) at: SystemTime,
}

impl Store {
    /// A committed blob and its lease.
    pub(crate) fn sight(&self, address: &BlobAddress) -> Outcome<Sighting> {
        let state = self.state();
        let blobs = &state.container(&address.container)?.blobs;
        let entry = blobs.get(address.name.as_str()).ok_or(Code::BlobNotFound)?;
        let blob = entry.committed.clone().ok_or(Code::BlobNotFound)?;
        let lease = entry.lease.clone();
        drop(state);
        Ok(Sighting::new(blob, lease, self.lease_time.now()))
    }

    /// What is known of a container, if `check` of its lease does not object.
    pub(crate) fn sight_container(
        &self,
        name: &str,
        check: impl FnOnce(Holding<'_>) -> Outcome<()>,
    ) -> Outcome<(ContainerInfo, LeaseState)> {
        let state = self.state();
        let container = state.container(name)?;
        let holding = container.holding(self.lease_time.now());
        check(holding)?;
        Ok((container.info.clone(), holding.state()))
    }

    /// Does what is wanted of a blob's lease, if `check` does not object.
    pub(crate) fn lease_blob(
        &self,
        address: &BlobAddress,
        action: &LeaseAction,
        check: impl FnOnce(Stamp) -> Outcome<()>,
    ) -> Outcome<LeaseResult> {
        let mut state = self.state();
        let at = self.lease_time.now();
        let standing = state.standing(address, at)?;
        let modified = standing.blob.ok_or(Code::BlobNotFound)?.modified;
        check(modified)?;
        let lease = standing.holding.apply(action)?;
        state.set_lease(address, lease.clone())?;
        Ok(LeaseResult {
            modified,
            lease,
            at,
        })
    }

    /// Does what is wanted of a container's lease, if `check` does not object.
    pub(crate) fn lease_container(
        &self,
        name: &str,
        action: &LeaseAction,
        check: impl FnOnce(Stamp) -> Outcome<()>,
    ) -> Outcome<LeaseResult> {
        let mut state = self.state();
        let at = self.lease_time.now();
        let container = state.container(name)?;
        let modified = container.info.modified;
        check(modified)?;
        let lease = container.holding(at).apply(action)?;
        let record = lease_record(name, None, lease.as_ref());
        state.journal.append(&record)?;
        if let Some(container) = state.containers.get_mut(name) {
            container.lease.clone_from(&lease);
        }
        Ok(LeaseResult {
            modified,
            lease,
            at,
        })
    }
}

impl State {
    /// A write ends for good what ended by itself: nobody can renew it any more.
    pub(super) fn end_idle_lease(&mut self, address: &BlobAddress, now: SystemTime) -> Outcome<()> {
        let state = self.standing(address, now)?.holding.state();
        if state == LeaseState::Available || state.is_active() {
            return Ok(());
        }
        self.set_lease(address, None)
    }

    fn set_lease(&mut self, address: &BlobAddress, lease: Option<Lease>) -> Outcome<()> {
        let record = lease_record(&address.container, Some(&address.name), lease.as_ref());
        self.journal.append(&record)?;
        if let Some(entry) = self.entry(address) {
            entry.lease = lease.map(Box::new);
        }
        Ok(())
    }
}

pub(super) fn lease_record<'a>(
    container: &'a str,
    name: Option<&'a str>,
    lease: Option<&Lease>,
) -> Record<'a> {
    Record::Lease {
        container: container.into(),
        name: name.map(Into::into),
        lease: lease.cloned(),
    }
}

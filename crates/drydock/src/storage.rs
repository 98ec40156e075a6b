//! Containers and blobs on disk, and the index of them in memory.
//!
//! It knows nothing of HTTP or of who asks. Operations hand in a check that runs under the lock, so that a condition
//! holds at the moment of the write.

mod attributes;
mod blob;
mod blobs;
mod container;
mod containers;
mod journal;
mod lease;
mod leases;
mod listing;
mod opening;
mod platform;
mod record;
mod seeding;
mod stamp;
mod vault;

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

pub(crate) use self::attributes::{Attributes, CopyMark, Property};
pub(crate) use self::blob::{Blob, Block, BlockId, Content, Sighting, Standing};
pub(crate) use self::blobs::{BlobAddress, BlockChoice, NamedBlock};
pub(crate) use self::container::{ContainerInfo, PublicAccess, StoredPolicy};
pub(crate) use self::lease::{Holding, LeaseAction, LeaseState, LeaseSubject};
pub(crate) use self::leases::LeaseResult;
pub(crate) use self::listing::{Item, ListQuery, Page};
pub(crate) use self::opening::OpenError;
pub(crate) use self::seeding::Sown;
pub(crate) use self::stamp::Stamp;
pub(crate) use self::vault::{Extent, ExtentReader, LargeWriter, SMALL, Vault};

use self::container::Container;
use self::journal::Journal;
use self::record::Record;
use self::stamp::Clock;
use crate::failure::{Code, Outcome};
use crate::time::LeaseTime;

/// The data of one account.
#[derive(Debug)]
pub(crate) struct Store {
    vault: Arc<Vault>,
    clock: Clock,
    lease_time: LeaseTime,
    state: Mutex<State>,
}

#[derive(Debug)]
struct State {
    containers: BTreeMap<String, Container>,
    /// The service properties as they were set, in XML.
    service: Option<String>,
    journal: Journal,
}

impl Store {
    /// Where bodies go.
    pub(crate) fn vault(&self) -> &Arc<Vault> {
        &self.vault
    }

    /// The service properties, if they were ever set.
    pub(crate) fn service_properties(&self) -> Option<String> {
        self.state().service.clone()
    }

    /// Keeps the service properties.
    pub(crate) fn set_service_properties(&self, xml: String) -> Outcome<()> {
        let mut state = self.state();
        state
            .journal
            .append(&Record::Service { xml: (&xml).into() })?;
        state.service = Some(xml);
        Ok(())
    }

    fn state(&self) -> MutexGuard<'_, State> {
        // A panic under the lock is a bug of one request; the index itself is changed in single steps.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    fn container(&self, name: &str) -> Outcome<&Container> {
        Ok(self.containers.get(name).ok_or(Code::ContainerNotFound)?)
    }
}

impl Drop for Store {
    fn drop(&mut self) {
        // The index lets every extent go now, and that must not remove the data.
        self.vault.close();
    }
}

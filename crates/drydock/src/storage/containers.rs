//! Creating, changing and deleting containers.

use std::collections::BTreeMap;
use std::ops::Bound;

use super::attributes::Attributes;
use super::container::{Container, ContainerInfo, PublicAccess};
use super::lease::{Holding, LeaseState};
use super::record::Record;
use super::{Stamp, Store};
use crate::failure::{Code, Outcome};

impl Store {
    /// Creates a container.
    pub(crate) fn create_container(
        &self,
        name: &str,
        attributes: Attributes,
        access: PublicAccess,
    ) -> Outcome<ContainerInfo> {
        let mut state = self.state();
        if state.containers.contains_key(name) {
            return Err(Code::ContainerAlreadyExists.into());
        }
        let info = ContainerInfo {
            modified: self.clock.now(),
            attributes,
            access,
            policies: Vec::new(),
        };
        state.journal.append(&Record::Container {
            container: name.into(),
            info: info.clone(),
        })?;
        let container = Container {
            info: info.clone(),
            lease: None,
            blobs: BTreeMap::new(),
        };
        state.containers.insert(name.to_owned(), container);
        Ok(info)
    }

    /// What is known of a container.
    pub(crate) fn container_info(&self, name: &str) -> Outcome<ContainerInfo> {
        Ok(self.state().container(name)?.info.clone())
    }

    /// Changes metadata or access, if `check` does not object.
    pub(crate) fn update_container(
        &self,
        name: &str,
        check: impl FnOnce(&ContainerInfo, Holding<'_>) -> Outcome<()>,
        change: impl FnOnce(&mut ContainerInfo),
    ) -> Outcome<Stamp> {
        let mut state = self.state();
        let container = state.container(name)?;
        let mut info = container.info.clone();
        check(&info, container.holding(self.lease_time.now()))?;
        change(&mut info);
        info.modified = self.clock.now();
        let modified = info.modified;
        state.journal.append(&Record::Container {
            container: name.into(),
            info: info.clone(),
        })?;
        if let Some(container) = state.containers.get_mut(name) {
            container.info = info;
        }
        Ok(modified)
    }

    /// Deletes a container and all in it.
    pub(crate) fn delete_container(
        &self,
        name: &str,
        check: impl FnOnce(&ContainerInfo, Holding<'_>) -> Outcome<()>,
    ) -> Outcome<()> {
        let mut state = self.state();
        let container = state.container(name)?;
        check(&container.info, container.holding(self.lease_time.now()))?;
        state.journal.append(&Record::DropContainer {
            container: name.into(),
        })?;
        let gone = state.containers.remove(name);
        drop(state);
        // Files are removed without the lock.
        drop(gone);
        Ok(())
    }

    /// The containers from a name on, at most `limit`, and the name to go on with.
    pub(crate) fn list_containers(
        &self,
        prefix: &str,
        from: &str,
        limit: usize,
    ) -> (Vec<(String, ContainerInfo, LeaseState)>, Option<String>) {
        let now = self.lease_time.now();
        let state = self.state();
        let start = prefix.max(from);
        let mut found = state
            .containers
            .range::<str, _>((Bound::Included(start), Bound::Unbounded))
            .take_while(|(name, _)| name.starts_with(prefix));
        let page = found
            .by_ref()
            .take(limit)
            .map(|(name, container)| {
                let lease = container.holding(now).state();
                (name.clone(), container.info.clone(), lease)
            })
            .collect();
        (page, found.next().map(|(name, _)| name.clone()))
    }
}

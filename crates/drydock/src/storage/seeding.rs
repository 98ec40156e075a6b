//! Filling containers with synthetic blobs, many at once.

use std::collections::HashMap;
use std::sync::Arc;

use super::Store;
use super::attributes::Attributes;
use super::blob::{Blob, Content, Entry};
use super::blobs::{BlobAddress, blob_record};
use super::vault::Extent;
use crate::failure::{Code, Outcome};
use crate::storage::PublicAccess;

/// A blob of zero bytes to be made.
#[derive(Debug)]
pub(crate) struct Sown {
    /// Its name; what is there already is replaced.
    pub(crate) address: BlobAddress,
    /// How many zero bytes.
    pub(crate) size: u64,
    /// Its properties and metadata.
    pub(crate) attributes: Attributes,
}

impl Store {
    /// Makes blobs, and the containers that they need.
    ///
    /// They cost what the index needs, a line of the journal, and no content; blobs of one size share one extent.
    pub(crate) fn sow(&self, sown: Vec<Sown>) -> Outcome<()> {
        let mut last = "";
        for container in sown.iter().map(|sown| &sown.address.container) {
            if container != last {
                self.ensure_container(container)?;
                last = container;
            }
        }
        let mut extents = HashMap::new();
        let blobs: Vec<_> = sown
            .into_iter()
            .map(|sown| self.grow(sown, &mut extents))
            .collect();
        let mut state = self.state();
        let records = blobs
            .iter()
            .map(|(address, blob)| blob_record(address, blob));
        state.journal.append_all(records)?;
        let mut replaced = Vec::new();
        for (address, blob) in blobs {
            let Some(container) = state.containers.get_mut(&address.container) else {
                continue;
            };
            let entry = Entry {
                committed: Some(Arc::new(blob)),
                ..Entry::default()
            };
            replaced.extend(container.blobs.insert(address.name.into(), entry));
        }
        drop(state);
        // Files are removed without the lock.
        drop(replaced);
        Ok(())
    }

    fn grow(&self, sown: Sown, extents: &mut HashMap<u64, Arc<Extent>>) -> (BlobAddress, Blob) {
        let at = self.clock.now();
        let content = if sown.size == 0 {
            Content::Empty
        } else {
            let extent = extents.entry(sown.size);
            Content::Whole(Arc::clone(
                extent.or_insert_with(|| self.vault.zeros(sown.size)),
            ))
        };
        let blob = Blob {
            created: at,
            modified: at,
            length: sown.size,
            attributes: sown.attributes,
            content,
        };
        (sown.address, blob)
    }

    fn ensure_container(&self, name: &str) -> Outcome<()> {
        if self.state().containers.contains_key(name) {
            return Ok(());
        }
        match self.create_container(name, Attributes::default(), PublicAccess::None) {
            // Somebody else was faster.
            Err(failure) if failure.is(Code::ContainerAlreadyExists) => Ok(()),
            outcome => outcome.map(drop),
        }
    }
}

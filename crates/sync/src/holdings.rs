//! What is held already, and can be copied by the service instead of being sent.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use longshore_content::Digests;

use crate::listing::{Found, Shelf};

/// After so many refused copies in a row without one that worked nobody asks any more.
const PATIENCE: u64 = 3;

/// What the destination holds, and other containers whose blobs may be used.
#[derive(Debug, Default)]
pub(crate) struct Holdings {
    shelves: Vec<Arc<Shelf>>,
    refused: AtomicU64,
}

impl Holdings {
    pub(crate) fn new(shelves: Vec<Arc<Shelf>>) -> Self {
        Self {
            shelves,
            refused: AtomicU64::new(0),
        }
    }

    /// Waits until it is known what is held.
    pub(crate) async fn complete(&self) {
        for shelf in &self.shelves {
            shelf.complete().await;
        }
    }

    /// Whether a large file of this size may be held.
    pub(crate) fn has_large(&self, size: u64) -> bool {
        self.is_worth_asking() && self.shelves.iter().any(|shelf| shelf.has_large(size))
    }

    /// A blob of this content.
    pub(crate) fn find(&self, size: u64, digests: &Digests) -> Option<Found> {
        if !self.is_worth_asking() {
            return None;
        }
        self.shelves
            .iter()
            .find_map(|shelf| shelf.find(size, digests))
    }

    fn is_worth_asking(&self) -> bool {
        self.refused.load(Ordering::Relaxed) < PATIENCE
    }

    /// Notes how a copy ended, so that a service that takes none is not asked for every file.
    pub(crate) fn learn(&self, copied: bool) {
        if copied {
            self.refused.store(0, Ordering::Relaxed);
        } else {
            self.refused.fetch_add(1, Ordering::Relaxed);
        }
    }
}

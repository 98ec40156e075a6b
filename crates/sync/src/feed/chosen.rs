//! Blobs that somebody else chose, on their way into files.

use std::sync::Arc;

use longshore_store::BlobName;

use super::{Feed, Next};
use crate::context::Context;
use crate::delete::Surplus;
use crate::fetch::Errand;
use crate::step::{Order, Step};
use crate::{FetchBlob, ItemError, SyncError, TargetError};

/// Blobs that somebody else chose, in the order in which they were given.
#[derive(Debug)]
pub(crate) struct Chosen {
    blobs: std::iter::Enumerate<std::vec::IntoIter<FetchBlob>>,
    prefix: String,
    errand: Arc<Errand>,
}

impl Chosen {
    pub(crate) fn new(blobs: Vec<FetchBlob>, prefix: &str, errand: Arc<Errand>) -> Self {
        Self {
            blobs: blobs.into_iter().enumerate(),
            prefix: prefix.to_owned(),
            errand,
        }
    }

    fn name(&self, blob: &str) -> Result<BlobName, ItemError> {
        let name = format!("{}{blob}", self.prefix);
        BlobName::new(name.as_str()).map_err(|_| ItemError::Target {
            name,
            cause: TargetError::Outside,
        })
    }
}

impl Feed for Chosen {
    async fn fill(&mut self) -> Result<(), SyncError> {
        Ok(())
    }

    fn next(&mut self, context: &Context, _: &mut Surplus<'_>) -> Result<Next, SyncError> {
        let Some((index, wanted)) = self.blobs.next() else {
            return Ok(Next::Empty);
        };
        context.found(wanted.size);
        Ok(match self.name(&wanted.blob) {
            Ok(name) => Step::Fetch(Order {
                name,
                wanted,
                index,
                errand: Arc::clone(&self.errand),
            })
            .into(),
            Err(error) => {
                let failed = context.note_failure(error, wanted.size);
                self.errand.failed(index, failed);
                Next::Nothing
            }
        })
    }

    fn is_over(&self) -> bool {
        self.blobs.len() == 0
    }
}

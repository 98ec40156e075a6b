//! A container compared with another one, or two folders of one.

use longshore_store::{BlobName, Condition, ListedBlob};

use super::{Feed, Next, compared};
use crate::context::Context;
use crate::decide::{Likeness, likeness};
use crate::delete::Surplus;
use crate::listing::Listing;
use crate::merge::Merge;
use crate::place::Container;
use crate::step::{Step, Transfer};
use crate::{ItemError, Reason, SyncError};

/// The blobs of a container on their way into another.
#[derive(Debug)]
pub(crate) struct Across {
    merge: Merge<Listing, Listing>,
    source: Container,
    prefix: String,
}

impl Across {
    pub(crate) const fn new(
        merge: Merge<Listing, Listing>,
        source: Container,
        prefix: String,
    ) -> Self {
        Self {
            merge,
            source,
            prefix,
        }
    }

    fn take(
        &self,
        context: &Context,
        surplus: &mut Surplus<'_>,
        (from, there): (ListedBlob, Option<&ListedBlob>),
    ) -> Next {
        let relative = from.name.strip_prefix(self.source.prefix.as_str());
        let Some(relative) = relative.filter(|_| from.etag.is_some()) else {
            return Next::Nothing;
        };
        if surplus.shields(relative) {
            return Next::Nothing;
        }
        context.found(from.size);
        let there = there.filter(|blob| blob.etag.is_some());
        let reason = match there.map(|there| likeness(&from, there)) {
            Some(Likeness::Same) => {
                context.unchanged(relative, from.size);
                return Next::Nothing;
            }
            None => Reason::New,
            Some(Likeness::Different) => Reason::Changed,
            Some(Likeness::Unknown) => Reason::Unknown,
        };
        if let Some(there) = there.filter(|_| context.immutable) {
            let error = ItemError::Differs {
                name: there.name.clone(),
                here: from.digests.map(|digests| digests.sha256),
                there: there.digests.map(|digests| digests.sha256),
            };
            context.failed(error, from.size);
            return Next::Nothing;
        }
        match BlobName::new(format!("{}{relative}", self.prefix)) {
            Ok(to) => Step::Transfer(Transfer {
                name: relative.to_owned(),
                store: std::sync::Arc::clone(&self.source.store),
                condition: there
                    .and_then(|blob| blob.etag.clone())
                    .map_or(Condition::Absent, Condition::Matches),
                from,
                to,
                reason,
            })
            .into(),
            Err(cause) => {
                let name = from.name;
                let cause = cause.into();
                context.failed(ItemError::Copy { name, cause }, from.size);
                Next::Nothing
            }
        }
    }
}

impl Feed for Across {
    async fn fill(&mut self) -> Result<(), SyncError> {
        self.merge.fill().await
    }

    fn next(&mut self, context: &Context, surplus: &mut Surplus<'_>) -> Result<Next, SyncError> {
        let pair = self.merge.next();
        compared(pair, context, surplus, |surplus, item, blob| {
            self.take(context, surplus, (item, blob))
        })
    }

    fn is_over(&self) -> bool {
        self.merge.is_over()
    }
}

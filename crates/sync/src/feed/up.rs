//! A directory compared with a container.

use longshore_content::{BlockLayout, LayoutError};
use longshore_store::ListedBlob;

use super::{Feed, Next, compared};
use crate::context::Context;
use crate::decide::{Decision, decide};
use crate::delete::Surplus;
use crate::listing::Listing;
use crate::merge::Merge;
use crate::source::{LocalFile, LocalItem, Walk};
use crate::step::{Adoption, Step};
use crate::upload::Candidate;
use crate::{Event, ItemError, Reason, SyncError};

/// The files of a directory on their way into a container.
#[derive(Debug)]
pub(crate) struct Up {
    merge: Merge<Walk, Listing>,
    trust_md5: bool,
}

impl Up {
    pub(crate) const fn new(merge: Merge<Walk, Listing>, trust_md5: bool) -> Self {
        Self { merge, trust_md5 }
    }

    fn take_item(
        &self,
        context: &Context,
        surplus: &mut Surplus<'_>,
        (item, blob): (LocalItem, Option<&ListedBlob>),
    ) -> Next {
        match item {
            LocalItem::File(file) => self.take_file(context, file, blob),
            LocalItem::Skipped(name, note) => {
                surplus.skip(name);
                context.skip(&Event::Noted(&note));
                Next::Nothing
            }
            LocalItem::Failed(error) => {
                context.failed(error, 0);
                Next::Nothing
            }
        }
    }

    fn take_file(&self, context: &Context, file: LocalFile, blob: Option<&ListedBlob>) -> Next {
        let size = file.stamp.size;
        context.found(size);
        if let Err(LayoutError::TooLarge { .. }) = BlockLayout::for_file(size) {
            let path = file.path;
            context.failed(ItemError::TooLarge { path, size }, size);
            return Next::Nothing;
        }
        match decide(&file, blob, self.trust_md5) {
            Decision::Unchanged => {
                context.unchanged(file.name.as_str(), size);
                Next::Nothing
            }
            Decision::Send(reason, target) => {
                let candidate = Candidate::new(file, target, reason);
                match candidate.check_target(context, candidate.file.digests) {
                    Ok(()) => Step::Send(candidate).into(),
                    Err(error) => {
                        context.failed(error, size);
                        Next::Nothing
                    }
                }
            }
            Decision::Compare(target) => {
                let mut candidate = Candidate::new(file, target, Reason::Changed);
                candidate.compare = true;
                Step::Send(candidate).into()
            }
            Decision::Recognise(etag, md5) => Step::Adopt(Adoption {
                file,
                etag,
                md5: Some(md5),
                expect: None,
            })
            .into(),
        }
    }
}

impl Feed for Up {
    async fn fill(&mut self) -> Result<(), SyncError> {
        self.merge.fill().await
    }

    fn next(&mut self, context: &Context, surplus: &mut Surplus<'_>) -> Result<Next, SyncError> {
        let pair = self.merge.next();
        compared(pair, context, surplus, |surplus, item, blob| {
            self.take_item(context, surplus, (item, blob))
        })
    }

    fn is_over(&self) -> bool {
        self.merge.is_over()
    }
}

//! A container compared with a directory that is to hold its blobs as files.

use std::path::PathBuf;

use longshore_store::{BlobName, ETag, ListedBlob};

use super::{Feed, Next};
use crate::context::Context;
use crate::decide::is_same_file;
use crate::delete::Surplus;
use crate::download::{Download, target_path};
use crate::listing::Listing;
use crate::merge::{Merge, Pair};
use crate::source::{LocalFile, LocalItem, Walk};
use crate::step::{Receipt, Replaces, Step};
use crate::{Event, ItemError, Reason, SyncError, TargetError};

/// The blobs of a container on their way into a directory.
#[derive(Debug)]
pub(crate) struct Down {
    merge: Merge<Listing, Walk>,
    root: PathBuf,
    prefix: String,
}

impl Down {
    pub(crate) const fn new(merge: Merge<Listing, Walk>, root: PathBuf, prefix: String) -> Self {
        Self {
            merge,
            root,
            prefix,
        }
    }

    fn take_blob(
        &self,
        context: &Context,
        surplus: &mut Surplus<'_>,
        (blob, file): (ListedBlob, Option<LocalFile>),
    ) -> Next {
        let Some(etag) = blob.etag.clone() else {
            // Nothing but staged blocks: no blob yet.
            return Next::Nothing;
        };
        let Some(relative) = blob.name.strip_prefix(self.prefix.as_str()) else {
            return Next::Nothing;
        };
        if surplus.shields(relative) {
            return Next::Nothing;
        }
        context.found(blob.size);
        match self.receipt(relative, &blob, etag) {
            Ok(receipt) => compare(context, receipt, file),
            Err(error) => {
                context.failed(error, blob.size);
                Next::Nothing
            }
        }
    }

    fn receipt(&self, relative: &str, blob: &ListedBlob, etag: ETag) -> Result<Receipt, ItemError> {
        let target = |cause| ItemError::Target {
            name: blob.name.clone(),
            cause,
        };
        Ok(Receipt {
            name: relative.to_owned(),
            download: Download {
                name: BlobName::new(blob.name.as_str())
                    .map_err(|_| target(TargetError::Outside))?,
                target: target_path(&self.root, relative)?,
                etag,
                size: blob.size,
                digests: blob.digests,
                content_md5: blob.content_md5,
            },
            compare: None,
            replaces: Replaces::Anything,
            reason: Reason::New,
        })
    }
}

/// Judges a blob by what is known of the file that is there.
fn compare(context: &Context, mut receipt: Receipt, file: Option<LocalFile>) -> Next {
    let Some(file) = file else {
        receipt.replaces = Replaces::Nothing;
        return Step::Receive(receipt).into();
    };
    receipt.reason = Reason::Changed;
    let size = receipt.download.size;
    match (receipt.download.digests, receipt.download.content_md5) {
        (Some(there), _) => match is_same_file(&file, size, &there) {
            Some(true) => {
                context.unchanged(&receipt.name, size);
                return Next::Nothing;
            }
            Some(false) => {}
            None => receipt.compare = Some(file),
        },
        (None, Some(_)) if file.stamp.size == size => receipt.compare = Some(file),
        (None, Some(_)) => {}
        (None, None) => receipt.reason = Reason::Unknown,
    }
    Step::Receive(receipt).into()
}

impl Feed for Down {
    async fn fill(&mut self) -> Result<(), SyncError> {
        self.merge.fill().await
    }

    fn next(&mut self, context: &Context, surplus: &mut Surplus<'_>) -> Result<Next, SyncError> {
        let Some(pair) = self.merge.next() else {
            return Ok(Next::Empty);
        };
        let item = match pair {
            Pair::Left(blob) => return Ok(self.take_blob(context, surplus, (blob, None))),
            Pair::Both(blob, LocalItem::File(file)) => {
                context.progress.blobs_listed.add(1);
                return Ok(self.take_blob(context, surplus, (blob, Some(file))));
            }
            Pair::Both(blob, LocalItem::Skipped(_, note)) => {
                context.skip(&Event::Noted(&note));
                let name = blob.name.clone();
                context.failed(ItemError::InTheWay { name }, blob.size);
                return Ok(Next::Nothing);
            }
            Pair::Both(_, item) | Pair::Right(item) => item,
        };
        match item {
            LocalItem::File(file) => {
                context.progress.blobs_listed.add(1);
                surplus.note_file(&file)?;
            }
            LocalItem::Skipped(_, note) => context.skip(&Event::Noted(&note)),
            LocalItem::Failed(error) => context.failed(error, 0),
        }
        Ok(Next::Nothing)
    }

    fn is_over(&self) -> bool {
        self.merge.is_over()
    }
}

//! Sending files: small ones in one Put Blob each, large ones by blocks that are named by their content.
//!
//! A file is sent under what the listing said of its blob (`If-Match`, or `If-None-Match: *`), with its digests in the
//! same request as its bytes. Nothing is committed that was not read whole and unchanged.

mod budget;
mod large;
mod leftovers;
mod naming;
mod reader;
mod reuse;
mod settle;
mod small;

use longshore_content::Digests;
use longshore_store::{Condition, ContentType, Metadata, WriteOptions};

use crate::context::Context;
use crate::decide::Target;
use crate::source::LocalFile;
use crate::{ItemError, Reason};

pub(crate) use budget::{Buffer, Buffers, Gate};
pub(crate) use large::send_large;
pub(crate) use reader::Halt;
pub(crate) use reuse::must_be_sent;
pub(crate) use settle::settle;
pub(crate) use small::{send_batch, send_one};

/// A file that is to be sent, or to be read and compared first.
#[derive(Debug)]
pub(crate) struct Candidate {
    pub(crate) file: LocalFile,
    pub(crate) target: Target,
    /// Why it is sent; when it must be compared first: why it would be.
    pub(crate) reason: Reason,
    /// Whether it may turn out to hold what the blob holds.
    pub(crate) compare: bool,
    /// What it must hold, when a plan says so.
    pub(crate) expect: Option<Digests>,
}

impl Candidate {
    /// A file that is to be sent whatever it holds.
    pub(crate) const fn new(file: LocalFile, target: Target, reason: Reason) -> Self {
        Self {
            file,
            target,
            reason,
            compare: false,
            expect: None,
        }
    }

    /// Makes sure that the file holds what a plan says, and that its blob may be written.
    pub(crate) fn check(&self, context: &Context, digests: &Digests) -> Result<(), ItemError> {
        self.check_target(context, Some(*digests))?;
        match &self.expect {
            Some(expected) if expected != digests => Err(ItemError::Changed {
                path: self.file.path.clone(),
            }),
            _ => Ok(()),
        }
    }

    /// Makes sure that the blob may be written, given what it is to hold, where that is known.
    pub(crate) fn check_target(
        &self,
        context: &Context,
        here: Option<Digests>,
    ) -> Result<(), ItemError> {
        match &self.target.condition {
            Condition::Matches(_) if context.immutable => Err(ItemError::Differs {
                name: self.file.name.to_string(),
                here: here.map(|digests| digests.sha256),
                there: self.target.digests.map(|digests| digests.sha256),
            }),
            _ => Ok(()),
        }
    }

    /// Whether the blob is known to hold content of these digests.
    pub(crate) fn is_held(&self, digests: &Digests) -> bool {
        self.compare
            && self
                .target
                .digests
                .is_some_and(|there| there.blake3 == digests.blake3)
    }

    /// How to write the blob.
    pub(crate) fn write_options(&self, digests: &Digests) -> WriteOptions {
        WriteOptions {
            condition: self.target.condition.clone(),
            content_type: content_type(self.file.name.file_name()),
            metadata: Metadata::of(digests),
        }
    }
}

/// The media type that a file's extension tells.
pub fn content_type(file_name: &str) -> ContentType {
    match mime_guess::from_path(file_name).first_raw() {
        Some(text) => ContentType::new(text),
        None => ContentType::OCTET_STREAM,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_extension_tells_the_type() {
        assert_eq!(content_type("setup.ZIP").as_str(), "application/zip");
        assert_eq!(content_type("a.json").as_str(), "application/json");
        assert_eq!(content_type("no-extension"), ContentType::OCTET_STREAM);
        assert_eq!(content_type(".hidden"), ContentType::OCTET_STREAM);
    }
}

//! What goes wrong with libraries: their manifests and locks, their vendors, their releases.

use std::path::Path;

use longshore_manifest::ManifestErrors;
use longshore_mirror::{ItemError, LibraryError, MirrorError, ScanError};

use super::{Failure, Located, Story};
use crate::exit::ExitStatus;
use crate::units::count;

impl Failure {
    /// A manifest that is wrong.
    pub(crate) fn of_manifest(path: &Path, errors: &ManifestErrors) -> Self {
        let problems = Located::of_manifest(path, errors);
        let number = count(problems.len() as u64, "problem");
        let message = format!("the manifest `{}` has {number}", path.display());
        let mut failure = Self::new(ExitStatus::Configuration, message);
        failure.story.problems = problems;
        failure
    }
}

impl From<&LibraryError> for Failure {
    fn from(error: &LibraryError) -> Self {
        match error {
            LibraryError::Manifest { path, errors, .. } => Self::of_manifest(path, errors),
            error => Self {
                status: ExitStatus::of_library(error),
                story: Box::new(Story::of(error, error.hint())),
            },
        }
    }
}

impl From<&MirrorError> for Failure {
    fn from(error: &MirrorError) -> Self {
        match error {
            MirrorError::Library(error) => Self::from(error),
            MirrorError::Sync(error) => Self::from(error),
            error => Self {
                status: ExitStatus::of_mirror(error),
                story: Box::new(Story::of(error, error.hint())),
            },
        }
    }
}

impl Story {
    /// The story of a file of a library that failed.
    pub(crate) fn of_library_item(name: &str, error: &ItemError) -> Self {
        let told = Self::of(error, error.hint());
        let details = match error {
            ItemError::Scan(ScanError::Rejected { output, .. }) => {
                output.lines().map(str::to_owned).collect()
            }
            _ => told.details,
        };
        Self {
            message: format!("{name}: {}", told.message),
            details,
            ..told
        }
    }
}

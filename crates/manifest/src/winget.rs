//! winget's manifests: read into an [`Artifact`](crate::Artifact), and written for a [`Release`](crate::Release).
//!
//! [`import`] takes the files of one package, chooses one of its installers and says it in the words of a library's
//! manifest; [`render_artifact`] and [`append`] put that into a manifest's text. [`export`] writes the three files
//! of each package of a release, so that winget installs from the library. Texts come in and go out: no disk, no network.
//!
//! The types of `winget-types` are not used: they are strict where real manifests are not (a field that is wrong
//! spoils the file, even one that we never look at), and bring a locale library along.

mod choose;
mod command_line;
mod document;
mod export;
mod import;
mod insert;
mod package;
mod version;

pub use choose::{Candidate, Candidates, Choice, Scope};
pub use document::MAX_FILE;
pub use export::{Authentication, Export, ExportError, ExportNote, ExportOptions, export};
pub use import::{ImportError, ImportNote, Imported, import};
pub use insert::{AppendError, append, render_artifact};
pub use version::{ManifestVersion, ManifestVersionError};

/// One file of a package: read by [`import`], written by [`export`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ManifestFile {
    /// Its path, for people when it is read; below the root of the repository, with `/`, when it is written.
    pub path: String,
    /// Its text.
    pub text: String,
}

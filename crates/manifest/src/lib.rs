//! What should exist: a library's manifest, its lock, its releases, and what winget calls them.
//!
//! People write a [`Manifest`]; a [`Lock`] pins what it names; a [`Release`] is what a build VM is given. This crate
//! reads, checks, compares and writes these documents as values and texts: it knows no disk, no network, no clock and
//! no store.
//!
//! | module | holds |
//! | --- | --- |
//! | `name`, `artifact_version` | the names that appear in all of them, and the order of versions |
//! | `install` | how an installer is run, in winget's terms |
//! | `manifest` | the manifest: model, reading, checks, schema |
//! | `lock` | the lock: model, reading, writing, drift |
//! | `release` | the release, its tab-separated twin, the pointer, differences |
//! | `document` | what all of them have in common |
//! | `deploy` | a release on the machine that it is for: what is selected, and the result file |
//! | `retention` | what of a library is kept, and what may go |
//! | `sbom` | a release as a software bill of materials |
//! | [`winget`] | winget's manifests, read and written |

mod deploy;
mod document;
mod install;
mod lock;
mod manifest;
mod name;
mod release;
mod retention;
#[cfg(test)]
mod samples;
mod sbom;
mod version_order;
pub mod winget;

pub use deploy::{
    FileReport, FileState, INSTALL_REPORT_VERSION, InstallReport, InstallReportError, Installed,
    Machine, Meant, Selected, UnknownArtifact,
};
pub use install::{Install, InstallerType, NestedInstaller};
pub use lock::{Drift, Drifted, Expanded, LOCK_VERSION, Lock, LockError, LockKey, Locked, drift};
pub use manifest::{
    Architecture, Artifact, Library, Manifest, ManifestErrors, Position, Problem, Source, TargetOs,
    Update, is_pattern,
};
pub use name::{ArtifactId, BlobPath, FileName, LibraryName, NameError, Version};
pub use release::{
    Change, ChangeKind, Content, Document, Pipeline, Pointer, Provenance, RELEASE_VERSION, Release,
    ReleaseBlob, ReleaseDigest, ReleaseError, Released, Twin, TwinFile, diff, encode_twin_text,
    releases_prefix,
};
pub use retention::{
    Doomed, Held, Holdings, KeepReason, Kept, NamedLock, PruneDecision, Retention, RetentionError,
};
pub use sbom::{SbomError, sbom};
pub use version_order::compare_versions;

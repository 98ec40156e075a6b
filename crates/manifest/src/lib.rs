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

mod install;
mod lock;
mod manifest;
mod name;
mod release;

pub use install::{Install, InstallerType, NestedInstaller};
pub use lock::{LOCK_VERSION, Lock, LockKey, Locked};
pub use manifest::{Architecture, Artifact, Library, Manifest, Source, TargetOs, Update};
pub use name::{ArtifactId, BlobPath, FileName, LibraryName, NameError, Version};
pub use release::{
    Content, Document, Pipeline, Pointer, Provenance, RELEASE_VERSION, Release, ReleaseDigest,
    Released,
};

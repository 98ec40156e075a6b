//! How a build VM gets a library: scripts for Windows PowerShell 5.1 and POSIX shells, and the customizers that carry them.
//!
//! A [`Job`] says what is wanted: from where, for whom, into which directory. Everything here makes texts of it and
//! knows no disk, no network and no clock. Why they are as they are is told in
//! `docs/adr/0013-the-build-vms-side.md`.
//!
//! | module | holds |
//! | --- | --- |
//! | `job` | what a script is to do |
//! | `list` | the lines that name files, in the format of a release's tab-separated twin |

mod error;
mod job;
mod list;

pub use error::ScriptError;
pub use job::{Auth, Identity, Installing, Job, OnFailure, SasSource, Shell, Subject};
pub use list::{FileList, ListedFile};

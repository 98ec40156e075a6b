//! What must move, and moving it: a directory is made to stand in a container, by content.
//!
//! [`Upload`] walks the source in the order in which the destination lists, merges the two as streams, and sends what
//! differs in content. It knows stores by the [`BlobStore`](longshore_store::BlobStore) trait alone and prints
//! nothing: discrete facts go to a [`Reporter`], running numbers stand in [`Progress`], and [`Summary`] is what came
//! of it.
//!
//! | module | holds |
//! | --- | --- |
//! | `options`, `event`, `progress`, `summary`, `error`, `cancel` | what a caller says and hears |
//! | `source`, `platform` | the walk: filters, names, what is skipped and why |
//! | `cache` | digests of files that did not change since they were taken |
//! | `merge`, `decide` | two sorted streams made one, and what follows for each name |
//! | `queue`, `upload` | small files in one request, large ones by blocks |
//! | `download` | one blob made one file |
//! | `delete` | what may go, and when |
//! | `run`, `engine`, `context`, `task` | a run from its beginning to its summary |

mod cache;
mod cancel;
mod context;
mod decide;
mod delete;
#[cfg_attr(
    not(test),
    expect(
        dead_code,
        unused_imports,
        reason = "the engine calls it once it plans downloads"
    )
)]
mod download;
mod engine;
mod error;
mod event;
mod merge;
mod options;
mod platform;
mod progress;
mod queue;
mod run;
mod source;
mod summary;
mod task;
mod upload;

pub use cancel::{Cancel, CancelLevel};
pub use error::{ItemError, SafetyError, SyncError, TargetError};
pub use event::{DeletesWithheld, Event, NoReporter, Note, Reason, Reporter};
pub use options::{CachePlace, DeletePolicy, MaxDelete, MaxDeleteError, SyncOptions};
pub use progress::{Progress, Snapshot, Stage};
pub use run::Upload;
pub use summary::{Summary, Tally};

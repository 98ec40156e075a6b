//! What must move, and moving it: a destination is made to hold what a source holds, by content.
//!
//! [`Sync`] reads both sides in one order, merges them as streams, and moves what differs: from a directory into a
//! container, from a container into a directory, from a container into another. [`Sync::plan`] writes the same down as
//! a [`PlanFile`], and [`Apply`] does what a plan says, hours later and on another machine, if the world is still as
//! the plan assumed it. Stores are known by the [`BlobStore`](longshore_store::BlobStore) trait alone, and nothing is
//! printed: discrete facts go to a [`Reporter`], running numbers stand in [`Progress`], and [`Summary`] is what came of
//! it.
//!
//! | module | holds |
//! | --- | --- |
//! | `options`, `event`, `progress`, `summary`, `error`, `cancel` | what a caller says and hears |
//! | `source`, `platform` | the walk or a list of files: filters, names, what is skipped and why |
//! | `cache`, `digest`, `file_digests` | digests of files: remembered, read, told to callers |
//! | `listing`, `holdings` | the listing, asked for once, and what it shows to be held already |
//! | `merge`, `decide`, `feed`, `step` | two sorted streams made one, and what follows for each name |
//! | `plan`, `planner` | the same as a file, and how each line of it is found out |
//! | `preflight`, `apply`, `moved` | a plan held against the world, then done |
//! | `queue`, `upload` | small files in one request, large ones by blocks |
//! | `copy`, `execute` | what the service copies on its own; one step that is no upload |
//! | `download` | one blob made one file |
//! | `delete` | what may go, and when |
//! | `prune`, `fetch` | deletes and downloads that somebody else chose |
//! | `place`, `journey`, `run`, `engine`, `context`, `task` | a run from its beginning to its summary |
//! | `verify` | whether a destination is what it should be |

mod adaptive;
mod apply;
mod cache;
mod cancel;
mod context;
mod copy;
mod decide;
mod delete;
mod digest;
mod download;
mod engine;
mod error;
mod event;
mod execute;
mod feed;
mod fetch;
mod file_digests;
mod holdings;
mod journey;
mod listing;
mod merge;
mod moved;
mod options;
mod place;
mod plan;
mod planner;
mod platform;
mod preflight;
mod progress;
mod prune;
mod queue;
mod run;
mod source;
mod step;
mod summary;
mod task;
mod upload;
mod verify;

pub use apply::Apply;
pub use cancel::{Cancel, CancelLevel};
pub use error::{ItemError, ListError, SafetyError, SyncError, TargetError};
pub use event::{DeletesWithheld, Event, NoReporter, Note, Reason, Reporter};
pub use fetch::{Fetch, FetchBlob, Fetched};
pub use file_digests::FileDigests;
pub use moved::{Change, Moved};
pub use options::{CachePlace, DeletePolicy, MaxDelete, MaxDeleteError, SyncOptions};
pub use place::{Place, SourceFile};
pub use plan::{
    Assumption, Direction, Header, Kind, Operation, Origin, PLAN_VERSION, PlanError, PlanFile,
    PlanOrder, PlanReader, PlanWriter, Rules, Totals,
};
pub use progress::{Progress, Snapshot, Stage};
pub use prune::{Prune, PruneBlob};
pub use run::{Shown, Sync};
pub use summary::{Summary, Tally};
pub use upload::content_type;
pub use verify::{
    Adoption, Against, Contents, Damage, Deep, Difference, Doubt, ExpectedBlob, ExpectedDirectory,
    Facts, Finding, Proof, Sample, SampleSize, SampleSizeError, Sampled, Verdict, Verify,
    VerifyCounts, VerifyOptions, VerifySummary, Wanted,
};

//! Bringing upstream installers in: fetched, checked, staged, published as releases.
//!
//! A [`Library`] is what a manifest and its lock say. [`lock`] finds out what its files are, [`Stage`] brings them in,
//! uploads them through the engine and publishes a release, [`Releases`] reads releases and goes back to another one,
//! [`look_out`] asks vendors for news, and [`decide_pruning`] says what may go. Nothing is printed: facts go to a
//! [`Reporter`]. The design stands in `docs/adr/0011-releases.md`.
//!
//! | module | holds |
//! | --- | --- |
//! | `library`, `expand` | manifest and lock on disk, and the files that they name |
//! | `pin` | what each file is, by digest |
//! | `upstream`, `cellar` | vendors' servers, and where files rest on their way |
//! | `bring` | the bytes of a file, wherever they come from |
//! | `ingest` | files that the service fetches itself |
//! | `check` | who signed a file, and what a scanner says |
//! | `placement`, `stage` | where files go, and the way there |
//! | `shelf`, `releases` | documents in the destination, and flipping the pointer |
//! | `outdated`, `look_out` | newer versions, and other bytes at the same address |
//! | `prune` | what may go |
//! | `event`, `error`, `tools` | what a caller hears and gives |

mod bring;
mod cellar;
mod check;
mod error;
mod event;
mod expand;
mod ingest;
mod library;
mod look_out;
mod outdated;
mod pin;
mod placement;
mod prune;
mod releases;
mod shelf;
mod stage;
mod tools;
mod upstream;

pub use cellar::{Cellar, CellarError};
pub use check::{
    CheckError, FileKind, ScanError, Scanned, Scanner, ScannerError, SignatureReport,
    SignatureState, Signed, Signer, check_signer, read_signature,
};
pub use error::{ItemError, MirrorError};
pub use event::{Event, NoReporter, PinChange, Reporter};
pub use library::{Library, LibraryError};
pub use look_out::{Outlook, look_out};
pub use outdated::{Asset, Newer, OutdatedError, newest};
pub use pin::{Failure, LockOptions, LockReport, Refresh, lock};
pub use prune::{Pruning, decide as decide_pruning};
pub use releases::{Current, Entry, Published, Releases, Which};
pub use shelf::Shelf;
pub use stage::{Stage, StageOptions, StageReport};
pub use tools::{Places, Rewrite, Tools};
pub use upstream::{
    Expected, Fetch, FetchProgress, FetchSnapshot, Fetched, Found, Pages, Probe, RedirectProblem,
    Upstream, UpstreamError, UpstreamOptions,
};

//! What people and programs get to see.
//!
//! Data goes to standard output and everything else to standard error, except that agents read logging commands from
//! standard output. No module here knows where events come from.

mod agent;
mod bars;
mod closing;
mod console;
mod drawing;
mod escape;
mod failures;
mod github;
mod human;
mod json;
mod library;
mod library_json;
mod library_lines;
mod lines;
mod pipelines;
mod sheet;
mod step_summary;
mod table;
mod view;

pub(crate) use closing::{Closing, FailedItem, Totals};
pub(crate) use console::{Console, Mark, OutputLost};
pub(crate) use escape::visible;
pub(crate) use failures::FailureLog;
pub(crate) use json::{Record, Requests};
pub(crate) use library::{Arriving, LibraryClosing, LibraryOpening, LibraryTotals};
pub(crate) use library_lines::short;
pub(crate) use sheet::{Sheet, SheetError, Wording};
pub(crate) use table::table;
pub(crate) use view::{Opening, Tick, View, quiet_view, show_failed_items, show_failure, view_for};

//! A plan as a file: what a person reviews, and another machine applies hours later.
//!
//! NDJSON: a [`Header`] in the first line, then one [`Operation`] a line; first what moves, in the order of the
//! destination's listing, then what is deleted. Every operation says what it assumes. No line ever holds a secret.
//! The schema of both stands in `docs/schema/plan.json`.

mod file;
mod header;
mod operation;

pub use file::{PlanError, PlanFile, PlanReader, PlanWriter};
pub use header::{Direction, Header, PLAN_VERSION, PlanOrder, Rules, Totals};
pub use operation::{Assumption, Kind, Operation, Origin};

//! What is to be done, one step at a time: from the comparison of two sides, or from the lines of a plan.

mod across;
mod chosen;
mod down;
mod lines;
mod up;

use longshore_store::ListedBlob;

use crate::SyncError;
use crate::context::Context;
use crate::delete::Surplus;
use crate::merge::Pair;
use crate::step::Step;

pub(crate) use across::Across;
pub(crate) use chosen::Chosen;
pub(crate) use down::Down;
pub(crate) use lines::{Done, Lines, source_path};
pub(crate) use up::Up;

/// What came of asking for the next step.
#[derive(Debug)]
pub(crate) enum Next {
    /// A step.
    Step(Box<Step>),
    /// A name for which nothing is to be done; there may be more.
    Nothing,
    /// [`Feed::fill`] must be asked first, or all is over.
    Empty,
}

impl From<Step> for Next {
    fn from(step: Step) -> Self {
        Self::Step(Box::new(step))
    }
}

/// The next step of a comparison with a container: of what the source has `take` makes one, what only the container
/// has is noted down.
fn compared<L>(
    pair: Option<Pair<L, ListedBlob>>,
    context: &Context,
    surplus: &mut Surplus<'_>,
    take: impl FnOnce(&mut Surplus<'_>, L, Option<&ListedBlob>) -> Next,
) -> Result<Next, SyncError> {
    let Some(pair) = pair else {
        return Ok(Next::Empty);
    };
    Ok(match pair {
        Pair::Left(item) => take(surplus, item, None),
        Pair::Both(item, blob) => {
            context.progress.blobs_listed.add(1);
            take(surplus, item, Some(&blob))
        }
        Pair::Right(blob) => {
            context.progress.blobs_listed.add(1);
            surplus.note_blob(&blob)?;
            Next::Nothing
        }
    })
}

/// A stream of steps in the order of their names.
pub(crate) trait Feed: Send {
    /// Waits until [`Feed::next`] can answer.
    fn fill(&mut self) -> impl Future<Output = Result<(), SyncError>> + Send;

    /// The next step. What only the destination has is noted down in `surplus`.
    fn next(&mut self, context: &Context, surplus: &mut Surplus<'_>) -> Result<Next, SyncError>;

    /// Whether nothing more comes.
    fn is_over(&self) -> bool;
}

//! What a plan promises, as something to compare a destination with: what it writes is there, what it deletes is not.

use std::cmp::Ordering;
use std::iter::Peekable;

use longshore_store::ListingOrder;

use super::{Contents, ExpectedBlob, Facts, Wanted};
use crate::plan::{Kind, Operation, PlanError, PlanReader};
use crate::{Direction, SyncError};

impl Contents {
    /// What the destination holds once a plan is applied. Of blobs that the plan does not name nothing is said.
    ///
    /// # Errors
    ///
    /// [`SyncError::Plan`] for a plan that cannot be read, and [`SyncError::Route`] for one that writes a directory.
    pub fn of_plan(shown: impl Into<String>, reader: &PlanReader) -> Result<Self, SyncError> {
        if reader.header().direction == Direction::Down {
            return Err(SyncError::Route);
        }
        let order = reader.header().order.into();
        let part = |wants_deletes| -> Result<_, SyncError> {
            let lines = reader.again()?;
            let is_meant = move |line: &Result<Operation, PlanError>| {
                line.as_ref()
                    .map_or(true, |line| (line.op == Kind::Delete) == wants_deletes)
            };
            Ok(lines.filter(is_meant).peekable())
        };
        let lines = Lines {
            order,
            writes: part(false)?,
            deletes: part(true)?,
        };
        Ok(Self::new(shown, false, futures::stream::iter(lines)))
    }
}

/// Both parts of a plan, which is sorted in each of them.
struct Lines<W: Iterator, D: Iterator> {
    order: ListingOrder,
    writes: Peekable<W>,
    deletes: Peekable<D>,
}

type Line = Result<Operation, PlanError>;

impl<W: Iterator<Item = Line>, D: Iterator<Item = Line>> Iterator for Lines<W, D> {
    type Item = Result<ExpectedBlob, SyncError>;

    fn next(&mut self) -> Option<Self::Item> {
        let side = match (self.writes.peek(), self.deletes.peek()) {
            (None, None) => return None,
            (Some(Ok(write)), Some(Ok(delete))) => self.order.compare(&write.name, &delete.name),
            (Some(_), _) => Ordering::Less,
            (None, Some(_)) => Ordering::Greater,
        };
        let line = match side {
            Ordering::Greater => self.deletes.next()?,
            Ordering::Less | Ordering::Equal => self.writes.next()?,
        };
        Some(line.map(expected).map_err(SyncError::from))
    }
}

fn expected(operation: Operation) -> ExpectedBlob {
    let wanted = match operation.op {
        Kind::Delete => Wanted::Absent,
        _ => Wanted::Content(Facts {
            size: operation.size,
            digests: operation.digests(),
            content_md5: None,
        }),
    };
    ExpectedBlob {
        name: operation.name,
        wanted,
    }
}

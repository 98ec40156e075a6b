//! What is no longer as a plan assumed it.

use std::fmt;

use longshore_store::StoreError;

use crate::ItemError;
use crate::source::is_absent;

/// So many names are told one by one.
const TOLD: usize = 20;

/// What became of something.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, serde::Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Change {
    /// The file or blob that is read holds something else.
    SourceChanged,
    /// The file or blob that is read is gone.
    SourceGone,
    /// The blob or file that is written holds something else.
    DestinationChanged,
    /// Nothing was there, and now something is.
    DestinationAppeared,
    /// Something was there, and now nothing is.
    DestinationGone,
}

impl fmt::Display for Change {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::SourceChanged => "its source changed",
            Self::SourceGone => "its source is gone",
            Self::DestinationChanged => "somebody else wrote it",
            Self::DestinationAppeared => "it is there now",
            Self::DestinationGone => "it is gone",
        })
    }
}

/// Something that is no longer as a plan assumed it.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct Moved {
    /// Its name.
    pub name: String,
    /// What became of it.
    pub change: Change,
}

impl Moved {
    /// What the failure of one operation says of the world; none when it is a failure of another kind.
    pub(crate) fn of(error: &ItemError) -> Option<Self> {
        let change = match (error, error.store_error()) {
            (ItemError::Changed { .. }, _)
            | (ItemError::Download { .. }, Some(StoreError::Precondition { .. }))
            | (_, Some(StoreError::SourceChanged { .. })) => Change::SourceChanged,
            (ItemError::Read { cause, .. }, _) if !is_absent(cause) => return None,
            (ItemError::Read { .. }, _)
            | (ItemError::Download { .. }, Some(StoreError::NotFound { .. })) => Change::SourceGone,
            (_, Some(StoreError::AlreadyExists { .. })) => Change::DestinationAppeared,
            (ItemError::Appeared { .. } | ItemError::Differs { .. }, _)
            | (_, Some(StoreError::Precondition { .. })) => Change::DestinationChanged,
            _ => return None,
        };
        Some(Self {
            name: error.item(),
            change,
        })
    }
}

impl fmt::Display for Moved {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "`{}`: {}", self.name.escape_debug(), self.change)
    }
}

/// All that moved, in one line.
pub(crate) fn describe(moved: &[Moved], count: u64) -> String {
    let told: Vec<String> = moved.iter().take(TOLD).map(ToString::to_string).collect();
    let mut text = told.join("; ");
    let left = count.saturating_sub(told.len() as u64);
    if left > 0 {
        text = format!("{text}; and {left} more");
    }
    text
}

//! Why a command failed, ready to be shown: what failed, why, and what to do next.

mod library;
mod located;

use std::error::Error;

use longshore_store::StoreError;
use longshore_sync::{ItemError, Moved, PlanError, SyncError};
use serde::Serialize;

use crate::exit::ExitStatus;

pub(crate) use located::Located;

/// What every command fails with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Failure {
    /// What the process ends with.
    pub(crate) status: ExitStatus,
    /// What is shown.
    pub(crate) story: Box<Story>,
}

/// An error as people and programs read it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(crate) struct Story {
    /// What failed.
    pub(crate) message: String,
    /// Why, from the nearest cause to the farthest.
    pub(crate) causes: Vec<String>,
    /// What to do next.
    pub(crate) hint: Option<String>,
    /// What belongs to the message, a line each.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(crate) details: Vec<String>,
    /// What is no longer as a plan assumed it.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(crate) moved: Vec<Moved>,
    /// What is wrong in a file, and where.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(crate) problems: Vec<Located>,
}

impl Story {
    /// Tells an error and its causes, each text once.
    pub(crate) fn of(error: &(dyn Error + 'static), hint: Option<String>) -> Self {
        let message = error.to_string();
        let mut causes: Vec<String> = Vec::new();
        let mut next = error.source();
        while let Some(cause) = next {
            let text = cause.to_string();
            if !message.contains(&text) && !causes.iter().any(|known| known.contains(&text)) {
                causes.push(text);
            }
            next = cause.source();
        }
        Self {
            message,
            causes,
            hint,
            details: Vec::new(),
            moved: Vec::new(),
            problems: Vec::new(),
        }
    }

    /// Message and causes in one line.
    pub(crate) fn line(&self) -> String {
        std::iter::once(&self.message)
            .chain(&self.causes)
            .map(String::as_str)
            .collect::<Vec<_>>()
            .join(": ")
    }

    /// The story of a failed item.
    pub(crate) fn of_item(error: &ItemError) -> Self {
        Self::of(error, error.hint())
    }
}

impl Failure {
    /// A failure without an error below it.
    pub(crate) fn new(status: ExitStatus, message: impl Into<String>) -> Self {
        Self {
            status,
            story: Box::new(Story {
                message: message.into(),
                causes: Vec::new(),
                hint: None,
                details: Vec::new(),
                moved: Vec::new(),
                problems: Vec::new(),
            }),
        }
    }

    /// A failure with the causes that an error tells.
    pub(crate) fn because(
        status: ExitStatus,
        message: impl Into<String>,
        cause: &(dyn Error + 'static),
    ) -> Self {
        let Story {
            message: text,
            causes,
            ..
        } = Story::of(cause, None);
        let mut failure = Self::new(status, message);
        failure.story.causes = std::iter::once(text).chain(causes).collect();
        failure
    }

    /// The same with what to do next.
    pub(crate) fn hint(mut self, hint: impl Into<Option<String>>) -> Self {
        self.story.hint = hint.into();
        self
    }

    /// The same with lines that belong to the message.
    pub(crate) fn details(mut self, details: impl IntoIterator<Item = String>) -> Self {
        self.story.details = details.into_iter().collect();
        self
    }

    /// A store's error, on the way to do something.
    pub(crate) fn of_store(message: impl Into<String>, error: &StoreError) -> Self {
        Self::because(ExitStatus::of_store(error), message, error).hint(error.hint())
    }

    /// A plan that cannot be used.
    pub(crate) fn of_plan(error: &PlanError) -> Self {
        Self {
            status: ExitStatus::of_plan(error),
            story: Box::new(Story::of(error, error.hint())),
        }
    }

    /// A temporary file that cannot be used.
    pub(crate) fn of_spool(error: &std::io::Error) -> Self {
        let message = "cannot use the directory for temporary files";
        Self::because(ExitStatus::Failed, message, error)
            .hint("set `TMPDIR` to a directory with room".to_owned())
    }

    /// A wrong command line.
    pub(crate) fn usage(message: impl Into<String>, hint: &str) -> Self {
        Self::new(ExitStatus::Usage, message).hint(hint.to_owned())
    }
}

impl From<&SyncError> for Failure {
    fn from(error: &SyncError) -> Self {
        if let SyncError::Stale { moved, count } = error {
            return stale(moved, *count, error.hint());
        }
        Self {
            status: ExitStatus::of_sync(error),
            story: Box::new(Story::of(error, error.hint())),
        }
    }
}

/// Each thing that moved gets a line of its own.
fn stale(moved: &[Moved], count: u64, hint: Option<String>) -> Failure {
    let things = crate::units::count(count, "thing");
    let left = count.saturating_sub(moved.len() as u64);
    let rest = match left {
        0 => String::new(),
        left => format!(", of which {left} are not named here"),
    };
    let message = format!("the plan is stale: {things} moved since it was made{rest}");
    let mut failure = Failure::new(ExitStatus::Precondition, message).hint(hint);
    failure.story.moved = moved.to_vec();
    failure
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_story_tells_each_cause_once() {
        let error = SyncError::Destination {
            destination: "d".to_owned(),
            cause: StoreError::Unreachable {
                hint: Some("start it".to_owned()),
                cause: "connection refused".into(),
            },
        };
        let failure = Failure::from(&error);
        assert_eq!(
            failure.story.line(),
            "cannot use the destination `d`: cannot be reached: connection refused"
        );
        assert_eq!(failure.story.hint.as_deref(), Some("start it"));
    }
}

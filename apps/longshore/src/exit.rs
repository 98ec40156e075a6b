//! What the process says at its end: the exit codes of DESIGN, section 4, and what leads to which.

mod library;

use longshore_azure::LocationError;
use longshore_store::StoreError;
use longshore_sync::{CancelLevel, ItemError, PlanError, Summary, SyncError, VerifySummary};

/// How a run ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum ExitStatus {
    /// All was done.
    Done,
    /// It failed.
    Failed,
    /// Changes are pending, and telling so was asked for.
    ChangesPending,
    /// Some items failed, the others were done.
    ItemsFailed,
    /// Somebody else changed what was assumed.
    Precondition,
    /// A safety limit forbade it.
    Safety,
    /// Bytes are not what they should be.
    Corrupt,
    /// Not signed in, or not allowed.
    NotAllowed,
    /// Throttled or timed out, after retries.
    Throttled,
    /// A template run failed or was cancelled.
    TemplateRun,
    /// A window could not be restored.
    WindowOpen,
    /// The command line is wrong.
    Usage,
    /// The environment or a file of settings is wrong.
    Configuration,
    /// Interrupted from the keyboard.
    Interrupted,
    /// Terminated by the system.
    Terminated,
}

impl ExitStatus {
    /// Every status, in the order of its code.
    pub(crate) const ALL: [Self; 15] = [
        Self::Done,
        Self::Failed,
        Self::ChangesPending,
        Self::ItemsFailed,
        Self::Precondition,
        Self::Safety,
        Self::Corrupt,
        Self::NotAllowed,
        Self::Throttled,
        Self::TemplateRun,
        Self::WindowOpen,
        Self::Usage,
        Self::Configuration,
        Self::Interrupted,
        Self::Terminated,
    ];

    /// The exit code.
    pub(crate) const fn code(self) -> u8 {
        match self {
            Self::Done => 0,
            Self::Failed => 1,
            Self::ChangesPending => 2,
            Self::ItemsFailed => 3,
            Self::Precondition => 4,
            Self::Safety => 5,
            Self::Corrupt => 6,
            Self::NotAllowed => 7,
            Self::Throttled => 8,
            Self::TemplateRun => 9,
            Self::WindowOpen => 10,
            Self::Usage => 64,
            Self::Configuration => 78,
            Self::Interrupted => 130,
            Self::Terminated => 143,
        }
    }

    /// Whether the run was stopped from outside.
    pub(crate) const fn is_interruption(self) -> bool {
        matches!(self, Self::Interrupted | Self::Terminated)
    }

    /// What it means, for help and manual.
    pub(crate) const fn meaning(self) -> &'static str {
        match self {
            Self::Done => "done",
            Self::Failed => "failed",
            Self::ChangesPending => "changes are pending, and telling so was asked for",
            Self::ItemsFailed => "some items failed, the others were done",
            Self::Precondition => "somebody else changed what was assumed",
            Self::Safety => "a safety limit forbade it; nothing was deleted",
            Self::Corrupt => "bytes are not what they should be",
            Self::NotAllowed => "not signed in, or not allowed",
            Self::Throttled => "throttled or timed out, after retries",
            Self::TemplateRun => "a template run failed or was cancelled",
            Self::WindowOpen => "a window could not be restored",
            Self::Usage => "the command line is wrong",
            Self::Configuration => {
                "the environment or a file is wrong: a variable, a manifest, a lock or a plan cannot be read"
            }
            Self::Interrupted => "interrupted (Ctrl-C)",
            Self::Terminated => "terminated (SIGTERM)",
        }
    }

    /// What an error of a store comes to.
    pub(crate) const fn of_store(error: &StoreError) -> Self {
        match error {
            StoreError::AlreadyExists { .. }
            | StoreError::Precondition { .. }
            | StoreError::SourceChanged { .. } => Self::Precondition,
            StoreError::Corrupt { .. } => Self::Corrupt,
            StoreError::NotSignedIn { .. } | StoreError::Denied { .. } => Self::NotAllowed,
            StoreError::Throttled { .. } | StoreError::TimedOut { .. } => Self::Throttled,
            _ => Self::Failed,
        }
    }

    /// What the end of a whole run comes to.
    pub(crate) const fn of_sync(error: &SyncError) -> Self {
        match error {
            SyncError::Pattern { .. } | SyncError::Route | SyncError::List(_) => Self::Usage,
            SyncError::Destination { cause, .. }
            | SyncError::Origin { cause, .. }
            | SyncError::Expected { cause, .. } => Self::of_store(cause),
            SyncError::Stale { .. } => Self::Precondition,
            SyncError::Plan(error) => Self::of_plan(error),
            SyncError::Safety(_) => Self::Safety,
            _ => Self::Failed,
        }
    }

    /// What the failure of one item would come to, were it the only thing to do.
    pub(crate) fn of_item(error: &ItemError) -> Self {
        match error {
            ItemError::Damaged { .. } => Self::Corrupt,
            ItemError::Differs { .. } => Self::Precondition,
            error => error
                .store_error()
                .map_or(Self::ItemsFailed, Self::of_store),
        }
    }

    /// What a plan that cannot be used comes to.
    pub(crate) const fn of_plan(error: &PlanError) -> Self {
        match error {
            PlanError::Line { .. } | PlanError::Version { .. } | PlanError::Totals { .. } => {
                Self::Configuration
            }
            _ => Self::Failed,
        }
    }

    /// What a text that is no location comes to.
    pub(crate) const fn of_location(error: &LocationError) -> Self {
        match error {
            LocationError::BadEndpointVariable | LocationError::ConnectionStringVariable(_) => {
                Self::Configuration
            }
            _ => Self::Usage,
        }
    }

    /// What a run that went to its end comes to.
    ///
    /// `common` is what every failed item alike would come to, and `interruption` what stopped the run.
    pub(crate) fn of_summary(
        summary: &Summary,
        common: Option<Self>,
        interruption: Option<Self>,
    ) -> Self {
        if summary.cancelled > CancelLevel::None {
            return interruption.unwrap_or(Self::Interrupted);
        }
        if summary.failed == 0 {
            return Self::Done;
        }
        if summary.conflicts == summary.failed {
            return Self::Precondition;
        }
        let moved = [
            summary.uploaded,
            summary.copied,
            summary.adopted,
            summary.downloaded,
        ];
        let nothing_worked = summary.deleted == 0 && moved.iter().all(|tally| tally.files == 0);
        match common {
            Some(Self::Corrupt) => Self::Corrupt,
            Some(status @ (Self::NotAllowed | Self::Throttled)) if nothing_worked => status,
            _ => Self::ItemsFailed,
        }
    }
}

impl ExitStatus {
    /// What an audit that went to its end comes to.
    ///
    /// Damage outranks what could not be checked, and that outranks drift: whoever lives with drift must still hear
    /// that the audit is not complete.
    pub(crate) fn of_verify(
        summary: &VerifySummary,
        common: Option<Self>,
        interruption: Option<Self>,
    ) -> Self {
        let counts = &summary.counts;
        if summary.cancelled > CancelLevel::None {
            return interruption.unwrap_or(Self::Interrupted);
        }
        if counts.damaged > 0 {
            return Self::Corrupt;
        }
        if summary.failed == 0 {
            return if counts.has_drift() {
                Self::ChangesPending
            } else {
                Self::Done
            };
        }
        match common {
            Some(status @ (Self::NotAllowed | Self::Throttled)) if counts.checked.files == 0 => {
                status
            }
            _ if summary.conflicts == summary.failed => Self::Precondition,
            _ => Self::ItemsFailed,
        }
    }
}

#[cfg(test)]
mod tests;

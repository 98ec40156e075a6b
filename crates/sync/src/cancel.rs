//! Stopping a run: once to drain it, twice to abort it.

use tokio_util::sync::CancellationToken;

/// How far a run was asked to stop; the greater outranks the lesser.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum CancelLevel {
    /// Go on.
    None,
    /// Start nothing new, finish what is under way.
    Drain,
    /// Give up at once.
    Abort,
}

/// A handle to stop a run with; clones stop the same run.
#[derive(Debug, Clone, Default)]
pub struct Cancel {
    drain: CancellationToken,
    abort: CancellationToken,
}

impl Cancel {
    /// A handle that nobody has used yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Asks once more: first to drain, then to abort. Tells what was asked for now.
    pub fn escalate(&self) -> CancelLevel {
        if self.drain.is_cancelled() {
            self.abort.cancel();
        } else {
            self.drain.cancel();
        }
        self.level()
    }

    /// How far the run was asked to stop.
    pub fn level(&self) -> CancelLevel {
        match (self.drain.is_cancelled(), self.abort.is_cancelled()) {
            (_, true) => CancelLevel::Abort,
            (true, false) => CancelLevel::Drain,
            (false, false) => CancelLevel::None,
        }
    }

    /// Whether nothing new is to be started.
    pub fn is_draining(&self) -> bool {
        self.level() >= CancelLevel::Drain
    }

    /// Ends when the run is to drain.
    pub async fn drained(&self) {
        self.drain.cancelled().await;
    }

    /// Ends when the run is to be given up.
    pub async fn aborted(&self) {
        self.abort.cancelled().await;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_drains_before_it_aborts() {
        let cancel = Cancel::new();
        assert_eq!(cancel.level(), CancelLevel::None);
        assert_eq!(cancel.escalate(), CancelLevel::Drain);
        assert_eq!(cancel.clone().escalate(), CancelLevel::Abort);
        assert_eq!(cancel.level(), CancelLevel::Abort);
    }
}

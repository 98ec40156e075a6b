//! Being asked to stop: once to drain, twice to abort, a third time to drop everything.
//!
//! The only module that knows how the platforms ask.

use std::io;
use std::sync::{Arc, OnceLock};

use longshore_sync::{Cancel, CancelLevel};
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

use crate::exit::ExitStatus;

/// Listens for as long as it lives.
#[derive(Debug)]
pub(crate) struct Interrupts {
    first: Arc<OnceLock<ExitStatus>>,
    forced: CancellationToken,
    listener: JoinHandle<()>,
}

impl Interrupts {
    /// Begins to listen: each request escalates `cancel` and is told.
    ///
    /// # Errors
    ///
    /// What the system says when it takes no listener.
    pub(crate) fn listen(
        cancel: Cancel,
        tell: impl Fn(CancelLevel) + Send + 'static,
    ) -> io::Result<Self> {
        let mut signals = platform::Signals::new()?;
        let first = Arc::new(OnceLock::new());
        let forced = CancellationToken::new();
        let listener = tokio::spawn({
            let (first, forced) = (Arc::clone(&first), forced.clone());
            async move {
                loop {
                    let status = signals.next().await;
                    first.get_or_init(|| status);
                    if cancel.level() == CancelLevel::Abort {
                        forced.cancel();
                    }
                    tell(cancel.escalate());
                }
            }
        });
        Ok(Self {
            first,
            forced,
            listener,
        })
    }

    /// What the first request makes the process end with.
    pub(crate) fn status(&self) -> Option<ExitStatus> {
        self.first.get().copied()
    }

    /// Ends when not even aborting is waited for.
    pub(crate) async fn forced(&self) {
        self.forced.cancelled().await;
    }
}

impl Drop for Interrupts {
    fn drop(&mut self) {
        self.listener.abort();
    }
}

#[cfg(unix)]
mod platform {
    //! Ctrl-C and SIGTERM.

    use std::io;

    use tokio::signal::unix::{Signal, SignalKind, signal};

    use crate::exit::ExitStatus;

    #[derive(Debug)]
    pub(super) struct Signals {
        interrupt: Signal,
        terminate: Signal,
    }

    impl Signals {
        pub(super) fn new() -> io::Result<Self> {
            Ok(Self {
                interrupt: signal(SignalKind::interrupt())?,
                terminate: signal(SignalKind::terminate())?,
            })
        }

        pub(super) async fn next(&mut self) -> ExitStatus {
            tokio::select! {
                _ = self.interrupt.recv() => ExitStatus::Interrupted,
                _ = self.terminate.recv() => ExitStatus::Terminated,
            }
        }
    }
}

#[cfg(windows)]
mod platform {
    //! Ctrl-C.

    use std::io;

    use tokio::signal::windows::{CtrlC, ctrl_c};

    use crate::exit::ExitStatus;

    #[derive(Debug)]
    pub(super) struct Signals(CtrlC);

    impl Signals {
        pub(super) fn new() -> io::Result<Self> {
            ctrl_c().map(Self)
        }

        pub(super) async fn next(&mut self) -> ExitStatus {
            self.0.recv().await;
            ExitStatus::Interrupted
        }
    }
}

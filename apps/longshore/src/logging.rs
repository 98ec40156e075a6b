//! What happens inside, on standard error, for those who ask with `-v` or `RUST_LOG`; never with a secret in it.

use std::io::{self, Write};

use longshore_azure::Environment;
use tracing_subscriber::EnvFilter;
use tracing_subscriber::fmt::MakeWriter;

use crate::redact::redact;
use crate::settings::Verbosity;
use crate::variables::RUST_LOG;

/// Starts telling. A second call has no effect.
pub(crate) fn start(verbosity: Verbosity, environment: &Environment) {
    let default = match verbosity {
        Verbosity::Quiet | Verbosity::Normal => "off",
        Verbosity::Verbose => "warn",
        Verbosity::Debug => {
            "info,longshore=debug,longshore_azure=debug,longshore_store=debug,longshore_sync=debug,longshore_mirror=debug"
        }
    };
    let directives = environment.get(RUST_LOG).unwrap_or(default);
    let filter = EnvFilter::try_new(directives).unwrap_or_else(|_| EnvFilter::new(default));
    let subscriber = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_ansi(false)
        .with_writer(Redacting)
        .finish();
    // It is set already where a test runs two commands in one process.
    let _: Result<(), _> = tracing::subscriber::set_global_default(subscriber);
}

/// Writes to standard error what [`redact`] leaves.
#[derive(Debug, Clone, Copy)]
struct Redacting;

impl<'w> MakeWriter<'w> for Redacting {
    type Writer = Self;

    fn make_writer(&'w self) -> Self {
        *self
    }
}

impl Write for Redacting {
    /// The subscriber writes whole events, so that no secret is cut in two.
    fn write(&mut self, event: &[u8]) -> io::Result<usize> {
        let text = String::from_utf8_lossy(event);
        io::stderr().lock().write_all(redact(&text).as_bytes())?;
        Ok(event.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        io::stderr().lock().flush()
    }
}

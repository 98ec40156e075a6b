//! What the commands take that move nothing: `doctor`, `drydock`, `completions` and `man`.

use std::ffi::OsString;
use std::path::PathBuf;

use clap::Subcommand;

const DOCTOR_EXAMPLES: &str = "\
Examples:
  longshore doctor                       what the environment says
  longshore doctor az://contoso/library  and whether it works, by one list request
  longshore doctor az://contoso/library --auth managed-identity --json";

/// `longshore doctor`.
#[derive(Debug, clap::Args)]
#[command(after_help = DOCTOR_EXAMPLES)]
pub(crate) struct DoctorArgs {
    /// The destination to look at
    #[arg(value_name = "DST")]
    pub(crate) destination: Option<OsString>,
}

/// `longshore drydock …`.
#[derive(Debug, Subcommand)]
pub(crate) enum DrydockCommand {
    /// Serve the stand-in on loopback until interrupted
    Serve(ServeArgs),
}

const SERVE_EXAMPLES: &str = "\
Examples:
  longshore drydock serve --data ./stand-in
  longshore drydock serve --data ./stand-in --port 10000 --account contoso
  longshore drydock serve --data ./stand-in --json | head -1";

/// `longshore drydock serve`.
#[derive(Debug, clap::Args)]
#[command(after_help = SERVE_EXAMPLES)]
pub(crate) struct ServeArgs {
    /// Where the data live
    #[arg(long, env = "LONGSHORE_DATA", value_name = "DIR")]
    pub(crate) data: PathBuf,

    /// The port on 127.0.0.1; a free one unless said
    #[arg(long, env = "LONGSHORE_PORT", value_name = "N", default_value = "0")]
    pub(crate) port: u16,

    /// The storage account that it plays
    #[arg(long, env = "LONGSHORE_ACCOUNT", value_name = "NAME")]
    pub(crate) account: Option<String>,
}

/// `longshore completions`.
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Example:\n  longshore completions bash > ~/.local/share/bash-completion/completions/longshore"
)]
pub(crate) struct CompletionsArgs {
    /// The shell
    #[arg(value_name = "SHELL")]
    pub(crate) shell: clap_complete::Shell,
}

/// `longshore man`.
#[derive(Debug, clap::Args)]
pub(crate) struct ManArgs {
    /// Where to write them
    #[arg(value_name = "DIR")]
    pub(crate) directory: PathBuf,
}

//! The command line as clap sees it: names, types and help texts, and no decisions.
//!
//! Every flag has a `LONGSHORE_*` variable of the same name; a test holds that. What the flags mean together is
//! decided in `settings`.

use std::ffi::OsString;
use std::num::{NonZeroU32, NonZeroU64, NonZeroUsize};
use std::path::PathBuf;

use clap::builder::{BoolishValueParser, PossibleValuesParser, TypedValueParser};
use clap::{ArgAction, CommandFactory, Parser, Subcommand, ValueEnum};
use longshore_azure::AuthMode;
use longshore_sync::MaxDelete;

use crate::exit::ExitStatus;
use crate::units;

const EXAMPLES: &str = "\
Examples:
  longshore sync ./apps drydock:./stand-in         try it out, without an account
  longshore sync ./apps az://contoso/library/apps  stage a directory of installers
  longshore sync ./apps az://contoso/library --delete --dry-run
  longshore ls az://contoso/library/apps
  longshore doctor az://contoso/library            why does it not work?";

fn long_help() -> String {
    let codes: Vec<String> = ExitStatus::ALL
        .iter()
        .map(|status| format!("  {:>3}  {}", status.code(), status.meaning()))
        .collect();
    format!("{EXAMPLES}\n\nExit codes:\n{}", codes.join("\n"))
}

/// The command as clap sees it. Help names the variables; their values are nobody's business.
pub(crate) fn command() -> clap::Command {
    fn without_values(command: clap::Command) -> clap::Command {
        command
            .mut_args(|arg| arg.hide_env_values(true))
            .mut_subcommands(without_values)
    }
    without_values(Args::command())
}

/// Stages installer libraries into Azure Blob Storage, by content.
#[derive(Debug, Parser)]
#[command(name = "longshore", version, after_help = EXAMPLES, after_long_help = long_help(), max_term_width = 110)]
pub(crate) struct Args {
    /// The flags that every command takes.
    #[command(flatten)]
    pub(crate) shared: SharedArgs,
    /// What to do.
    #[command(subcommand)]
    pub(crate) command: Command,
}

/// Flags that every command takes, before or after its name.
#[derive(Debug, clap::Args)]
#[command(next_help_heading = "Shared options")]
pub(crate) struct SharedArgs {
    /// How to sign in
    ///
    /// Credentials themselves come from the variables that the Azure tools use, such as AZURE_STORAGE_SAS_TOKEN,
    /// AZURE_STORAGE_KEY or AZURE_CLIENT_ID. `longshore doctor` tells which would be used, and why.
    #[arg(long, global = true, env = "LONGSHORE_AUTH", value_name = "MODE", default_value = "auto",
          value_parser = auth_mode())]
    pub(crate) auth: AuthMode,

    /// How to report: chosen by the environment unless said
    #[arg(
        long,
        global = true,
        env = "LONGSHORE_OUTPUT",
        value_name = "FORMAT",
        default_value = "auto"
    )]
    pub(crate) output: OutputArg,

    /// Report in JSON, one object a line; the same as `--output json`
    #[arg(long, global = true, env = "LONGSHORE_JSON", value_parser = BoolishValueParser::new())]
    pub(crate) json: bool,

    /// Whether to colour what people read; NO_COLOR and CLICOLOR_FORCE are honoured
    #[arg(
        long,
        global = true,
        env = "LONGSHORE_COLOR",
        value_name = "WHEN",
        default_value = "auto"
    )]
    pub(crate) color: ColorArg,

    /// Tell more: every file that moves; twice for what happens inside
    #[arg(long, short, global = true, env = "LONGSHORE_VERBOSE", action = ArgAction::Count)]
    pub(crate) verbose: u8,

    /// Tell nothing but errors, and the data that was asked for
    #[arg(long, short, global = true, env = "LONGSHORE_QUIET", value_parser = BoolishValueParser::new())]
    pub(crate) quiet: bool,

    /// The most requests under way at once
    #[arg(
        long,
        global = true,
        env = "LONGSHORE_CONCURRENCY",
        value_name = "N",
        default_value = "32"
    )]
    pub(crate) concurrency: NonZeroUsize,

    /// The most bytes a second, such as 50MiB/s or 200Mbit/s
    #[arg(long, global = true, env = "LONGSHORE_MAX_BANDWIDTH", value_name = "RATE",
          value_parser = units::bandwidth)]
    pub(crate) max_bandwidth: Option<NonZeroU64>,

    /// The most requests a second, such as 500/s
    #[arg(long, global = true, env = "LONGSHORE_MAX_REQUESTS", value_name = "RATE",
          value_parser = units::request_rate)]
    pub(crate) max_requests: Option<NonZeroU32>,

    /// Tell what would be done, and do none of it
    #[arg(long, global = true, env = "LONGSHORE_DRY_RUN", value_parser = BoolishValueParser::new())]
    pub(crate) dry_run: bool,
}

fn auth_mode() -> impl TypedValueParser<Value = AuthMode> {
    PossibleValuesParser::new(AuthMode::ALL.map(AuthMode::name))
        .try_map(|name| name.parse::<AuthMode>())
}

/// The value of `--output`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum OutputArg {
    /// azure-pipelines where TF_BUILD is set, github where GITHUB_ACTIONS is true, human elsewhere
    Auto,
    /// Progress and a summary for people
    Human,
    /// Events in JSON on standard output, one a line
    Json,
    /// Logging commands of Azure Pipelines
    AzurePipelines,
    /// Workflow commands of GitHub Actions, and a job summary
    Github,
}

/// The value of `--color`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum ColorArg {
    /// On a terminal
    Auto,
    /// Always
    Always,
    /// Never
    Never,
}

/// The commands.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Make a destination hold what a directory holds
    Sync(SyncArgs),
    /// List blobs with their sizes, times and digests
    Ls(LsArgs),
    /// Tell which credential, endpoint and limits would be used, and what is wrong with them
    Doctor(DoctorArgs),
    /// The embedded stand-in for Azure, for trying things out
    #[command(subcommand)]
    Drydock(DrydockCommand),
    /// Print the completions for a shell
    Completions(CompletionsArgs),
    /// Write the manual pages into a directory
    #[command(hide = true)]
    Man(ManArgs),
}

const PLACES: &str = "\
DST is one of:
  https://ACCOUNT.blob.core.windows.net/CONTAINER[/PREFIX]  also of other clouds, and of emulators
  az://ACCOUNT/CONTAINER[/PREFIX]
  drydock:DIR[#CONTAINER[/PREFIX]]                          an embedded stand-in whose data live in DIR
  a directory";

const SYNC_EXAMPLES: &str = "\
Examples:
  longshore sync ./apps az://contoso/library/apps
  longshore sync ./apps az://contoso/library --exclude '*.tmp' --exclude /drafts/
  longshore sync ./apps az://contoso/library --delete --max-delete 20 --dry-run
  longshore sync ./apps drydock:./stand-in --json
  AZURE_STORAGE_SAS_TOKEN=$SAS longshore sync ./apps az://contoso/library";

/// `longshore sync`.
#[derive(Debug, clap::Args)]
#[command(after_help = SYNC_EXAMPLES, after_long_help = format!("{PLACES}\n\n{SYNC_EXAMPLES}"))]
#[expect(clippy::struct_excessive_bools, reason = "each is a flag of its own")]
pub(crate) struct SyncArgs {
    /// The directory whose files are to be staged
    #[arg(value_name = "SRC")]
    pub(crate) source: OsString,

    /// Where they are to stand: a URL, az://…, drydock:DIR or a directory
    #[arg(value_name = "DST")]
    pub(crate) destination: OsString,

    /// Delete blobs that Longshore wrote and the source no longer has
    #[arg(long, env = "LONGSHORE_DELETE", value_parser = BoolishValueParser::new(), help_heading = "Deleting")]
    pub(crate) delete: bool,

    /// With --delete: delete also blobs that others wrote
    #[arg(long, env = "LONGSHORE_DELETE_UNMANAGED", value_parser = BoolishValueParser::new(),
          help_heading = "Deleting")]
    pub(crate) delete_unmanaged: bool,

    /// Delete nothing when it would be more than so many blobs, or so many percent of them
    #[arg(
        long,
        env = "LONGSHORE_MAX_DELETE",
        value_name = "N|N%",
        default_value = "50%",
        help_heading = "Deleting"
    )]
    pub(crate) max_delete: MaxDelete,

    /// Only files that match a gitignore-style pattern; can be repeated
    ///
    /// In the variable, patterns stand one a line.
    #[arg(
        long,
        env = "LONGSHORE_INCLUDE",
        value_name = "PATTERN",
        value_delimiter = '\n',
        help_heading = "Choosing files"
    )]
    pub(crate) include: Vec<String>,

    /// No files that match a gitignore-style pattern; can be repeated, and wins over --include
    ///
    /// In the variable, patterns stand one a line. A file `.longshoreignore` in the source works too.
    #[arg(
        long,
        env = "LONGSHORE_EXCLUDE",
        value_name = "PATTERN",
        value_delimiter = '\n',
        help_heading = "Choosing files"
    )]
    pub(crate) exclude: Vec<String>,

    /// Follow symbolic links; they are skipped with a note otherwise
    #[arg(long, env = "LONGSHORE_FOLLOW_SYMLINKS", value_parser = BoolishValueParser::new(),
          help_heading = "Choosing files")]
    pub(crate) follow_symlinks: bool,

    /// Make the container when it is not there
    #[arg(long, env = "LONGSHORE_CREATE_CONTAINER", value_parser = BoolishValueParser::new())]
    pub(crate) create_container: bool,

    /// Remember digests of files in this directory rather than in the user's cache
    #[arg(long, env = "LONGSHORE_CACHE_DIR", value_name = "DIR")]
    pub(crate) cache_dir: Option<PathBuf>,

    /// Remember no digests: read every file
    #[arg(long, env = "LONGSHORE_NO_CACHE", value_parser = BoolishValueParser::new())]
    pub(crate) no_cache: bool,

    /// The most bytes of files held in memory at once, such as 256MiB
    #[arg(long, env = "LONGSHORE_MEMORY", value_name = "SIZE", default_value = "128MiB",
          value_parser = units::size)]
    pub(crate) memory: u64,
}

const LS_EXAMPLES: &str = "\
Examples:
  longshore ls az://contoso/library
  longshore ls az://contoso/library/apps --long
  longshore ls drydock:./stand-in --json | jq -r 'select(.event == \"blob\") | .name'";

/// `longshore ls`.
#[derive(Debug, clap::Args)]
#[command(after_help = LS_EXAMPLES, after_long_help = format!("{PLACES}\n\n{LS_EXAMPLES}"))]
pub(crate) struct LsArgs {
    /// What to list: a container, a folder in it, or one blob
    #[arg(value_name = "DST")]
    pub(crate) destination: OsString,

    /// Show whole digests and exact sizes
    #[arg(long, short, env = "LONGSHORE_LONG", value_parser = BoolishValueParser::new())]
    pub(crate) long: bool,

    /// Show also blobs that have nothing but staged blocks: uploads under way or left behind
    #[arg(long, env = "LONGSHORE_UNCOMMITTED", value_parser = BoolishValueParser::new())]
    pub(crate) uncommitted: bool,
}

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

#[cfg(test)]
mod tests;

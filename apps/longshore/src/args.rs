//! The command line as clap sees it: names, types and help texts, and no decisions.
//!
//! Every flag has a `LONGSHORE_*` variable of the same name; a test holds that. What the flags mean together is
//! decided in `settings`.

mod fetch;
mod library;
mod ls;
mod plan;
mod releases;
mod tools;
mod transfer;
mod verify;
mod winget;

use std::num::{NonZeroU32, NonZeroU64, NonZeroUsize};

use clap::builder::{BoolishValueParser, PossibleValuesParser, TypedValueParser};
use clap::{ArgAction, CommandFactory, Parser, Subcommand, ValueEnum};
use longshore_azure::AuthMode;

pub(crate) use fetch::FetchArgs;
pub(crate) use library::{
    ALL_IDS, BringArgs, LockArgs, LockFileArgs, MirrorArgs, OutdatedArgs, PinArgs, StageArgs,
    UpstreamArgs,
};
pub(crate) use ls::LsArgs;
pub(crate) use plan::{ApplyArgs, SchemaArg, SchemaArgs, ShowArgs};
pub(crate) use releases::{
    PruneArgs, ReleaseArg, ReleasesCommand, ReleasesDiffArgs, ReleasesListArgs, ReleasesShowArgs,
    RollbackArgs, SubjectArgs,
};
pub(crate) use tools::{CompletionsArgs, DoctorArgs, DrydockCommand, ManArgs, ServeArgs};
pub(crate) use transfer::{CacheArgs, ChoiceArgs, MachineArgs, PlanArgs, SyncArgs, TransferArgs};
pub(crate) use verify::VerifyArgs;
pub(crate) use winget::{
    AuthTypeArg, ExportCommand, ExportWingetArgs, ImportCommand, ImportWingetArgs,
};

use crate::exit::ExitStatus;
use crate::units;

const EXAMPLES: &str = "\
Examples:
  longshore sync ./apps drydock:./stand-in         try it out, without an account
  longshore sync ./apps az://contoso/library/apps  stage a directory of installers
  longshore plan ./apps az://contoso/library -o apps.plan && longshore apply apps.plan
  longshore fetch az://contoso/library/apps ./apps  download
  longshore ls az://contoso/library/apps
  longshore verify az://contoso/library --against ./apps
  longshore stage manifests/windows.toml           bring installers in, publish a release
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
        default_value = "64"
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
    /// Make a destination hold what a source holds
    Sync(SyncArgs),
    /// Tell what `sync` would do, and write it down for `apply`
    Plan(PlanArgs),
    /// Do what a plan says, if nothing moved since it was made
    Apply(ApplyArgs),
    /// Show a plan
    Show(ShowArgs),
    /// Download a folder or one blob into a directory
    Fetch(FetchArgs),
    /// List blobs with their sizes, times and digests
    Ls(LsArgs),
    /// Tell whether blobs are what they say of themselves, and what is expected
    Verify(VerifyArgs),
    /// Bring a library's files in and publish them as a release
    Stage(StageArgs),
    /// Bring a library's files in, and publish nothing
    Mirror(MirrorArgs),
    /// Pin what a library's manifest names, by digest
    Lock(LockArgs),
    /// Tell what vendors republished, and which versions are newer
    Outdated(OutdatedArgs),
    /// What was published: list, show, compare, go back
    #[command(subcommand)]
    Releases(ReleasesCommand),
    /// Tell which old versions and releases may go, and delete them
    Prune(PruneArgs),
    /// Take artifacts from elsewhere into a manifest
    #[command(subcommand)]
    Import(ImportCommand),
    /// Hand a library on to others
    #[command(subcommand)]
    Export(ExportCommand),
    /// Tell which credential, endpoint and limits would be used, and what is wrong with them
    Doctor(DoctorArgs),
    /// The embedded stand-in for Azure, for trying things out
    #[command(subcommand)]
    Drydock(DrydockCommand),
    /// Print the JSON Schema of a format
    Schema(SchemaArgs),
    /// Print the completions for a shell
    Completions(CompletionsArgs),
    /// Write the manual pages into a directory
    #[command(hide = true)]
    Man(ManArgs),
}

/// What can be named as a place.
const PLACES: &str = "\
SRC and DST are each one of:
  https://ACCOUNT.blob.core.windows.net/CONTAINER[/PREFIX]  also of other clouds, and of emulators
  az://ACCOUNT/CONTAINER[/PREFIX]
  drydock:DIR[#CONTAINER[/PREFIX]]                          an embedded stand-in whose data live in DIR
  a directory";

#[cfg(test)]
mod tests;

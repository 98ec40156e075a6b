//! What the commands take that begin with a plan in a file.

use std::path::PathBuf;

use clap::builder::BoolishValueParser;

use super::transfer::{LimitArgs, MachineArgs};

const SHOW_EXAMPLES: &str = "\
Examples:
  longshore show apps.plan
  longshore show apps.plan -v                                  every name
  longshore show apps.plan --json | jq -r 'select(.op == \"delete\") | .name'";

/// `longshore show`.
#[derive(Debug, clap::Args)]
#[command(after_help = SHOW_EXAMPLES)]
pub(crate) struct ShowArgs {
    /// The plan
    #[arg(value_name = "FILE")]
    pub(crate) file: PathBuf,
}

const APPLY_EXAMPLES: &str = "\
Examples:
  longshore apply apps.plan
  longshore apply apps.plan --source /srv/apps   the files stand elsewhere on this machine
  longshore apply apps.plan --dry-run            only look at it";

/// `longshore apply`.
#[derive(Debug, clap::Args)]
#[command(after_help = APPLY_EXAMPLES)]
pub(crate) struct ApplyArgs {
    /// The plan
    ///
    /// It names both places; credentials come from the environment again. Everything that it assumes is looked at
    /// before anything is written: when something moved, the command ends with exit code 4 and names it.
    #[arg(value_name = "FILE")]
    pub(crate) file: PathBuf,

    /// Read the files from this directory rather than from the one that the plan names
    #[arg(long, env = "LONGSHORE_SOURCE", value_name = "DIR")]
    pub(crate) source: Option<PathBuf>,

    /// How much may be deleted.
    #[command(flatten)]
    pub(crate) limit: LimitArgs,

    /// Make the container when it is not there
    #[arg(long, env = "LONGSHORE_CREATE_CONTAINER", value_parser = BoolishValueParser::new())]
    pub(crate) create_container: bool,

    /// What may be used of this machine.
    #[command(flatten)]
    pub(crate) machine: MachineArgs,
}

/// `longshore schema`.
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Examples:\n  longshore schema plan > plan.schema.json\n  longshore schema manifest > manifest.schema.json    for editors, which complete manifests by it"
)]
pub(crate) struct SchemaArgs {
    /// The format
    #[arg(value_name = "FORMAT")]
    pub(crate) format: SchemaArg,
}

/// The formats that have a schema.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub(crate) enum SchemaArg {
    /// Each line of a plan
    Plan,
    /// A library's manifest
    Manifest,
    /// A library's lock
    Lock,
    /// A release document
    Release,
    /// The pointer to the release that counts
    Pointer,
    /// What came of a release on a build VM
    Result,
}

//! What `sync` and `plan` take, and the parts of it that other commands take too.

use std::ffi::OsString;
use std::path::PathBuf;

use clap::builder::BoolishValueParser;
use longshore_sync::MaxDelete;

use super::PLACES;
use crate::units;

const SYNC_EXAMPLES: &str = "\
Examples:
  longshore sync ./apps az://contoso/library/apps
  longshore sync ./apps az://contoso/library --exclude '*.tmp' --exclude /drafts/
  longshore sync ./apps az://contoso/library --delete --max-delete 20 --dry-run
  longshore sync ./apps az://contoso/library --delete --backup-to _backup --sentinel .library
  longshore sync az://contoso/library az://fabrikam/library  the service copies, nothing passes through here
  longshore sync az://contoso/library ./apps                 files of a directory
  longshore sync ./apps drydock:./stand-in --json
  AZURE_STORAGE_SAS_TOKEN=$SAS longshore sync ./apps az://contoso/library";

/// `longshore sync`.
#[derive(Debug, clap::Args)]
#[command(after_help = SYNC_EXAMPLES, after_long_help = format!("{PLACES}\n\n{SYNC_EXAMPLES}"))]
pub(crate) struct SyncArgs {
    /// What to move.
    #[command(flatten)]
    pub(crate) transfer: TransferArgs,
}

const PLAN_EXAMPLES: &str = "\
Examples:
  longshore plan ./apps az://contoso/library                   look at it
  longshore plan ./apps az://contoso/library -o apps.plan      and keep it for `longshore apply apps.plan`
  longshore plan ./apps az://contoso/library --delete --detailed-exitcode
  longshore plan ./apps az://contoso/library -o - | jq -r 'select(.op == \"delete\") | .name'";

/// `longshore plan`.
#[derive(Debug, clap::Args)]
#[command(after_help = PLAN_EXAMPLES, after_long_help = format!("{PLACES}\n\n{PLAN_EXAMPLES}"))]
pub(crate) struct PlanArgs {
    /// What to move.
    #[command(flatten)]
    pub(crate) transfer: TransferArgs,

    /// Write the plan into this file; `-` for standard output
    #[arg(
        long,
        short,
        env = "LONGSHORE_OUT",
        value_name = "FILE",
        help_heading = "The plan"
    )]
    pub(crate) out: Option<PathBuf>,

    /// End with exit code 2 when there is something to do
    #[arg(long, env = "LONGSHORE_DETAILED_EXITCODE", value_parser = BoolishValueParser::new(),
          help_heading = "The plan")]
    pub(crate) detailed_exitcode: bool,
}

/// What is to be moved from where to where.
#[derive(Debug, clap::Args)]
#[expect(clippy::struct_excessive_bools, reason = "each is a flag of its own")]
pub(crate) struct TransferArgs {
    /// What is to be held: a directory, a URL, az://… or drydock:DIR
    #[arg(value_name = "SRC")]
    pub(crate) source: OsString,

    /// Where it is to stand: a URL, az://…, drydock:DIR or a directory
    #[arg(value_name = "DST")]
    pub(crate) destination: OsString,

    /// Delete what Longshore wrote and the source no longer has
    #[arg(long, env = "LONGSHORE_DELETE", value_parser = BoolishValueParser::new(), help_heading = "Deleting")]
    pub(crate) delete: bool,

    /// With --delete: delete also what others wrote; files of a directory do not tell who wrote them
    #[arg(long, env = "LONGSHORE_DELETE_UNMANAGED", value_parser = BoolishValueParser::new(),
          help_heading = "Deleting")]
    pub(crate) delete_unmanaged: bool,

    /// How much may be deleted.
    #[command(flatten)]
    pub(crate) limit: LimitArgs,

    /// Copy blobs below this prefix of the container before they are written over or deleted
    ///
    /// Each run makes a folder of its own there, named by its time. The copies are made by the service and are
    /// never deleted by Longshore.
    #[arg(
        long,
        env = "LONGSHORE_BACKUP_TO",
        value_name = "PREFIX",
        help_heading = "Deleting"
    )]
    pub(crate) backup_to: Option<String>,

    /// Do nothing unless source and destination both have a file of this name; an empty destination needs none
    #[arg(
        long,
        env = "LONGSHORE_SENTINEL",
        value_name = "NAME",
        help_heading = "Deleting"
    )]
    pub(crate) sentinel: Option<String>,

    /// Which files are meant.
    #[command(flatten)]
    pub(crate) choice: ChoiceArgs,

    /// Follow symbolic links; they are skipped with a note otherwise
    #[arg(long, env = "LONGSHORE_FOLLOW_SYMLINKS", value_parser = BoolishValueParser::new(),
          help_heading = "Choosing files")]
    pub(crate) follow_symlinks: bool,

    /// Copy from this container what it holds already instead of sending it; can be repeated
    ///
    /// The destination is looked through anyway. In the variable, places stand one a line. Has no effect where
    /// nothing is sent from this machine.
    #[arg(
        long,
        env = "LONGSHORE_REUSE_FROM",
        value_name = "PLACE",
        value_delimiter = '\n'
    )]
    pub(crate) reuse_from: Vec<OsString>,

    /// Take the word of a Content-MD5 that another tool stored: such blobs get digests and are not sent again
    #[arg(long, env = "LONGSHORE_TRUST_MD5", value_parser = BoolishValueParser::new())]
    pub(crate) trust_md5: bool,

    /// Write nothing over: what is there with other content, or without digests, fails with exit code 4
    #[arg(long, env = "LONGSHORE_IMMUTABLE", value_parser = BoolishValueParser::new())]
    pub(crate) immutable: bool,

    /// Make the container when it is not there
    #[arg(long, env = "LONGSHORE_CREATE_CONTAINER", value_parser = BoolishValueParser::new())]
    pub(crate) create_container: bool,

    /// What may be used of this machine.
    #[command(flatten)]
    pub(crate) machine: MachineArgs,
}

/// How much may be deleted.
#[derive(Debug, clap::Args)]
pub(crate) struct LimitArgs {
    /// Delete nothing when it would be more than so many blobs, or so many percent of them
    #[arg(
        long,
        env = "LONGSHORE_MAX_DELETE",
        value_name = "N|N%",
        default_value = "50%",
        help_heading = "Deleting"
    )]
    pub(crate) max_delete: MaxDelete,
}

/// Which files are meant.
#[derive(Debug, clap::Args)]
pub(crate) struct ChoiceArgs {
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
    /// In the variable, patterns stand one a line. A file `.longshoreignore` in the directory works too.
    #[arg(
        long,
        env = "LONGSHORE_EXCLUDE",
        value_name = "PATTERN",
        value_delimiter = '\n',
        help_heading = "Choosing files"
    )]
    pub(crate) exclude: Vec<String>,
}

/// What may be used of this machine.
#[derive(Debug, clap::Args)]
pub(crate) struct MachineArgs {
    /// Where digests are remembered.
    #[command(flatten)]
    pub(crate) cache: CacheArgs,

    /// The most bytes of files held in memory at once, such as 256MiB
    #[arg(long, env = "LONGSHORE_MEMORY", value_name = "SIZE", default_value = "128MiB",
          value_parser = units::size)]
    pub(crate) memory: u64,
}

/// Where digests of files are remembered.
#[derive(Debug, clap::Args)]
pub(crate) struct CacheArgs {
    /// Remember digests of files in this directory rather than in the user's cache
    #[arg(long, env = "LONGSHORE_CACHE_DIR", value_name = "DIR")]
    pub(crate) cache_dir: Option<PathBuf>,

    /// Remember no digests: read every file
    #[arg(long, env = "LONGSHORE_NO_CACHE", value_parser = BoolishValueParser::new())]
    pub(crate) no_cache: bool,
}

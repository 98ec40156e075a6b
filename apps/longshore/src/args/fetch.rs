//! What `fetch` takes.

use std::ffi::OsString;
use std::path::PathBuf;

use super::PLACES;
use super::transfer::{ChoiceArgs, MachineArgs};

const EXAMPLES: &str = "\
Examples:
  longshore fetch az://contoso/library/apps ./apps
  longshore fetch az://contoso/library/apps/setup.exe .       one blob
  longshore fetch az://contoso/library ./apps --include '*.msi'";

/// `longshore fetch`.
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES, after_long_help = format!("{PLACES}\n\n{EXAMPLES}"))]
pub(crate) struct FetchArgs {
    /// What to fetch: a container, a folder in it, or one blob
    #[arg(value_name = "SRC")]
    pub(crate) source: OsString,

    /// The directory that is to hold the files; it is made when it is not there
    #[arg(value_name = "DIR")]
    pub(crate) directory: PathBuf,

    /// Which files are meant.
    #[command(flatten)]
    pub(crate) choice: ChoiceArgs,

    /// What may be used of this machine.
    #[command(flatten)]
    pub(crate) machine: MachineArgs,
}

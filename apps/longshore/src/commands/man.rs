//! `longshore man`: the pages that packages install.

use super::run::Stop;
use crate::args::{ManArgs, command};
use crate::exit::ExitStatus;
use crate::failure::Failure;

/// Writes a page for each command.
pub(super) fn run(args: &ManArgs) -> Result<ExitStatus, Stop> {
    fs_err::create_dir_all(&args.directory)
        .and_then(|()| clap_mangen::generate_to(command(), &args.directory))
        .map_err(|error| {
            let message = format!(
                "cannot write the manual pages to `{}`",
                args.directory.display()
            );
            Failure::because(ExitStatus::Failed, message, &error)
        })?;
    Ok(ExitStatus::Done)
}

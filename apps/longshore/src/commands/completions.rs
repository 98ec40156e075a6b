//! `longshore completions`.

use super::run::{Context, Stop};
use crate::args::{CompletionsArgs, command};
use crate::exit::ExitStatus;

/// Prints the script that completes commands and flags.
pub(super) fn run(args: &CompletionsArgs, context: &Context) -> Result<ExitStatus, Stop> {
    let mut script = Vec::new();
    clap_complete::generate(args.shell, &mut command(), "longshore", &mut script);
    context
        .console
        .data(String::from_utf8_lossy(&script).trim_end())?;
    Ok(ExitStatus::Done)
}

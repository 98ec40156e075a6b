//! What `ls` takes.

use std::ffi::OsString;

use clap::builder::BoolishValueParser;

use super::PLACES;

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

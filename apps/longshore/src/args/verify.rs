//! `longshore verify` as clap sees it.

use std::ffi::OsString;
use std::path::PathBuf;

use clap::builder::BoolishValueParser;
use longshore_sync::SampleSize;

use super::PLACES;
use crate::units;

const EXAMPLES: &str = "\
Examples:
  longshore verify az://contoso/library                      by the listing and the block lists
  longshore verify az://contoso/library --deep --sample 10%  and by the bytes of some
  longshore verify az://contoso/library/apps --against ./apps
  longshore verify az://contoso/library --against az://fabrikam/library
  longshore verify az://contoso/library --against plan.ndjson
  longshore verify az://contoso/library --adopt --dry-run    which blobs are of other tools?";

/// `longshore verify`.
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES, after_long_help = format!("{PLACES}\n\n{EXAMPLES}"))]
#[expect(clippy::struct_excessive_bools, reason = "each is a flag of its own")]
pub(crate) struct VerifyArgs {
    /// What to look at: a container, a folder in it, or one blob
    #[arg(value_name = "DST")]
    pub(crate) destination: OsString,

    /// Compare it with a directory, with another destination, or with what a plan promises
    #[arg(long, env = "LONGSHORE_AGAINST", value_name = "WHAT")]
    pub(crate) against: Option<OsString>,

    /// Read the bytes of blobs, rather than believe what is recorded
    #[arg(long, env = "LONGSHORE_DEEP", value_parser = BoolishValueParser::new(), help_heading = "Reading bytes")]
    pub(crate) deep: bool,

    /// With --deep: read only so many blobs, or so many percent of them
    #[arg(
        long,
        env = "LONGSHORE_SAMPLE",
        value_name = "N|N%",
        help_heading = "Reading bytes"
    )]
    pub(crate) sample: Option<SampleSize>,

    /// With --sample: choose by this text; by the date (UTC) unless said, so that each day chooses others
    #[arg(
        long,
        env = "LONGSHORE_SEED",
        value_name = "TEXT",
        help_heading = "Reading bytes"
    )]
    pub(crate) seed: Option<String>,

    /// The most bytes of blobs held in memory at once, such as 256MiB
    #[arg(long, env = "LONGSHORE_MEMORY", value_name = "SIZE", default_value = "128MiB",
          value_parser = units::size, help_heading = "Reading bytes")]
    pub(crate) memory: u64,

    /// Give blobs of other tools our digests: their bytes are read, and only their metadata written
    #[arg(long, env = "LONGSHORE_ADOPT", value_parser = BoolishValueParser::new())]
    pub(crate) adopt: bool,

    /// Write the report to this file too, in JSON, with a line for every blob
    #[arg(long, env = "LONGSHORE_REPORT", value_name = "FILE")]
    pub(crate) report: Option<PathBuf>,

    /// Only files of the directory that match a gitignore-style pattern; can be repeated
    ///
    /// In the variable, patterns stand one a line.
    #[arg(
        long,
        env = "LONGSHORE_INCLUDE",
        value_name = "PATTERN",
        value_delimiter = '\n',
        help_heading = "Comparing with a directory"
    )]
    pub(crate) include: Vec<String>,

    /// No files of the directory that match; can be repeated, and wins over --include
    ///
    /// In the variable, patterns stand one a line. A file `.longshoreignore` in the directory works too.
    #[arg(
        long,
        env = "LONGSHORE_EXCLUDE",
        value_name = "PATTERN",
        value_delimiter = '\n',
        help_heading = "Comparing with a directory"
    )]
    pub(crate) exclude: Vec<String>,

    /// Follow symbolic links of the directory; they are skipped with a note otherwise
    #[arg(long, env = "LONGSHORE_FOLLOW_SYMLINKS", value_parser = BoolishValueParser::new(),
          help_heading = "Comparing with a directory")]
    pub(crate) follow_symlinks: bool,

    /// Remember digests of files in this directory rather than in the user's cache
    #[arg(
        long,
        env = "LONGSHORE_CACHE_DIR",
        value_name = "DIR",
        help_heading = "Comparing with a directory"
    )]
    pub(crate) cache_dir: Option<PathBuf>,

    /// Remember no digests: read every file
    #[arg(long, env = "LONGSHORE_NO_CACHE", value_parser = BoolishValueParser::new(),
          help_heading = "Comparing with a directory")]
    pub(crate) no_cache: bool,
}

//! What the commands take that look at what was published: `releases` and `prune`.

use std::ffi::OsString;
use std::path::PathBuf;
use std::str::FromStr;

use clap::Subcommand;
use clap::builder::BoolishValueParser;
use jiff::SignedDuration;
use longshore_manifest::LibraryName;

use super::library::DestinationArgs;
use super::transfer::LimitArgs;
use crate::units;

/// The fewest digits that name a release.
const SHORTEST_DIGEST: usize = 6;

/// `longshore releases …`.
#[derive(Debug, Subcommand)]
pub(crate) enum ReleasesCommand {
    /// List the releases of a library, the newest first
    List(ReleasesListArgs),
    /// Show one release: its files, where it comes from, how it is installed
    Show(ReleasesShowArgs),
    /// Tell what is different between two releases
    Diff(ReleasesDiffArgs),
    /// Make a release count that was published before, or again
    Rollback(RollbackArgs),
}

/// Which library is meant.
#[derive(Debug, clap::Args)]
pub(crate) struct SubjectArgs {
    /// The library: its manifest, or the place where it stands
    #[arg(value_name = "MANIFEST|PLACE")]
    pub(crate) subject: OsString,

    /// Where the library stands.
    #[command(flatten)]
    pub(crate) destination: DestinationArgs,

    /// The name of the library, where a place holds several
    #[arg(long, env = "LONGSHORE_LIBRARY", value_name = "NAME")]
    pub(crate) library: Option<LibraryName>,
}

const LIST_EXAMPLES: &str = "\
Examples:
  longshore releases list manifests/windows.toml
  longshore releases list az://contoso/apps --library windows-server-2022
  longshore releases list az://contoso/apps --json | jq -r 'select(.current) | .release'";

/// `longshore releases list`.
#[derive(Debug, clap::Args)]
#[command(after_help = LIST_EXAMPLES)]
pub(crate) struct ReleasesListArgs {
    /// Which library.
    #[command(flatten)]
    pub(crate) subject: SubjectArgs,
}

const SHOW_EXAMPLES: &str = "\
Examples:
  longshore releases show manifests/windows.toml              the one that counts
  longshore releases show manifests/windows.toml previous
  longshore releases show az://contoso/apps 3f9a2c --json     its document";

/// `longshore releases show`.
#[derive(Debug, clap::Args)]
#[command(after_help = SHOW_EXAMPLES)]
pub(crate) struct ReleasesShowArgs {
    /// Which library.
    #[command(flatten)]
    pub(crate) subject: SubjectArgs,

    /// The release: `current`, `previous`, or how its digest begins
    #[arg(value_name = "RELEASE", default_value = "current")]
    pub(crate) release: ReleaseArg,
}

const DIFF_EXAMPLES: &str = "\
Examples:
  longshore releases diff manifests/windows.toml                  what the last release changed
  longshore releases diff manifests/windows.toml 3f9a2c current";

/// `longshore releases diff`.
#[derive(Debug, clap::Args)]
#[command(after_help = DIFF_EXAMPLES)]
pub(crate) struct ReleasesDiffArgs {
    /// Which library.
    #[command(flatten)]
    pub(crate) subject: SubjectArgs,

    /// The older release: `current`, `previous`, or how its digest begins
    #[arg(value_name = "OLD", default_value = "previous")]
    pub(crate) old: ReleaseArg,

    /// The newer release
    #[arg(value_name = "NEW", default_value = "current")]
    pub(crate) new: ReleaseArg,

    /// End with exit code 2 when they are different
    #[arg(long, env = "LONGSHORE_DETAILED_EXITCODE", value_parser = BoolishValueParser::new())]
    pub(crate) detailed_exitcode: bool,
}

const ROLLBACK_EXAMPLES: &str = "\
Examples:
  longshore releases rollback manifests/windows.toml               to the one before
  longshore releases rollback manifests/windows.toml --to 3f9a2c   to any other, forward too
  longshore releases rollback manifests/windows.toml --dry-run";

/// `longshore releases rollback`.
#[derive(Debug, clap::Args)]
#[command(after_help = ROLLBACK_EXAMPLES)]
pub(crate) struct RollbackArgs {
    /// Which library.
    #[command(flatten)]
    pub(crate) subject: SubjectArgs,

    /// The release that is to count: `previous`, or how its digest begins
    #[arg(
        long,
        env = "LONGSHORE_TO",
        value_name = "RELEASE",
        default_value = "previous"
    )]
    pub(crate) to: ReleaseArg,
}

const PRUNE_EXAMPLES: &str = "\
Examples:
  longshore prune manifests/windows.toml                      what would go, and what stays
  longshore prune manifests/windows.toml --keep-versions 2 --older-than 90d
  longshore prune manifests/windows.toml -o prune.plan && longshore apply prune.plan
  longshore prune az://contoso/apps --keep-named-by locks/*.lock --delete --max-delete 10%";

/// `longshore prune`.
#[derive(Debug, clap::Args)]
#[command(after_help = PRUNE_EXAMPLES)]
pub(crate) struct PruneArgs {
    /// The libraries: a manifest, or the place where they stand
    #[arg(value_name = "MANIFEST|PLACE")]
    pub(crate) subject: OsString,

    /// Where the library stands.
    #[command(flatten)]
    pub(crate) destination: DestinationArgs,

    /// How many versions of each artifact stay, the newest ones
    #[arg(
        long,
        env = "LONGSHORE_KEEP_VERSIONS",
        value_name = "N",
        default_value = "3",
        help_heading = "What stays"
    )]
    pub(crate) keep_versions: usize,

    /// How many releases of each library stay, with all that they name
    #[arg(
        long,
        env = "LONGSHORE_KEEP_RELEASES",
        value_name = "N",
        default_value = "10",
        help_heading = "What stays"
    )]
    pub(crate) keep_releases: usize,

    /// Only what was written longer ago than this goes
    #[arg(long, env = "LONGSHORE_OLDER_THAN", value_name = "TIME", default_value = "30d",
          value_parser = units::duration, help_heading = "What stays")]
    pub(crate) older_than: SignedDuration,

    /// What these locks name stays; that of the manifest is one of them; can be repeated
    ///
    /// In the variable, locks stand one a line.
    #[arg(long, env = "LONGSHORE_KEEP_NAMED_BY", value_name = "LOCK", value_delimiter = '\n', num_args = 1..,
          help_heading = "What stays")]
    pub(crate) keep_named_by: Vec<PathBuf>,

    /// How much may be deleted.
    #[command(flatten)]
    pub(crate) limit: LimitArgs,

    /// Delete it; without this flag, the command only tells what would go
    #[arg(long, env = "LONGSHORE_DELETE", value_parser = BoolishValueParser::new(), help_heading = "Deleting",
          conflicts_with = "out")]
    pub(crate) delete: bool,

    /// Write a plan for `longshore apply` into this file; `-` for standard output
    #[arg(
        long,
        short,
        env = "LONGSHORE_OUT",
        value_name = "FILE",
        help_heading = "The plan"
    )]
    pub(crate) out: Option<PathBuf>,

    /// End with exit code 2 when there is something to delete
    #[arg(long, env = "LONGSHORE_DETAILED_EXITCODE", value_parser = BoolishValueParser::new(),
          help_heading = "The plan")]
    pub(crate) detailed_exitcode: bool,
}

/// A release as the command line names it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum ReleaseArg {
    /// The one that counts.
    Current,
    /// The one that counted before.
    Previous,
    /// The one whose digest begins so.
    Digest(String),
}

/// A text that names no release.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("write `current`, `previous`, or at least 6 digits with which the digest begins")]
pub(crate) struct ReleaseArgError;

impl FromStr for ReleaseArg {
    type Err = ReleaseArgError;

    fn from_str(text: &str) -> Result<Self, ReleaseArgError> {
        let is_digest = (SHORTEST_DIGEST..=64).contains(&text.len())
            && text.bytes().all(|byte| byte.is_ascii_hexdigit());
        match text {
            "current" => Ok(Self::Current),
            "previous" => Ok(Self::Previous),
            _ if is_digest => Ok(Self::Digest(text.to_ascii_lowercase())),
            _ => Err(ReleaseArgError),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn releases_are_named_by_word_or_by_the_beginning_of_their_digest() {
        let read = |text: &str| text.parse::<ReleaseArg>();
        assert_eq!(read("current"), Ok(ReleaseArg::Current));
        assert_eq!(read("previous"), Ok(ReleaseArg::Previous));
        assert_eq!(read("3F9A2C"), Ok(ReleaseArg::Digest("3f9a2c".to_owned())));
        assert!(read(&"a".repeat(64)).is_ok());
        for text in ["", "3f9a2", "latest", "3f9a2g", &"a".repeat(65)] {
            assert_eq!(read(text), Err(ReleaseArgError), "{text}");
        }
    }
}

//! What the commands take that bring a library's files in: `lock`, `outdated`, `mirror` and `stage`.

use std::ffi::OsString;
use std::path::PathBuf;

use clap::builder::BoolishValueParser;
use jiff::SignedDuration;

use super::transfer::{CacheArgs, MachineArgs};
use crate::units;

/// What `--update` means without an id.
pub(crate) const ALL_IDS: &str = "*";

const LOCK_EXAMPLES: &str = "\
Examples:
  longshore lock manifests/windows.toml                    pin what is new or changed
  longshore lock manifests/windows.toml --update           look at every source again
  longshore lock manifests/windows.toml --update bginfo    look at this one again
  longshore lock manifests/windows.toml --update --cooldown 7d
  longshore lock manifests/windows.toml --locked           change nothing; exit code 6 on any drift";

/// `longshore lock`.
#[derive(Debug, clap::Args)]
#[command(after_help = LOCK_EXAMPLES)]
pub(crate) struct LockArgs {
    /// The library's manifest
    #[arg(value_name = "MANIFEST")]
    pub(crate) manifest: PathBuf,

    /// What is pinned.
    #[command(flatten)]
    pub(crate) pins: PinArgs,

    /// How vendors are reached.
    #[command(flatten)]
    pub(crate) upstream: UpstreamArgs,

    /// Where digests are remembered.
    #[command(flatten)]
    pub(crate) cache: CacheArgs,
}

const OUTDATED_EXAMPLES: &str = "\
Examples:
  longshore outdated manifests/windows.toml
  longshore outdated manifests/windows.toml --detailed-exitcode     exit code 2 when something is
  longshore outdated manifests/windows.toml --json | jq -r 'select(.kind == \"republished\") | .id'";

/// `longshore outdated`.
#[derive(Debug, clap::Args)]
#[command(after_help = OUTDATED_EXAMPLES)]
pub(crate) struct OutdatedArgs {
    /// The library's manifest
    #[arg(value_name = "MANIFEST")]
    pub(crate) manifest: PathBuf,

    /// Where its lock is.
    #[command(flatten)]
    pub(crate) lock: LockFileArgs,

    /// How vendors are reached.
    #[command(flatten)]
    pub(crate) upstream: UpstreamArgs,

    /// Where digests are remembered.
    #[command(flatten)]
    pub(crate) cache: CacheArgs,

    /// End with exit code 2 when something is outdated
    #[arg(long, env = "LONGSHORE_DETAILED_EXITCODE", value_parser = BoolishValueParser::new())]
    pub(crate) detailed_exitcode: bool,
}

const MIRROR_EXAMPLES: &str = "\
Examples:
  longshore mirror manifests/windows.toml                   bring in what the destination lacks
  longshore mirror manifests/windows.toml --cooldown 7d --update
  longshore mirror manifests/windows.toml --server-side     the service fetches what it can
  longshore mirror manifests/windows.toml --dry-run";

/// `longshore mirror`.
#[derive(Debug, clap::Args)]
#[command(after_help = MIRROR_EXAMPLES)]
pub(crate) struct MirrorArgs {
    /// What is brought in.
    #[command(flatten)]
    pub(crate) bring: BringArgs,
}

const STAGE_EXAMPLES: &str = "\
Examples:
  longshore stage manifests/windows.toml --destination drydock:./stand-in    try it out
  longshore stage manifests/windows.toml --locked           what was reviewed, or exit code 6
  longshore stage manifests/windows.toml --update --cooldown 7d
  longshore stage manifests/windows.toml --scan 'clamscan --no-summary {}' --sbom library.cdx.json
  longshore stage manifests/windows.toml --dry-run";

/// `longshore stage`.
#[derive(Debug, clap::Args)]
#[command(after_help = STAGE_EXAMPLES)]
pub(crate) struct StageArgs {
    /// What is brought in.
    #[command(flatten)]
    pub(crate) bring: BringArgs,

    /// Write a bill of materials of the release into this file (CycloneDX)
    #[arg(
        long,
        env = "LONGSHORE_SBOM",
        value_name = "FILE",
        help_heading = "The release"
    )]
    pub(crate) sbom: Option<PathBuf>,

    /// Bring the files in and publish no release, as `mirror` does
    #[arg(long, env = "LONGSHORE_NO_PUBLISH", value_parser = BoolishValueParser::new(), help_heading = "The release")]
    pub(crate) no_publish: bool,
}

/// What is brought in, and how.
#[derive(Debug, clap::Args)]
pub(crate) struct BringArgs {
    /// The library's manifest
    #[arg(value_name = "MANIFEST")]
    pub(crate) manifest: PathBuf,

    /// Where the library is to stand.
    #[command(flatten)]
    pub(crate) destination: DestinationArgs,

    /// Make the container when it is not there
    #[arg(long, env = "LONGSHORE_CREATE_CONTAINER", value_parser = BoolishValueParser::new())]
    pub(crate) create_container: bool,

    /// What is pinned.
    #[command(flatten)]
    pub(crate) pins: PinArgs,

    /// How vendors are reached.
    #[command(flatten)]
    pub(crate) upstream: UpstreamArgs,

    /// Let the service fetch what it can, so that the bytes do not pass through this machine
    ///
    /// Only where the destination is an account and the digest is pinned already; what has to be looked at here, by a
    /// scanner or for its signer, comes here all the same.
    #[arg(long, env = "LONGSHORE_SERVER_SIDE", value_parser = BoolishValueParser::new(), help_heading = "Vendors")]
    pub(crate) server_side: bool,

    /// Ask this command about each file before it is published; `{}` stands for the file
    ///
    /// It is started without a shell, and without the credentials of this environment. A file passes when the command
    /// ends with 0.
    #[arg(
        long,
        env = "LONGSHORE_SCAN",
        value_name = "CMD",
        help_heading = "Checks"
    )]
    pub(crate) scan: Option<String>,

    /// How long the command may take for one file
    #[arg(long, env = "LONGSHORE_SCAN_TIMEOUT", value_name = "TIME", default_value = "10m",
          value_parser = units::duration, help_heading = "Checks")]
    pub(crate) scan_timeout: SignedDuration,

    /// What may be used of this machine.
    #[command(flatten)]
    pub(crate) machine: MachineArgs,
}

/// Where a library stands.
#[derive(Debug, clap::Args)]
pub(crate) struct DestinationArgs {
    /// Where the library stands, rather than where its manifest says
    #[arg(long, env = "LONGSHORE_DESTINATION", value_name = "PLACE")]
    pub(crate) destination: Option<OsString>,
}

/// Where a lock is.
#[derive(Debug, clap::Args)]
pub(crate) struct LockFileArgs {
    /// The lock, rather than the file beside the manifest that ends in `.lock`
    #[arg(
        long,
        env = "LONGSHORE_LOCK",
        value_name = "FILE",
        help_heading = "Pins"
    )]
    pub(crate) lock: Option<PathBuf>,
}

/// What is pinned, and what is looked at again.
#[derive(Debug, clap::Args)]
pub(crate) struct PinArgs {
    /// Where the lock is.
    #[command(flatten)]
    pub(crate) lock: LockFileArgs,

    /// Change no pin: end with exit code 6 when anything is not as the lock says
    #[arg(long, visible_alias = "check", env = "LONGSHORE_LOCKED", value_parser = BoolishValueParser::new(),
          help_heading = "Pins")]
    pub(crate) locked: bool,

    /// Look at the sources of these artifacts again, or at all, and pin what they have now
    ///
    /// Write it after the manifest. In the variable, `*` stands for all.
    #[arg(long, env = "LONGSHORE_UPDATE", value_name = "ID", num_args = 0.., value_delimiter = ',',
          default_missing_value = ALL_IDS, help_heading = "Pins")]
    pub(crate) update: Vec<String>,

    /// Pin only bytes that have been out for so long, such as 7d, 12h or PT90M
    #[arg(long, env = "LONGSHORE_COOLDOWN", value_name = "TIME", value_parser = units::duration,
          help_heading = "Pins")]
    pub(crate) cooldown: Option<SignedDuration>,
}

/// How vendors are reached, and where their files rest on their way.
#[derive(Debug, clap::Args)]
pub(crate) struct UpstreamArgs {
    /// Where downloads rest, rather than in the user's cache; unfinished ones go on from there
    #[arg(
        long,
        env = "LONGSHORE_CELLAR",
        value_name = "DIR",
        help_heading = "Vendors"
    )]
    pub(crate) cellar: Option<PathBuf>,

    /// Keep downloads when they are staged; they are removed otherwise
    #[arg(long, env = "LONGSHORE_KEEP_DOWNLOADS", value_parser = BoolishValueParser::new(), help_heading = "Vendors")]
    pub(crate) keep_downloads: bool,

    /// Take files also from addresses without TLS, whose digests alone protect them
    #[arg(long, env = "LONGSHORE_ALLOW_HTTP", value_parser = BoolishValueParser::new(), help_heading = "Vendors")]
    pub(crate) allow_http: bool,

    /// Ask this mirror for addresses that begin so: FROM=TO; can be repeated
    ///
    /// In the variable, they stand one a line. Locks and releases keep the address of the vendor.
    #[arg(
        long,
        env = "LONGSHORE_REWRITE",
        value_name = "FROM=TO",
        value_delimiter = '\n',
        help_heading = "Vendors"
    )]
    pub(crate) rewrite: Vec<String>,
}

//! What `import winget` and `export winget` take.

use std::path::PathBuf;

use clap::Subcommand;
use clap::builder::{PossibleValuesParser, TypedValueParser};
use longshore_manifest::winget::Scope;
use longshore_manifest::{Architecture, InstallerType};
use url::Url;

use super::releases::{ReleaseArg, SubjectArgs};

/// `longshore import …`.
#[derive(Debug, Subcommand)]
pub(crate) enum ImportCommand {
    /// Make an artifact of a winget manifest
    Winget(ImportWingetArgs),
}

/// `longshore export …`.
#[derive(Debug, Subcommand)]
pub(crate) enum ExportCommand {
    /// Write winget manifests for the files of a release
    Winget(ExportWingetArgs),
}

const IMPORT_EXAMPLES: &str = "\
Examples:
  longshore import winget manifests/g/Git/Git/2.50.1                  print the block
  longshore import winget Git.Git.installer.yaml --architecture arm64 --scope machine
  longshore import winget manifests/g/Git/Git/2.50.1 --into windows.toml   add or replace it there";

/// `longshore import winget`.
#[derive(Debug, clap::Args)]
#[command(after_help = IMPORT_EXAMPLES)]
pub(crate) struct ImportWingetArgs {
    /// A winget manifest, or the folder that holds the files of one package
    #[arg(value_name = "FILE|FOLDER")]
    pub(crate) from: PathBuf,

    /// Which processor; x64 unless said, else what there is
    #[arg(long, env = "LONGSHORE_ARCHITECTURE", value_name = "NAME", value_parser = architecture())]
    pub(crate) architecture: Option<Architecture>,

    /// For whom it installs; machine unless said, else what there is
    #[arg(long, env = "LONGSHORE_SCOPE", value_name = "NAME", value_parser = scope())]
    pub(crate) scope: Option<Scope>,

    /// Which language it speaks, such as de or de-DE
    #[arg(long, env = "LONGSHORE_LOCALE", value_name = "TAG")]
    pub(crate) locale: Option<String>,

    /// What kind of installer
    #[arg(long, env = "LONGSHORE_INSTALLER_TYPE", value_name = "NAME", value_parser = installer_type())]
    pub(crate) installer_type: Option<InstallerType>,

    /// Add the artifact to this manifest, or replace it there; all else stays as it was written
    #[arg(long, env = "LONGSHORE_INTO", value_name = "MANIFEST")]
    pub(crate) into: Option<PathBuf>,
}

const EXPORT_EXAMPLES: &str = "\
Examples:
  longshore export winget manifests/windows.toml -o winget                 of the release that counts
  longshore export winget az://contoso/apps -o winget --auth-type none     the blobs are public
  longshore export winget manifests/windows.toml -o winget --base-url https://apps.contoso.example/apps";

/// `longshore export winget`.
#[derive(Debug, clap::Args)]
#[command(after_help = EXPORT_EXAMPLES)]
pub(crate) struct ExportWingetArgs {
    /// Which library.
    #[command(flatten)]
    pub(crate) subject: SubjectArgs,

    /// The release: `current`, `previous`, or how its digest begins
    #[arg(
        long,
        env = "LONGSHORE_RELEASE",
        value_name = "RELEASE",
        default_value = "current"
    )]
    pub(crate) release: ReleaseArg,

    /// The folder that is to hold the manifests; it is made when it is not there
    #[arg(long, short, env = "LONGSHORE_OUT", value_name = "DIR")]
    pub(crate) out: PathBuf,

    /// How winget signs in to read the blobs
    #[arg(
        long,
        env = "LONGSHORE_AUTH_TYPE",
        value_name = "NAME",
        default_value = "entra"
    )]
    pub(crate) auth_type: AuthTypeArg,

    /// The address of the library for whoever installs, rather than that of the place
    #[arg(long, env = "LONGSHORE_BASE_URL", value_name = "URL")]
    pub(crate) base_url: Option<Url>,

    /// Who publishes what names no publisher; the library unless said
    #[arg(long, env = "LONGSHORE_PUBLISHER", value_name = "NAME")]
    pub(crate) publisher: Option<String>,

    /// The licence of what is published
    #[arg(
        long,
        env = "LONGSHORE_LICENSE",
        value_name = "TEXT",
        default_value = "Proprietary"
    )]
    pub(crate) license: String,

    /// For whom the installers install, where it is the same for all
    #[arg(long, env = "LONGSHORE_SCOPE", value_name = "NAME", value_parser = scope())]
    pub(crate) scope: Option<Scope>,
}

/// The value of `--auth-type`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub(crate) enum AuthTypeArg {
    /// With Microsoft Entra ID, as the user or the identity of the machine
    Entra,
    /// Not at all: the blobs are public
    None,
}

fn architecture() -> impl TypedValueParser<Value = Architecture> {
    PossibleValuesParser::new(["x86", "x64", "arm", "arm64", "neutral"]).map(|name| {
        match name.as_str() {
            "x86" => Architecture::X86,
            "arm" => Architecture::Arm,
            "arm64" => Architecture::Arm64,
            "neutral" => Architecture::Neutral,
            _ => Architecture::X64,
        }
    })
}

fn scope() -> impl TypedValueParser<Value = Scope> {
    PossibleValuesParser::new(["machine", "user"]).map(|name| match name.as_str() {
        "user" => Scope::User,
        _ => Scope::Machine,
    })
}

fn installer_type() -> impl TypedValueParser<Value = InstallerType> {
    PossibleValuesParser::new(InstallerType::ALL.map(InstallerType::name)).map(|name| {
        let known = InstallerType::ALL.into_iter();
        // One of the names was chosen.
        let found = known.into_iter().find(|kind| kind.name() == name);
        found.unwrap_or(InstallerType::Exe)
    })
}

//! What a person should know about an import.

use std::fmt;

use crate::winget::choose::{Candidate, Scope};
use crate::winget::document::Node;
use crate::winget::package::Package;
use crate::{Architecture, InstallerType};

/// What a person should know about an import.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ImportNote {
    /// A name has characters that ours have not.
    Renamed {
        /// The field, as winget names it.
        field: &'static str,
        /// What it says.
        from: String,
        /// What became of it.
        to: String,
    },
    /// There is no installer for x64, so another was taken that runs there.
    OtherArchitecture(Architecture),
    /// The only installer is for a single user.
    ForOneUser,
    /// The package tells no way to install without a person.
    NotSilent,
    /// The manifest is of a newer version than those known here.
    Newer(String),
    /// Something that the package says was not taken over.
    LeftOut {
        /// The field, as winget names it.
        field: &'static str,
        /// What that means.
        because: &'static str,
    },
}

impl fmt::Display for ImportNote {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Renamed { field, from, to } => {
                write!(f, "{field} `{}` became `{to}`", from.escape_debug())
            }
            Self::OtherArchitecture(architecture) => {
                write!(
                    f,
                    "there is no installer for x64; that for {} was taken",
                    architecture.name()
                )
            }
            Self::ForOneUser => {
                f.write_str("it installs for the user who runs it, not for the machine")
            }
            Self::NotSilent => {
                f.write_str("the package names no silent switches: give them in `install`")
            }
            Self::Newer(version) => write!(
                f,
                "the manifest is of version {}, newer than what is known here; look over what came of it",
                version.escape_debug()
            ),
            Self::LeftOut { field, because } => write!(f, "{field} was left out: {because}"),
        }
    }
}

/// What is to be said about the installer that was chosen.
pub(super) fn about(package: &Package, installer: &Node, chosen: &Candidate) -> Vec<ImportNote> {
    let mut notes = Vec::new();
    notes.extend(package.newer.clone().map(ImportNote::Newer));
    if let Some(other @ (Architecture::X86 | Architecture::Neutral)) = chosen.architecture() {
        let has_x64 = (package.installers.iter())
            .any(|one| Candidate::of(one).architecture() == Some(Architecture::X64));
        if !has_x64 {
            notes.push(ImportNote::OtherArchitecture(other));
        }
    }
    if chosen.scope == Some(Scope::User) {
        notes.push(ImportNote::ForOneUser);
    }
    if !is_silent(installer, chosen) {
        notes.push(ImportNote::NotSilent);
    }
    let left_out = (how_left_out(installer, chosen).into_iter()).chain(where_left_out(installer));
    notes.extend(
        left_out
            .filter(|(is_there, ..)| *is_there)
            .map(|(_, field, because)| ImportNote::LeftOut { field, because }),
    );
    notes
}

/// What is run or put in place in the end.
fn runs(chosen: &Candidate) -> Option<InstallerType> {
    let (outer, nested) = chosen.kinds()?;
    Some(nested.unwrap_or(outer))
}

fn is_silent(installer: &Node, chosen: &Candidate) -> bool {
    let says_silent = (installer.installer_switches.as_ref()).is_some_and(|switches| {
        switches.silent.is_some() || switches.silent_with_progress.is_some()
    });
    let says_interactive = (installer.install_modes.as_ref()).is_some_and(|modes| {
        !modes.is_empty()
            && modes
                .iter()
                .all(|mode| mode.eq_ignore_ascii_case("interactive"))
    });
    (runs(chosen) != Some(InstallerType::Exe) || says_silent) && !says_interactive
}

/// Whether something is there, its field, and what it means that it was left out.
type LeftOut = (bool, &'static str, &'static str);

/// What of the way in which it installs has no counterpart.
fn how_left_out(installer: &Node, chosen: &Candidate) -> [LeftOut; 5] {
    let switches = installer.installer_switches.as_ref();
    let files = installer.nested_installer_files.as_ref();
    let is_placed = runs(chosen).is_some_and(InstallerType::is_placed);
    [
        (
            is_placed && switches.is_some(),
            "InstallerSwitches",
            "nothing is run, it is only put in its place",
        ),
        (
            switches.is_some_and(|switches| switches.install_location.is_some()),
            "InstallerSwitches.InstallLocation",
            "it installs where its vendor puts it; another place goes into `args`",
        ),
        (
            installer.install_location_required == Some(true),
            "InstallLocationRequired",
            "it has to be told where to install: give that in `args`",
        ),
        (
            files.is_some_and(|files| files.len() > 1),
            "NestedInstallerFiles",
            "only the first is taken over",
        ),
        (
            installer.dependencies.is_some(),
            "Dependencies",
            "import what it needs as well, and name it in `requires`",
        ),
    ]
}

/// What it says of the machine, and of who may have it.
fn where_left_out(installer: &Node) -> [LeftOut; 5] {
    let is = |text: &Option<String>, word: &str| {
        text.as_deref()
            .is_some_and(|text| text.eq_ignore_ascii_case(word))
    };
    let signs_in = (installer.authentication.as_ref()).is_some_and(|how| {
        how.authentication_type.is_some() && !is(&how.authentication_type, "none")
    });
    [
        (
            installer.minimum_os_version.is_some(),
            "MinimumOSVersion",
            "the build VM has to be new enough",
        ),
        (
            installer.unsupported_os_architectures.is_some() || installer.markets.is_some(),
            "UnsupportedOSArchitectures, Markets",
            "it is not for every machine",
        ),
        (
            is(&installer.elevation_requirement, "elevationProhibited"),
            "ElevationRequirement",
            "it must not run as administrator, as build VMs do",
        ),
        (
            signs_in,
            "Authentication",
            "its file is only given to who signs in",
        ),
        (
            installer.download_command_prohibited == Some(true),
            "DownloadCommandProhibited",
            "its vendor does not want it to be kept: see its licence",
        ),
    ]
}

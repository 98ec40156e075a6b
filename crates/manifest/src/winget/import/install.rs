//! How winget would install, as an install block.

use super::{ImportError, missing, unfit};
use crate::winget::choose::Candidate;
use crate::winget::command_line::split;
use crate::winget::document::{Node, Switches};
use crate::winget::package::Package;
use crate::{ArtifactId, BlobPath, Install, InstallerType, NestedInstaller};

/// The answers that mean success with a restart to come.
const REBOOT: [&str; 2] = ["rebootRequiredToFinish", "rebootInitiated"];

pub(super) fn install(
    package: &Package,
    installer: &Node,
    chosen: &Candidate,
    id: &ArtifactId,
) -> Result<Install, ImportError> {
    let (kind, nested) =
        (chosen.kinds()).ok_or_else(|| unfit(package, "InstallerType", &chosen.installer_type))?;
    let mut install = Install::of(kind);
    if kind == InstallerType::Zip {
        install.nested = Some(nested_installer(package, installer, nested)?);
    }
    let runs = install.runs();
    if runs.is_placed() {
        install.to = Some(place(installer, id));
    } else if let Some(switches) = &installer.installer_switches {
        install.silent = silent(switches, runs);
        install.args = split(switches.custom.as_deref().unwrap_or_default());
    }
    install.reboot = reboot(installer, runs);
    install.success = success(installer, &install.reboot_codes());
    Ok(install)
}

/// What is run, or put in place, in an archive.
fn nested_installer(
    package: &Package,
    installer: &Node,
    kind: Option<InstallerType>,
) -> Result<NestedInstaller, ImportError> {
    let kind = kind.ok_or_else(|| missing(package, "NestedInstallerType"))?;
    let file = (installer.nested_installer_files.iter().flatten())
        .map(|file| file.relative_file_path.replace('\\', "/"))
        .next()
        .ok_or_else(|| missing(package, "NestedInstallerFiles"))?;
    let file = file.strip_prefix("./").unwrap_or(&file).to_owned();
    if file.parse::<BlobPath>().is_err() {
        return Err(unfit(package, "RelativeFilePath", &file));
    }
    Ok(NestedInstaller { kind, file })
}

/// Where something that is not run is put: what the package says, else a directory of its own among the programs.
fn place(installer: &Node, id: &ArtifactId) -> String {
    (installer.installation_metadata.as_ref())
        .and_then(|metadata| metadata.default_install_location.clone())
        .filter(|place| is_absolute(place))
        .unwrap_or_else(|| format!(r"%ProgramFiles%\{id}"))
}

/// Whether a directory begins with a drive, or with a variable that does.
fn is_absolute(place: &str) -> bool {
    match place.as_bytes() {
        [drive, b':', b'\\', ..] => drive.is_ascii_alphabetic(),
        [b'%', rest @ ..] => rest.contains(&b'%'),
        _ => false,
    }
}

/// As winget does it when asked to be silent: the silent switches, else those of the type, else those with progress.
fn silent(switches: &Switches, runs: InstallerType) -> Option<Vec<String>> {
    let with_progress =
        (switches.silent_with_progress.as_deref()).filter(|_| runs.silent().is_empty());
    let given = split(switches.silent.as_deref().or(with_progress)?);
    (given != runs.silent()).then_some(given)
}

/// The codes that mean success; those that ask for a restart as well are not among them.
fn success(installer: &Node, reboot: &[i64]) -> Vec<i64> {
    let mut codes = vec![0];
    for code in installer.installer_success_codes.iter().flatten() {
        if !codes.contains(code) && !reboot.contains(code) {
            codes.push(*code);
        }
    }
    if codes.len() == 1 { Vec::new() } else { codes }
}

/// The codes that the package says, and those of the type of which it says nothing else.
fn reboot(installer: &Node, runs: InstallerType) -> Option<Vec<i64>> {
    let told = || installer.expected_return_codes.iter().flatten();
    let success = || installer.installer_success_codes.iter().flatten();
    let mut codes = Vec::new();
    for code in told() {
        let is_reboot = REBOOT
            .iter()
            .any(|one| one.eq_ignore_ascii_case(&code.return_response));
        if is_reboot && !codes.contains(&code.installer_return_code) {
            codes.push(code.installer_return_code);
        }
    }
    for code in runs.reboot() {
        let is_told = told().any(|one| one.installer_return_code == *code);
        if !is_told && !success().any(|one| one == code) {
            codes.push(*code);
        }
    }
    let is_usual =
        codes.len() == runs.reboot().len() && codes.iter().all(|code| runs.reboot().contains(code));
    (!is_usual).then_some(codes)
}

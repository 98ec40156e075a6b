//! One file of a release as one of a package's installers.

use url::Url;

use super::document::{InstallerNode, MetadataNode, NestedFileNode, ReturnCodeNode, SwitchesNode};
use crate::winget::command_line::join;
use crate::{BlobPath, Install, InstallerType, Released};

/// What the schema allows.
const MAX_SWITCHES: usize = 512;
const MAX_CUSTOM: usize = 2048;
const MAX_URL: usize = 2048;
const MAX_FILE: usize = 512;
const MAX_PLACE: usize = 2048;
const MAX_SUCCESS: usize = 16;
const MAX_RETURN: usize = 128;
const CODES: std::ops::RangeInclusive<i64> = i32::MIN as i64..=u32::MAX as i64;

/// The installer, or why there is none.
pub(super) fn installer(file: &Released, root: &Url) -> Result<InstallerNode, &'static str> {
    let install = (file.install.as_ref()).ok_or("it has no `install`")?;
    let kind = install.kind;
    let nested = install
        .nested
        .as_ref()
        .filter(|_| kind == InstallerType::Zip);
    if kind == InstallerType::Zip && nested.is_none() {
        return Err(
            "winget has to know what is in a zip: name the installer or the program with `nested`",
        );
    }
    if nested.is_some_and(|nested| nested.kind == InstallerType::Zip) {
        return Err("winget does not look into a zip in a zip");
    }
    let relative_file_path = nested.map(|nested| within(nested.file.clone(), MAX_FILE));
    Ok(InstallerNode {
        architecture: file.architecture.name(),
        installer_type: kind.name(),
        nested_installer_type: nested.map(|nested| nested.kind.name()),
        nested_installer_files: (relative_file_path.transpose()?.into_iter())
            .map(|relative_file_path| NestedFileNode { relative_file_path })
            .collect(),
        installer_url: within(blob_url(root, &file.blob)?.into(), MAX_URL)?,
        installer_sha256: file.sha256.to_string().to_uppercase(),
        installer_switches: switches(install)?,
        installer_success_codes: success_codes(install)?,
        expected_return_codes: return_codes(install)?,
        installation_metadata: metadata(install)?,
    })
}

/// What winget is not told about an installer that it gets.
pub(super) fn unsaid(install: &Install) -> impl Iterator<Item = &'static str> {
    let is_bare = install.silent.as_ref().is_some_and(Vec::is_empty);
    let runs = install.runs();
    [
        (
            !install.requires.is_empty() || install.order != 0,
            "winget is not told what has to be installed before: `requires` and `order` are left out",
        ),
        (
            is_bare && !runs.silent().is_empty(),
            "winget gives the usual silent switches: `silent = []` cannot be said",
        ),
        (
            !install.success.is_empty() && !install.success.contains(&0),
            "winget takes 0 for success, also where `success` does not have it",
        ),
        (
            install.reboot_codes().contains(&0),
            "winget takes 0 for success without a restart",
        ),
        (
            install.to.is_some(),
            "winget puts it into a directory of its own; `to` is only told as the usual place",
        ),
    ]
    .into_iter()
    .filter_map(|(is_so, what)| is_so.then_some(what))
}

/// The address of a blob below the root.
fn blob_url(root: &Url, blob: &BlobPath) -> Result<Url, &'static str> {
    let mut url = root.clone();
    url.path_segments_mut()
        .map_err(|()| "the root of the library has no path")?
        .pop_if_empty()
        .extend(blob.as_str().split('/'));
    Ok(url)
}

fn switches(install: &Install) -> Result<Option<SwitchesNode>, &'static str> {
    let silent = line(install.silent.as_deref().unwrap_or_default(), MAX_SWITCHES)?;
    let custom = line(&install.args, MAX_CUSTOM)?;
    if silent.is_none() && custom.is_none() {
        return Ok(None);
    }
    Ok(Some(SwitchesNode {
        silent_with_progress: silent.clone(),
        silent,
        custom,
    }))
}

fn line(arguments: &[String], most: usize) -> Result<Option<String>, &'static str> {
    if arguments.is_empty() {
        return Ok(None);
    }
    within(join(arguments), most).map(Some)
}

fn within(text: String, most: usize) -> Result<String, &'static str> {
    if text.is_empty() || text.chars().count() > most {
        return Err("a switch, a file or an address is empty or longer than winget allows");
    }
    if text.chars().any(|c| c.is_control() && c != '\t') {
        return Err("a switch or a file has a control character");
    }
    Ok(text)
}

fn success_codes(install: &Install) -> Result<Vec<i64>, &'static str> {
    let mut codes = Vec::new();
    for code in install.success_codes() {
        if code != 0 && !codes.contains(&code) {
            codes.push(code);
        }
    }
    checked(codes, MAX_SUCCESS, |code| *code)
}

/// The codes that mean a restart, and of those that mean it by the type, which do not.
fn return_codes(install: &Install) -> Result<Vec<ReturnCodeNode>, &'static str> {
    let Some(told) = &install.reboot else {
        return Ok(Vec::new());
    };
    let success = install.success_codes();
    let usual = install.runs().reboot().iter();
    let denied = usual.filter(|code| !told.contains(code) && !success.contains(code));
    let mut nodes: Vec<ReturnCodeNode> = Vec::new();
    let all = (told.iter().map(|code| (*code, "rebootRequiredToFinish")))
        .chain(denied.map(|code| (*code, "custom")));
    for (code, response) in all {
        if code != 0 && nodes.iter().all(|node| node.installer_return_code != code) {
            nodes.push(ReturnCodeNode {
                installer_return_code: code,
                return_response: response,
            });
        }
    }
    checked(nodes, MAX_RETURN, |node| node.installer_return_code)
}

fn checked<T>(
    codes: Vec<T>,
    most: usize,
    code: impl Fn(&T) -> i64,
) -> Result<Vec<T>, &'static str> {
    if codes.len() > most {
        return Err("it has more exit codes than winget allows");
    }
    if !codes.iter().all(|one| CODES.contains(&code(one))) {
        return Err("one of its exit codes is none that Windows knows");
    }
    Ok(codes)
}

fn metadata(install: &Install) -> Result<Option<MetadataNode>, &'static str> {
    let place = install.to.clone().map(|to| within(to, MAX_PLACE));
    Ok(place
        .transpose()?
        .map(|default_install_location| MetadataNode {
            default_install_location,
        }))
}

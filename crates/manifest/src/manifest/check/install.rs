//! How an artifact is installed: what its type needs, and what it cannot have.

use super::super::TargetOs;
use super::super::key_path::KeyPath;
use super::super::report::Finding;
use super::plain;
use crate::{BlobPath, Install, InstallerType};

/// What is wrong with an install block.
pub(super) fn check(install: &Install, at: &KeyPath, os: Option<TargetOs>) -> Vec<Finding> {
    let mut findings = Vec::new();
    if os == Some(TargetOs::Linux) {
        findings.extend(only_windows(install, at));
    }
    findings.extend(nested(install, at));
    findings.extend(silent(install, at));
    findings.extend(to(install, at, os));
    findings.extend(arguments(install, at));
    findings.extend(codes(install, at));
    findings
}

/// Types that Linux does not run.
fn only_windows(install: &Install, at: &KeyPath) -> Vec<Finding> {
    let nested = install.nested.as_ref();
    let kinds = [
        Some((install.kind, at.key("type"))),
        nested.map(|nested| (nested.kind, at.key("nested").key("type"))),
    ];
    let wrong = |(kind, at): (InstallerType, KeyPath)| {
        let message = format!("`{}` installers are for Windows", kind.name());
        let hint = "on Linux there are `exe` (a program or script that installs), `zip` and `portable`; \
                    or say `os = \"windows\"` in `[library]`";
        kind.is_only_windows()
            .then(|| Finding::wrong(at, message, hint))
    };
    kinds.into_iter().flatten().filter_map(wrong).collect()
}

/// An installer in an archive.
fn nested(install: &Install, at: &KeyPath) -> Vec<Finding> {
    let Some(nested) = &install.nested else {
        return Vec::new();
    };
    let at = at.key("nested");
    let mut findings = Vec::new();
    if install.kind != InstallerType::Zip {
        let message = format!("`nested` in an installer of type `{}`", install.kind.name());
        findings.push(Finding::wrong(
            at.clone(),
            message,
            "only `zip` has files in it: leave `nested` out",
        ));
    }
    if nested.kind == InstallerType::Zip {
        let message = "an archive in an archive";
        findings.push(Finding::wrong(
            at.key("type"),
            message,
            "name the type of the installer in it",
        ));
    }
    if nested.file.parse::<BlobPath>().is_err() {
        let message = "`file` is no file in the archive";
        let hint = "write its path from the root of the archive, with `/` between the parts and without `..`";
        findings.push(Finding::wrong(at.key("file"), message, hint));
    }
    findings
}

/// What is run needs silent switches, what is put in place has none.
fn silent(install: &Install, at: &KeyPath) -> Vec<Finding> {
    let kind = install.runs();
    if kind == InstallerType::Exe && install.silent.is_none() && install.args.is_empty() {
        let message = "an `exe` has no silent switches that are known";
        let hint = "give them: `silent = [\"/S\"]`; common ones are `/S`, `/silent`, `/quiet`, `/qn`, `--silent` and `-y`, \
                    and `silent = []` says that it asks nothing";
        return vec![Finding::absent(at.clone(), message, hint)];
    }
    let said = [
        ("silent", install.silent.is_some()),
        ("args", !install.args.is_empty()),
    ];
    let wrong = |key: &str| {
        let message = format!("`{key}` for type `{}`, which runs nothing", kind.name());
        let hint = "leave it out, or say with `nested` which installer in the archive is run";
        Finding::wrong(at.key(key), message, hint)
    };
    let said = said
        .into_iter()
        .filter(|(_, is_said)| *is_said && kind.is_placed());
    said.map(|(key, _)| wrong(key)).collect()
}

/// Where things are put.
fn to(install: &Install, at: &KeyPath, os: Option<TargetOs>) -> Option<Finding> {
    let kind = install.runs();
    let Some(to) = &install.to else {
        let message = format!("`to` is missing: type `{}` is put somewhere", kind.name());
        let hint = "add the directory: `to = 'C:\\apps'` on Windows, `to = \"/opt/apps\"` on Linux";
        return kind
            .is_placed()
            .then(|| Finding::absent(at.clone(), message, hint));
    };
    let at = at.key("to");
    if !install.kind.is_placed() {
        let message = format!(
            "`to` for type `{}`, which chooses itself",
            install.kind.name()
        );
        let hint = "`to` is for `zip` and `portable`; give others their directory by `args`";
        return Some(Finding::wrong(at, message, hint));
    }
    let is_good = match os {
        Some(TargetOs::Windows) => is_windows_directory(to),
        Some(TargetOs::Linux) => is_linux_directory(to),
        None => true,
    };
    let hint = match os {
        Some(TargetOs::Linux) => "the build VM runs Linux: `to = \"/opt/apps\"`",
        _ => {
            "the build VM runs Windows: `to = 'C:\\apps'` or `to = '%ProgramFiles%\\apps'`, in single quotes"
        }
    };
    (!is_good).then(|| Finding::wrong(at, "`to` is no absolute directory of the build VM", hint))
}

fn is_windows_directory(to: &str) -> bool {
    let after_drive = match to.as_bytes() {
        [drive, b':', b'\\' | b'/', ..] if drive.is_ascii_alphabetic() => Some(&to[3..]),
        _ => None,
    };
    let after_variable = || {
        let (name, rest) = to.strip_prefix('%')?.split_once('%')?;
        let is_name = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '(' | ')');
        let is_whole = rest.is_empty() || rest.starts_with(['\\', '/']);
        (!name.is_empty() && name.chars().all(is_name) && is_whole).then_some(rest)
    };
    let is_wrong =
        |c: char| c.is_control() || matches!(c, '<' | '>' | ':' | '"' | '|' | '?' | '*' | '%');
    after_drive.or_else(after_variable).is_some_and(|rest| {
        !rest.contains(is_wrong) && rest.split(['\\', '/']).all(|part| part != "..")
    })
}

fn is_linux_directory(to: &str) -> bool {
    to.starts_with('/') && !to.contains(char::is_control) && to.split('/').all(|part| part != "..")
}

/// Arguments are passed as they are, each in one line.
fn arguments(install: &Install, at: &KeyPath) -> Vec<Finding> {
    let silent = install.silent.iter().flatten().enumerate();
    let silent = silent.map(|(index, text)| (at.key("silent").index(index), text));
    let args = install.args.iter().enumerate();
    let args = args.map(|(index, text)| (at.key("args").index(index), text));
    silent
        .chain(args)
        .flat_map(|(at, text)| plain(text, &at))
        .collect()
}

/// Exit codes: those that there are, each with one meaning.
fn codes(install: &Install, at: &KeyPath) -> Vec<Finding> {
    let numbered = |key: &str, codes: &[i64]| -> Vec<(KeyPath, i64)> {
        let at = at.key(key);
        let codes = codes.iter().copied().enumerate();
        codes.map(|(index, code)| (at.index(index), code)).collect()
    };
    let success = numbered("success", &install.success);
    let reboot = numbered("reboot", install.reboot.as_deref().unwrap_or_default());
    let mut findings = Vec::new();
    for (at, code) in success.iter().chain(&reboot) {
        if !(i64::from(i32::MIN)..=i64::from(u32::MAX)).contains(code) {
            let hint = "exit codes have 32 bits; on Linux they are from 0 to 255";
            findings.push(Finding::wrong(
                at.clone(),
                format!("{code} is no exit code"),
                hint,
            ));
        }
    }
    for (at, code) in reboot {
        if install.success.contains(&code) {
            let message = format!("exit code {code} is in `success` too");
            let hint = "leave it in `reboot` if it asks for a restart, else in `success`";
            findings.push(Finding::wrong(at, message, hint));
        }
    }
    findings
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn directories_are_absolute_on_the_build_vm() {
        for to in ["C:\\apps", "d:/apps", "%ProgramFiles(x86)%\\a b", "%TEMP%"] {
            assert!(is_windows_directory(to), "{to}");
        }
        for to in [
            "",
            "apps",
            "\\apps",
            "C:apps",
            "C:\\a\\..\\b",
            "%%\\a",
            "%A%b",
            "C:\\a%b",
            "/opt",
        ] {
            assert!(!is_windows_directory(to), "{to}");
        }
        assert!(is_linux_directory("/opt/apps"));
        for to in ["", "opt", "/opt/../etc", "C:\\apps", "/a\nb"] {
            assert!(!is_linux_directory(to), "{to}");
        }
    }
}

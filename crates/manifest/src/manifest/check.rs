//! What a manifest means: the checks that come after every value was read. They name keys, never bytes.

mod install;
mod source;
mod together;
mod update;

pub(super) use together::{Checked, together};

use super::key_path::KeyPath;
use super::report::Finding;
use super::{Artifact, Library, TargetOs, secret};

/// What is wrong with the library's own table.
pub(super) fn library(library: &Library, at: &KeyPath) -> Vec<Finding> {
    let at = at.key("destination");
    match &library.destination {
        Some(destination) if secret::is_in_place(destination) => vec![Finding::secret(at)],
        Some(destination) if destination.trim().is_empty() => {
            let hint = "name a container, or leave it out and give `--destination`";
            vec![Finding::wrong(at, "the destination is empty", hint)]
        }
        Some(destination) => plain(destination, &at),
        None => Vec::new(),
    }
}

/// What is wrong with an artifact by itself.
pub(super) fn artifact(artifact: &Artifact, at: &KeyPath, os: Option<TargetOs>) -> Vec<Finding> {
    let mut findings = source::check(artifact, at);
    findings.extend(people(artifact, at));
    findings.extend(signer(artifact, at, os));
    if let Some(install) = &artifact.install {
        findings.extend(install::check(install, &at.key("install"), os));
    }
    if let Some(update) = &artifact.update {
        findings.extend(update::check(update, &at.key("update")));
    }
    findings
}

/// Texts for people end up in tables and logs.
fn people(artifact: &Artifact, at: &KeyPath) -> Vec<Finding> {
    let texts = [
        ("name", &artifact.name),
        ("publisher", &artifact.publisher),
        ("signer", &artifact.signer),
    ];
    texts
        .into_iter()
        .filter_map(|(key, text)| Some((at.key(key), text.as_deref()?)))
        .flat_map(|(at, text)| plain(text, &at))
        .collect()
}

/// A text without control characters.
fn plain(text: &str, at: &KeyPath) -> Vec<Finding> {
    if !text.contains(char::is_control) {
        return Vec::new();
    }
    let hint = "write it in one line; in quotes `\\\\` is one backslash, and in single quotes nothing is special";
    let message = "a control character, such as a new line or a tab";
    vec![Finding::wrong(at.clone(), message, hint)]
}

/// Signatures are in programs and packages of Windows.
fn signer(artifact: &Artifact, at: &KeyPath, os: Option<TargetOs>) -> Option<Finding> {
    artifact.signer.as_ref()?;
    let at = at.key("signer");
    if os == Some(TargetOs::Linux) {
        let message = "`signer` is for files of Windows";
        return Some(Finding::wrong(
            at,
            message,
            "leave it out and give `sha256`",
        ));
    }
    let by_type = artifact
        .install
        .as_ref()
        .is_some_and(|install| install.kind.is_signed());
    let name = artifact.file_name().map(|name| name.to_string());
    let name = name.or_else(|| artifact.path.clone()).unwrap_or_default();
    let extension = name.rsplit('.').next().unwrap_or_default().to_lowercase();
    if by_type || matches!(extension.as_str(), "exe" | "msi") {
        return None;
    }
    let message = "`signer` is for exe and msi files";
    let hint = "the signature of other files is not looked at: leave it out and give `sha256`";
    Some(Finding::wrong(at, message, hint))
}

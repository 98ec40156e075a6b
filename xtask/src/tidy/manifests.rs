//! How a member's `Cargo.toml` looks: its name says its folder, and every version and lint is the workspace's.

use toml::{Table, Value};

use super::finding::Finding;

const INHERITED: &[&str] = &["version", "edition", "rust-version", "license", "publish"];
const DEPENDENCIES: &[&str] = &["dependencies", "dev-dependencies", "build-dependencies"];

/// Checks the file when it is a member's manifest.
pub(crate) fn check(path: &str, text: &str) -> Vec<Finding> {
    let Some(folder) = path.strip_suffix("/Cargo.toml") else {
        return Vec::new();
    };
    match text.parse::<Table>() {
        Ok(manifest) => check_manifest(path, folder, &manifest),
        Err(error) => vec![Finding::error(path, error.message())],
    }
}

fn check_manifest(path: &str, folder: &str, manifest: &Table) -> Vec<Finding> {
    let mut findings = Vec::new();
    let empty = Table::new();
    let package = table(manifest, "package").unwrap_or(&empty);
    let (name, expected) = (
        package.get("name").and_then(Value::as_str),
        package_name(folder),
    );
    if name != Some(&expected) {
        findings.push(Finding::error(
            path,
            format!("the package of `{folder}` is named `{expected}`"),
        ));
    }
    for key in INHERITED {
        if package.get(*key).is_none_or(|value| !is_inherited(value)) {
            findings.push(Finding::error(
                path,
                format!("`{key}` is the workspace's: `{key}.workspace = true`"),
            ));
        }
    }
    if manifest
        .get("lints")
        .is_none_or(|value| !is_inherited(value))
    {
        findings.push(Finding::error(
            path,
            "lints are the workspace's: `[lints] workspace = true`",
        ));
    }
    let targets = table(manifest, "target").unwrap_or(&empty);
    let platforms = targets.values().filter_map(Value::as_table);
    for owner in std::iter::once(manifest).chain(platforms) {
        for (name, value) in DEPENDENCIES
            .iter()
            .filter_map(|kind| table(owner, kind))
            .flatten()
        {
            if !is_inherited(value) {
                let message = format!(
                    "`{name}` takes its version from the workspace: `{name}.workspace = true`"
                );
                findings.push(Finding::error(path, message));
            }
        }
    }
    findings
}

/// `crates/content` is `longshore-content`; the main binary and this tool are named as they are run.
fn package_name(folder: &str) -> String {
    let last = folder.rsplit('/').next().unwrap_or(folder);
    match last {
        "longshore" | "xtask" => last.to_owned(),
        _ => format!("longshore-{last}"),
    }
}

fn table<'a>(owner: &'a Table, key: &str) -> Option<&'a Table> {
    owner.get(key).and_then(Value::as_table)
}

/// Whether it says `workspace = true` and brings no version, path or source of its own.
fn is_inherited(value: &Value) -> bool {
    let Some(table) = value.as_table() else {
        return false;
    };
    table.get("workspace") == Some(&Value::Boolean(true))
        && table
            .keys()
            .all(|key| ["workspace", "features", "optional"].contains(&key.as_str()))
}

#[cfg(test)]
mod tests {
    use super::*;

    const GOOD: &str = r#"
        [package]
        name = "longshore-content"
        version.workspace = true
        edition.workspace = true
        rust-version.workspace = true
        license.workspace = true
        publish.workspace = true
        [lints]
        workspace = true
        [dependencies]
        blake3.workspace = true
        tokio = { workspace = true, features = ["fs"] }
        [target.'cfg(unix)'.dependencies]
        rustix.workspace = true
    "#;

    fn findings(path: &str, from: &str, to: &str) -> usize {
        assert!(GOOD.contains(from), "{from}");
        check(path, &GOOD.replacen(from, to, 1)).len()
    }

    #[test]
    fn a_good_manifest_passes_and_other_files_are_left_alone() {
        assert_eq!(findings("crates/content/Cargo.toml", "", ""), 0);
        assert_eq!(check("Cargo.toml", "[workspace]").len(), 0);
        assert_eq!(check("crates/content/notes.toml", "[package]").len(), 0);
    }

    #[test]
    fn the_name_says_the_folder() {
        assert_eq!(findings("crates/store/Cargo.toml", "", ""), 1);
        assert_eq!(
            findings(
                "apps/longshore/Cargo.toml",
                "longshore-content",
                "longshore"
            ),
            0
        );
        assert_eq!(
            findings(
                "apps/template-run/Cargo.toml",
                "longshore-content",
                "longshore-template-run"
            ),
            0
        );
        assert_eq!(
            findings("xtask/Cargo.toml", "longshore-content", "longshore-xtask"),
            1
        );
    }

    #[test]
    fn versions_and_lints_are_the_workspaces() {
        for (from, to) in [
            ("version.workspace = true", "version = \"1.0.0\""),
            ("license.workspace = true", ""),
            ("[lints]\n        workspace = true", ""),
            ("blake3.workspace = true", "blake3 = \"1\""),
            ("workspace = true, features", "version = \"1\", features"),
            (
                "rustix.workspace = true",
                "rustix = { workspace = true, path = \"x\" }",
            ),
            (
                "[dependencies]",
                "[dev-dependencies]\nx = \"1\"\n[dependencies]",
            ),
        ] {
            assert_eq!(
                findings("crates/content/Cargo.toml", from, to),
                1,
                "{from} -> {to}"
            );
        }
    }

    #[test]
    fn what_is_no_toml_is_found() {
        assert_eq!(check("crates/content/Cargo.toml", "[package").len(), 1);
    }
}

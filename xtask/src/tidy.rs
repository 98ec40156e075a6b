//! The house rules that no compiler checks: which crate may name which, how manifests and sources look.
//!
//! Every rule is data in one of the modules below, and every rule has a test that shows it can fail. The whole check
//! also runs over the real workspace inside `cargo test`.

mod arrows;
mod code;
mod finding;
mod manifests;
mod sources;

use std::process::ExitCode;

use anyhow::Result;
use finding::{Finding, Severity};

use crate::process;
use crate::workspace::Workspace;

/// Prints what is found; fails on anything worse than a warning.
pub(crate) fn run(workspace: &Workspace) -> Result<ExitCode> {
    let findings = check(workspace)?;
    for finding in &findings {
        println!("{finding}");
    }
    let errors = findings
        .iter()
        .filter(|finding| finding.severity == Severity::Error)
        .count();
    println!(
        "tidy: {errors} errors, {} warnings",
        findings.len() - errors
    );
    Ok(process::exit_code(errors == 0))
}

fn check(workspace: &Workspace) -> Result<Vec<Finding>> {
    let mut findings = arrows::check(&arrows::members(workspace.metadata()));
    for name in workspace.files()? {
        let bytes = fs_err::read(workspace.root().join(&name))?;
        let Ok(text) = String::from_utf8(bytes) else {
            continue;
        };
        findings.extend(sources::check(&name, &text));
        findings.extend(manifests::check(&name, &text));
    }
    findings.sort();
    Ok(findings)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_workspace_is_tidy() {
        let workspace = Workspace::load().unwrap();
        let errors: Vec<_> = check(&workspace)
            .unwrap()
            .into_iter()
            .filter(|finding| finding.severity == Severity::Error)
            .map(|finding| finding.to_string())
            .collect();
        assert!(errors.is_empty(), "\n{}", errors.join("\n"));
    }
}

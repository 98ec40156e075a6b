//! The gates that every change has to pass: the same on a developer's machine and in the pipeline.

use std::path::PathBuf;
use std::process::{Command, ExitCode};
use std::time::Instant;

use anyhow::Result;

use crate::process;
use crate::suite::{self, Tally};
use crate::workspace::Workspace;

/// The version of cargo-deny that `deny.toml` is written for.
const DENY_VERSION: &str = "0.20.2";

/// A gate that is one call of cargo.
struct Gate {
    name: &'static str,
    arguments: &'static [&'static str],
    environment: &'static [(&'static str, &'static str)],
}

const FORMAT: Gate = Gate {
    name: "fmt",
    arguments: &["fmt", "--all", "--check"],
    environment: &[],
};

const CLIPPY: Gate = Gate {
    name: "clippy",
    arguments: &[
        "clippy",
        "--locked",
        "--workspace",
        "--all-targets",
        "--all-features",
        "--",
        "-D",
        "warnings",
    ],
    environment: &[],
};

const DOCS: Gate = Gate {
    name: "doc",
    arguments: &["doc", "--locked", "--workspace", "--no-deps"],
    environment: &[("RUSTDOCFLAGS", "-D warnings")],
};

/// Runs every gate, also behind one that failed, and prints the test counts as the last line.
///
/// `Cargo.lock` has its gate too: everything here runs with `--locked`, the workspace itself was read so.
pub(crate) fn run(workspace: &Workspace) -> ExitCode {
    let mut report = Report::default();
    let mut tally = Tally::NOTHING_RAN;
    report.gate(FORMAT.name, || cargo(workspace, &FORMAT));
    report.gate(CLIPPY.name, || cargo(workspace, &CLIPPY));
    report.gate("test", || {
        tally = suite::tally(workspace, &[])?;
        Ok(tally.is_good())
    });
    report.gate(DOCS.name, || cargo(workspace, &DOCS));
    report.gate("deny", || deny(workspace));

    let good = report.failed.is_empty();
    if !good {
        println!("ci: failed: {}", report.failed.join(", "));
    }
    println!("{tally}");
    process::exit_code(good)
}

/// Which gates failed so far.
#[derive(Debug, Default)]
struct Report {
    failed: Vec<&'static str>,
}

impl Report {
    /// Runs one gate and says how it went and how long it took.
    fn gate(&mut self, name: &'static str, check: impl FnOnce() -> Result<bool>) {
        println!("ci: {name} …");
        let start = Instant::now();
        let good = check().unwrap_or_else(|error| {
            eprintln!("error: {error:#}");
            false
        });
        let verdict = if good { "passed" } else { "FAILED" };
        println!("ci: {name} {verdict} after {} s", start.elapsed().as_secs());
        if !good {
            self.failed.push(name);
        }
    }
}

fn cargo(workspace: &Workspace, gate: &Gate) -> Result<bool> {
    let mut command = process::command("cargo");
    command
        .args(gate.arguments)
        .envs(gate.environment.iter().copied())
        .current_dir(workspace.root());
    process::succeeds(&mut command)
}

/// Checks what the tree of dependencies may hold.
///
/// Advisories need a database from the network: without it they are not checked, and that is said, not hidden.
fn deny(workspace: &Workspace) -> Result<bool> {
    let tool = deny_tool(workspace)?;
    let command = |arguments: &[&str]| {
        let mut command = Command::new(&tool);
        command.args(arguments).current_dir(workspace.root());
        command
    };
    let mut good = process::succeeds(&mut command(&[
        "--locked",
        "check",
        "--hide-inclusion-graph",
        "bans",
        "licenses",
        "sources",
    ]))?;
    match process::output(&mut command(&["--locked", "fetch", "db"])) {
        Ok(_) => {
            good &= process::succeeds(&mut command(&[
                "--locked",
                "check",
                "--disable-fetch",
                "advisories",
            ]))?;
        }
        Err(error) => {
            println!("ci: advisories NOT CHECKED: their database is out of reach: {error:#}");
        }
    }
    Ok(good)
}

/// The cargo-deny of our version: from the path, or from the target folder, where it is installed when missing.
fn deny_tool(workspace: &Workspace) -> Result<PathBuf> {
    let root = workspace.target().join("tools");
    let own = root
        .join("bin")
        .join(format!("cargo-deny{}", std::env::consts::EXE_SUFFIX));
    for tool in [PathBuf::from("cargo-deny"), own.clone()] {
        let version = Command::new(&tool).arg("--version").output();
        let is_ours = |text: &[u8]| String::from_utf8_lossy(text).trim().ends_with(DENY_VERSION);
        if version.is_ok_and(|output| is_ours(&output.stdout)) {
            return Ok(tool);
        }
    }
    println!("ci: installing cargo-deny {DENY_VERSION} …");
    let package = format!("cargo-deny@{DENY_VERSION}");
    let mut install = process::command("cargo");
    install
        .args(["install", "--quiet", "--locked", &package, "--root"])
        .arg(&root);
    anyhow::ensure!(
        process::succeeds(&mut install)?,
        "cannot install `{package}`"
    );
    Ok(own)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_gate_fails_by_its_answer_and_by_its_error_and_the_others_still_run() {
        let mut report = Report::default();
        report.gate("a", || Ok(false));
        report.gate("b", || Ok(true));
        report.gate("c", || anyhow::bail!("no such tool"));
        assert_eq!(report.failed, ["a", "c"]);
    }
}

//! The tests: installs the peers that they talk to, runs every one of them, and counts.

use std::fmt;
use std::io::{BufRead, BufReader};
use std::process::{ExitCode, Stdio};

use anyhow::{Context, Result};

use crate::process;
use crate::workspace::Workspace;

/// Installs azcopy, rclone, Azurite and the Python SDK where the tests look for them.
const INSTALL: &str = "tests/clients/install";

/// How many tests passed and failed.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Tally {
    passed: u64,
    failed: u64,
}

impl Tally {
    /// Nothing could be run: that is one failure, not none.
    pub(crate) const NOTHING_RAN: Self = Self {
        passed: 0,
        failed: 1,
    };

    /// Adds the counts of one line of the test runner, if it has any.
    fn add(&mut self, line: &str) {
        let Some(counts) = line.strip_prefix("test result: ") else {
            return;
        };
        for part in counts.split([';', '.']) {
            let mut words = part.split_whitespace();
            if let (Some(Ok(count)), Some(kind)) =
                (words.next().map(str::parse::<u64>), words.next())
            {
                match kind {
                    "passed" => self.passed += count,
                    "failed" => self.failed += count,
                    _ => {}
                }
            }
        }
    }

    /// A runner that failed without naming a test (it did not build, or crashed) has one failure at least.
    fn closed(mut self, succeeded: bool) -> Self {
        if !succeeded {
            self.failed = self.failed.max(1);
        }
        self
    }

    /// Whether no test failed.
    pub(crate) fn is_good(self) -> bool {
        self.failed == 0
    }
}

impl fmt::Display for Tally {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} passed, {} failed", self.passed, self.failed)
    }
}

/// Runs the tests and prints the counts as the last line.
pub(crate) fn run(workspace: &Workspace, arguments: &[String]) -> Result<ExitCode> {
    let tally = tally(workspace, arguments)?;
    println!("{tally}");
    Ok(process::exit_code(tally.is_good()))
}

/// Runs the tests; `arguments` replace the choice of the whole workspace.
pub(crate) fn tally(workspace: &Workspace, arguments: &[String]) -> Result<Tally> {
    let install = workspace.root().join(INSTALL);
    if !process::succeeds(
        process::command("bash")
            .arg(install)
            .current_dir(workspace.root()),
    )? {
        eprintln!("error: `{INSTALL}` failed: the tests have no peers to talk to");
        return Ok(Tally::NOTHING_RAN);
    }
    // The end-to-end tests start the binaries, and only a build of everything makes all of them with the same features.
    let build = ["build", "--locked", "--workspace", "--all-targets"];
    if !process::succeeds(
        process::command("cargo")
            .args(build)
            .current_dir(workspace.root()),
    )? {
        return Ok(Tally::NOTHING_RAN);
    }
    count(workspace, arguments)
}

fn count(workspace: &Workspace, arguments: &[String]) -> Result<Tally> {
    let mut cargo = process::command("cargo");
    cargo.args(["test", "--locked", "--no-fail-fast"]);
    if arguments.is_empty() {
        cargo.arg("--workspace");
    }
    let mut child = cargo
        .args(arguments)
        .current_dir(workspace.root())
        .stdout(Stdio::piped())
        .spawn()
        .context("cannot start `cargo test`")?;
    let mut tally = Tally::default();
    let output = child.stdout.take().context("`cargo test` has no output")?;
    for line in BufReader::new(output).split(b'\n') {
        let line = String::from_utf8_lossy(&line?).into_owned();
        println!("{line}");
        tally.add(&line);
    }
    Ok(tally.closed(child.wait()?.success()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_are_summed_over_runners() {
        let mut tally = Tally::default();
        for line in [
            "test result: ok. 7 passed; 0 failed; 0 ignored; 0 measured; 0 filtered out; finished in 0.01s",
            "test result: FAILED. 2 passed; 3 failed; 0 ignored; 0 measured; 9 filtered out; finished in 0.01s",
            "note: 5 passed; nobody said so",
        ] {
            tally.add(line);
        }
        assert_eq!(tally.to_string(), "9 passed, 3 failed");
        assert!(!tally.is_good());
    }

    #[test]
    fn a_runner_that_dies_without_counts_has_failed() {
        assert_eq!(Tally::default().closed(false), Tally::NOTHING_RAN);
        assert!(Tally::default().closed(true).is_good());
        let counted = Tally {
            passed: 1,
            failed: 2,
        };
        assert_eq!(counted.closed(false), counted);
    }
}

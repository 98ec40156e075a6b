//! Running other programs.

use std::process::{Command, ExitCode, Stdio};

use anyhow::{Context, Result, bail};

/// A command whose messages are in English and whose standard input is empty.
pub(crate) fn command(program: &str) -> Command {
    let mut command = Command::new(program);
    command.env("LC_ALL", "C").stdin(Stdio::null());
    command
}

/// Runs to the end and gives what was written to standard output.
///
/// A failure names the program and quotes the last lines that it wrote to standard error.
pub(crate) fn output(command: &mut Command) -> Result<String> {
    let program = command.get_program().to_string_lossy().into_owned();
    let output = command
        .output()
        .with_context(|| format!("cannot start `{program}`"))?;
    if !output.status.success() {
        let errors = String::from_utf8_lossy(&output.stderr);
        bail!(
            "`{program}` failed ({}): {}",
            output.status,
            last_lines(&errors, 3)
        );
    }
    String::from_utf8(output.stdout).with_context(|| format!("`{program}` wrote no UTF-8"))
}

/// Runs to the end with the output passed through; whether it succeeded.
pub(crate) fn succeeds(command: &mut Command) -> Result<bool> {
    let program = command.get_program().to_string_lossy().into_owned();
    let status = command
        .status()
        .with_context(|| format!("cannot start `{program}`"))?;
    Ok(status.success())
}

/// What a command of ours ends with.
pub(crate) fn exit_code(good: bool) -> ExitCode {
    if good {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    }
}

fn last_lines(text: &str, count: usize) -> String {
    let lines: Vec<_> = text
        .lines()
        .filter(|line| !line.trim().is_empty())
        .collect();
    lines[lines.len().saturating_sub(count)..].join(" / ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_failure_quotes_the_last_lines_only() {
        assert_eq!(last_lines("a\n\nb\nc\nd\n", 3), "b / c / d");
        assert_eq!(last_lines("", 3), "");
    }

    #[test]
    fn a_missing_program_is_named() {
        let error = output(&mut command("no-such-program-of-longshore")).unwrap_err();
        assert!(error.to_string().contains("no-such-program-of-longshore"));
    }
}

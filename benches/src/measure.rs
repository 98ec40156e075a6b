//! What one run of a client costs: wall time, CPU time and peak memory of that process alone.

use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};
use wait4::Wait4;

/// What a client finds at its standard input.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Input {
    /// A pipe that stays open and silent.
    Open,
    /// The end of file at once, as cron, systemd and most pipelines have it.
    Ended,
}

/// What one run took.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Usage {
    pub(crate) wall: Duration,
    pub(crate) cpu: Duration,
    /// The largest resident set, in bytes.
    pub(crate) peak: u64,
}

/// Runs `command` to its end, with its output in the file `log`; a client that fails has no costs.
pub(crate) fn measure(command: &mut Command, input: Input, log: &Path) -> Result<Usage> {
    let output = fs_err::File::create(log)?.into_file();
    command
        .stdin(match input {
            Input::Open => Stdio::piped(),
            Input::Ended => Stdio::null(),
        })
        .stdout(output.try_clone()?)
        .stderr(output);
    let start = Instant::now();
    let mut child = command
        .spawn()
        .with_context(|| format!("cannot start `{}`", command.get_program().display()))?;
    // Taken, because waiting closes the pipe that the child still holds.
    let open = child.stdin.take();
    let used = child.wait4()?;
    let wall = start.elapsed();
    drop(open);
    ensure!(
        used.status.success(),
        "`{}` failed ({}): {}",
        command.get_program().display(),
        used.status,
        last_lines(log)?
    );
    Ok(Usage {
        wall,
        cpu: used.rusage.utime + used.rusage.stime,
        peak: used.rusage.maxrss,
    })
}

fn last_lines(log: &Path) -> Result<String> {
    let text = String::from_utf8_lossy(&fs_err::read(log)?).into_owned();
    let lines: Vec<_> = text
        .lines()
        .filter(|line| !line.trim().is_empty())
        .collect();
    Ok(lines[lines.len().saturating_sub(12)..].join("\n"))
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use super::*;

    fn shell(script: &str, input: Input) -> Result<Usage> {
        let folder = tempfile::tempdir()?;
        measure(
            Command::new("sh").args(["-c", script]),
            input,
            &folder.path().join("log"),
        )
    }

    #[test]
    fn the_cpu_of_the_child_is_counted_and_its_idle_time_is_not() {
        let busy = shell(
            "i=0; while [ $i -lt 300000 ]; do i=$((i+1)); done",
            Input::Open,
        )
        .unwrap();
        assert!(
            busy.cpu > Duration::from_millis(10) && busy.peak > 100 << 10,
            "{busy:?}"
        );
        let idle = shell("exit 0", Input::Open).unwrap();
        assert!(idle.cpu < busy.cpu, "{idle:?} {busy:?}");
    }

    #[test]
    fn an_open_input_is_silent_and_an_ended_one_is_at_its_end() {
        // A read that does not wait says whether there is an end or only nothing yet.
        let read = "LC_ALL=C dd iflag=nonblock count=1 2>&1 | grep -q 'temporarily unavailable'";
        shell(read, Input::Open).unwrap();
        shell(&format!("! {read}"), Input::Ended).unwrap();
    }

    #[test]
    fn a_failure_shows_what_the_client_said() {
        let error = shell("echo no such container >&2; exit 3", Input::Open).unwrap_err();
        assert!(error.to_string().contains("no such container"), "{error}");
    }
}

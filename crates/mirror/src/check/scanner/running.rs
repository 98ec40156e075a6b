//! A scanner that runs: its end, its last words, and its death when nobody waits for it any more.

use std::io;
use std::process::ExitStatus;

use tokio::io::{AsyncRead, AsyncReadExt};
use tokio::process::{Child, Command};

/// How many of its last lines are kept.
const LINES: usize = 20;

/// How much of its output is kept while it talks.
const KEPT: usize = 16 << 10;

/// A scanner that runs, with whatever it started.
#[derive(Debug)]
pub(super) struct Running(Child);

impl Running {
    pub(super) fn start(mut command: Command) -> io::Result<Self> {
        // A group of its own, so that what it starts can be ended with it.
        #[cfg(unix)]
        command.process_group(0);
        command.spawn().map(Self)
    }

    /// Waits until it ends; gives its last words on stdout, then those on stderr.
    pub(super) async fn end(&mut self) -> io::Result<(ExitStatus, String)> {
        let (stdout, stderr) = (self.0.stdout.take(), self.0.stderr.take());
        let (stdout, stderr) = futures::try_join!(tail(stdout), tail(stderr))?;
        let status = self.0.wait().await?;
        Ok((status, last_words(&stdout, &stderr)))
    }
}

/// Whoever stops waiting kills the group; after its end there is no id, and nothing to kill.
#[cfg(unix)]
impl Drop for Running {
    fn drop(&mut self) {
        use rustix::process::{Pid, Signal, kill_process_group};
        let id = self.0.id().and_then(|id| i32::try_from(id).ok());
        if let Some(group) = id.and_then(Pid::from_raw) {
            // It may have ended by itself at this very moment.
            let _ = kill_process_group(group, Signal::KILL);
        }
    }
}

/// The last of what a stream brings.
async fn tail(stream: Option<impl AsyncRead + Unpin>) -> io::Result<Vec<u8>> {
    let mut kept = Vec::new();
    let Some(mut stream) = stream else {
        return Ok(kept);
    };
    while stream.read_buf(&mut kept).await? > 0 {
        if kept.len() > 2 * KEPT {
            kept.drain(..kept.len() - KEPT);
        }
    }
    Ok(kept)
}

fn last_words(stdout: &[u8], stderr: &[u8]) -> String {
    let said = [stdout, stderr].map(String::from_utf8_lossy);
    let lines: Vec<&str> = said.iter().flat_map(|text| text.lines()).collect();
    let last = &lines[lines.len().saturating_sub(LINES)..];
    last.iter()
        .map(|line| visible(line))
        .collect::<Vec<_>>()
        .join("\n")
}

/// `line` with its control characters written out, so that it cannot move a cursor or command a pipeline.
fn visible(line: &str) -> String {
    let mut visible = String::with_capacity(line.len());
    for c in line.chars() {
        if c.is_control() {
            visible.extend(c.escape_debug());
        } else {
            visible.push(c);
        }
    }
    visible
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_lines_are_kept_and_harmless() {
        let many: Vec<_> = (0..100).map(|line| format!("line {line}\n")).collect();
        let words = last_words(many.concat().as_bytes(), b"\x1b[31mred\xff\n");
        assert_eq!(words.lines().count(), LINES);
        assert!(words.starts_with("line 81\n"), "{words}");
        assert!(words.ends_with("\\u{1b}[31mred\u{fffd}"), "{words}");
    }

    #[tokio::test]
    async fn a_talkative_scanner_costs_little() {
        let much = vec![b'x'; 1 << 20];
        let kept = tail(Some(much.as_slice())).await.unwrap();
        assert!(
            kept.len() <= 2 * KEPT && kept.capacity() <= 8 * KEPT,
            "{}",
            kept.capacity()
        );
    }
}

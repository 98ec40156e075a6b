//! Being stopped: told, and ended with the code of whoever stopped it.

use std::io::{BufRead as _, BufReader, Lines};
use std::process::{Child, ChildStdout, Stdio};

use rustix::process::{Pid, Signal, kill_process};
use serde_json::Value;

use crate::sandbox::Sandbox;

struct Run {
    child: Child,
    lines: Lines<BufReader<ChildStdout>>,
}

impl Run {
    /// Stages slowly enough to be interrupted: 24 MiB at 1 MiB a second.
    fn start(sandbox: &Sandbox) -> Self {
        let content: Vec<u8> = (0..6 << 20_u32).flat_map(u32::to_le_bytes).collect();
        sandbox.write("apps/large.bin", content);
        let arguments = [
            "sync",
            "apps",
            "drydock:data",
            "--json",
            "--max-bandwidth",
            "1MiB/s",
        ];
        let mut child = sandbox
            .command(&arguments)
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let lines = BufReader::new(child.stdout.take().unwrap()).lines();
        Self { child, lines }
    }

    /// Reads until an event of this kind.
    fn wait_for(&mut self, kind: &str) -> Value {
        loop {
            let line = self.lines.next().expect("it ended early").unwrap();
            let event: Value = serde_json::from_str(&line).unwrap();
            if event["event"] == kind {
                return event;
            }
        }
    }

    fn signal(&self, signal: Signal) {
        let id = Pid::from_raw(i32::try_from(self.child.id()).unwrap()).unwrap();
        kill_process(id, signal).unwrap();
    }

    fn code(mut self) -> i32 {
        self.child
            .wait()
            .unwrap()
            .code()
            .expect("it ended by itself")
    }
}

#[test]
fn the_first_signal_drains_the_second_aborts_and_the_next_run_goes_on() {
    for (signal, code) in [(Signal::INT, 130), (Signal::TERM, 143)] {
        let sandbox = Sandbox::new();
        let mut run = Run::start(&sandbox);
        run.wait_for("started");
        run.signal(signal);
        let warning = run.wait_for("warning");
        assert!(
            warning["message"].as_str().unwrap().contains("finishing"),
            "{warning}"
        );
        run.signal(signal);
        let summary = run.wait_for("summary");
        assert_eq!(summary["interrupted"], true, "{summary}");
        assert_eq!(summary["exit_code"], code, "{summary}");
        assert_eq!(run.code(), code);
        let next = sandbox
            .run(&["sync", "apps", "drydock:data", "--json"])
            .expect(0);
        assert_eq!(next.events_of("summary")[0]["uploaded"]["files"], 1);
    }
}

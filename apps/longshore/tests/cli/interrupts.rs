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
    /// Moves slowly enough to be interrupted: 24 MiB at 1 MiB a second.
    fn start(sandbox: &Sandbox, arguments: &[&str]) -> Self {
        let slowly = ["--json", "--max-bandwidth", "1MiB/s"];
        let mut child = sandbox
            .command(&[arguments, &slowly].concat())
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

fn write_large(sandbox: &Sandbox) {
    let content: Vec<u8> = (0..6 << 20_u32).flat_map(u32::to_le_bytes).collect();
    sandbox.write("apps/large.bin", content);
}

#[test]
fn the_first_signal_drains_the_second_aborts_and_the_next_run_goes_on() {
    for (signal, code) in [(Signal::INT, 130), (Signal::TERM, 143)] {
        let sandbox = Sandbox::new();
        write_large(&sandbox);
        let mut run = Run::start(&sandbox, &["sync", "apps", "drydock:data"]);
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

#[test]
fn an_interrupted_plan_is_applied_again() {
    let sandbox = Sandbox::new();
    sandbox.library();
    sandbox
        .run(&["sync", "apps", "drydock:data#library/small"])
        .expect(0);
    write_large(&sandbox);
    sandbox
        .run(&["plan", "apps", "drydock:data", "-o", "p.plan"])
        .expect(0);
    let mut run = Run::start(&sandbox, &["apply", "p.plan"]);
    run.wait_for("started");
    run.signal(Signal::TERM);
    run.wait_for("warning");
    run.signal(Signal::TERM);
    assert_eq!(run.wait_for("summary")["interrupted"], true);
    assert_eq!(run.code(), 143);
    let again = sandbox.run(&["apply", "p.plan", "--json"]).expect(0);
    assert_eq!(again.summary()["failed"], 0);
    let rest = sandbox
        .run(&["sync", "apps", "drydock:data", "--json"])
        .expect(0);
    assert_eq!(rest.summary()["unchanged"]["files"], 4);
}

#[test]
fn an_interrupted_download_goes_on() {
    let sandbox = Sandbox::new();
    write_large(&sandbox);
    sandbox.run(&["sync", "apps", "drydock:data"]).expect(0);
    let mut run = Run::start(&sandbox, &["fetch", "drydock:data", "out"]);
    run.wait_for("started");
    run.signal(Signal::INT);
    run.wait_for("warning");
    run.signal(Signal::INT);
    assert_eq!(run.wait_for("summary")["interrupted"], true);
    assert_eq!(run.code(), 130);
    assert!(!sandbox.path().join("out/large.bin").exists());
    let again = sandbox
        .run(&["fetch", "drydock:data", "out", "--json"])
        .expect(0);
    assert_eq!(again.summary()["downloaded"]["files"], 1);
    let (from, to) = ("apps/large.bin", "out/large.bin");
    let read = |name: &str| fs_err::read(sandbox.path().join(name)).unwrap();
    assert!(read(from) == read(to), "the files differ");
}

//! `drydock serve`, and what an account says of wrong credentials.

use std::io::{BufRead as _, BufReader, Read as _};
use std::process::{Child, ChildStdout, Stdio};
use std::time::{Duration, SystemTime};

use longshore_drydock::{Drydock, DrydockOptions, account_sas};
use rustix::process::{Pid, Signal, kill_process};
use serde_json::Value;

use crate::sandbox::Sandbox;

/// A stand-in in a process of its own.
struct Server {
    child: Child,
    stdout: BufReader<ChildStdout>,
    says: Value,
}

impl Server {
    fn start(sandbox: &Sandbox) -> Self {
        let mut child = sandbox
            .command(&["drydock", "serve", "--data", "data", "--json"])
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let mut stdout = BufReader::new(child.stdout.take().unwrap());
        let mut line = String::new();
        stdout.read_line(&mut line).unwrap();
        Self {
            child,
            stdout,
            says: serde_json::from_str(&line).unwrap(),
        }
    }

    fn text(&self, field: &str) -> &str {
        self.says[field].as_str().unwrap()
    }

    fn end(mut self, signal: Signal) -> i32 {
        let id = Pid::from_raw(i32::try_from(self.child.id()).unwrap()).unwrap();
        kill_process(id, signal).unwrap();
        let mut rest = String::new();
        self.stdout.read_to_string(&mut rest).unwrap();
        assert_eq!(rest, "", "one line is all");
        self.child
            .wait()
            .unwrap()
            .code()
            .expect("it ended by itself")
    }
}

#[test]
fn it_serves_until_it_is_interrupted() {
    let sandbox = Sandbox::new();
    sandbox.library();
    let server = Server::start(&sandbox);
    let connection = [(
        "AZURE_STORAGE_CONNECTION_STRING",
        server.text("connection_string").to_owned(),
    )];
    let connection: Vec<_> = connection
        .iter()
        .map(|(name, value)| (*name, value.as_str()))
        .collect();
    let url = format!("{}/library", server.text("url"));
    sandbox
        .run_with(&["sync", "apps", &url, "--create-container"], &connection)
        .expect(0);
    sandbox.run_with(&["doctor", &url], &connection).expect(0);
    let az = format!("az://{}/library", server.text("account"));
    let listed = sandbox.run_with(&["ls", &az], &connection).expect(0);
    assert_eq!(listed.stdout.lines().count(), 3);
    assert_eq!(server.end(Signal::INT), 130);
    let again = Server::start(&sandbox);
    assert_eq!(again.end(Signal::TERM), 143);
    let listed = sandbox.run(&["ls", "drydock:data"]).expect(0);
    assert_eq!(listed.stdout.lines().count(), 3, "the data stay");
}

#[test]
fn two_cannot_serve_the_same_data() {
    let sandbox = Sandbox::new();
    let server = Server::start(&sandbox);
    let outcome = sandbox.run(&["ls", "drydock:data"]).expect(1);
    assert!(outcome.stderr.contains("hint:"), "{}", outcome.stderr);
    assert_eq!(server.end(Signal::INT), 130);
}

#[test]
fn a_missing_container_is_told_with_what_to_do() {
    let sandbox = Sandbox::new();
    sandbox.library();
    let server = Server::start(&sandbox);
    let url = format!("{}/library", server.text("url"));
    let connection = [(
        "AZURE_STORAGE_CONNECTION_STRING",
        server.text("connection_string"),
    )];
    for arguments in [&["sync", "apps", &url][..], &["ls", &url]] {
        let outcome = sandbox.run_with(arguments, &connection).expect(1);
        assert!(
            outcome.stderr.contains("--create-container"),
            "{}",
            outcome.stderr
        );
    }
    server.end(Signal::INT);
}

#[test]
fn a_wrong_key_is_7_and_stays_secret() {
    let sandbox = Sandbox::new();
    sandbox.library();
    let server = Server::start(&sandbox);
    let url = format!("{}/library", server.text("url"));
    let wrong = "d3Jvbmd3cm9uZ3dyb25nd3Jvbmc=";
    let variables = [
        ("AZURE_STORAGE_ACCOUNT", server.text("account")),
        ("AZURE_STORAGE_KEY", wrong),
    ];
    for arguments in [
        &["sync", "apps", &url][..],
        &["ls", &url],
        &["doctor", &url],
    ] {
        let outcome = sandbox.run_with(arguments, &variables).expect(7);
        let text = format!("{}{}", outcome.stdout, outcome.stderr);
        assert!(text.contains("hint:"), "{text}");
        assert!(!text.contains(wrong), "{text}");
    }
    server.end(Signal::INT);
}

#[test]
fn a_private_container_is_refused_to_strangers() {
    let sandbox = Sandbox::new();
    sandbox.library();
    let server = Server::start(&sandbox);
    let url = format!("{}/library", server.text("url"));
    let connection = [(
        "AZURE_STORAGE_CONNECTION_STRING",
        server.text("connection_string"),
    )];
    sandbox
        .run_with(&["sync", "apps", &url, "--create-container"], &connection)
        .expect(0);
    let outcome = sandbox.run(&["ls", &url, "--auth", "anonymous"]);
    assert!([1, 7].contains(&outcome.code), "{outcome:#?}");
    assert!(outcome.stderr.contains("hint:"), "{}", outcome.stderr);
    server.end(Signal::INT);
}

#[test]
fn a_plan_holds_no_signature_and_takes_another_when_it_is_applied() {
    let sandbox = Sandbox::new();
    sandbox.library();
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let options = DrydockOptions::new(sandbox.path().join("data"));
    let server = runtime.block_on(Drydock::start(options)).unwrap();
    let url = format!("{}/library", server.url());
    let connection = server.connection_string();
    let connection = [("AZURE_STORAGE_CONNECTION_STRING", connection.as_str())];
    sandbox
        .run_with(&["sync", "apps", &url, "--create-container"], &connection)
        .expect(0);
    let expiry = SystemTime::now() + Duration::from_hours(1);
    let sas = account_sas(server.account(), server.key(), "rwdlac", expiry);
    let signed = format!("{url}/win?{}", sas.expose());
    let other = format!("{url}?{}", sas.expose());
    let signature = sas.expose().rsplit_once("sig=").unwrap().1;
    let up = [
        "plan",
        "apps",
        &signed,
        "--reuse-from",
        &other,
        "-o",
        "up.plan",
    ];
    let planned = [
        sandbox.run(&up).expect(0),
        sandbox
            .run(&["plan", &other, "out", "-o", "down.plan"])
            .expect(0),
        sandbox.run(&["plan", "apps", &signed, "--json"]).expect(0),
        sandbox.run(&["show", "up.plan"]).expect(0),
    ];
    let shown = planned.map(|outcome| outcome.stdout + &outcome.stderr);
    let kept = ["up.plan", "down.plan"].map(|name| sandbox.read(name));
    for text in shown.iter().chain(&kept) {
        assert!(!text.contains(signature), "{text}");
        assert!(!text.contains("sig="), "{text}");
    }
    assert!(kept[0].contains(&url), "{}", kept[0]);
    sandbox.run(&["apply", "up.plan"]).expect(7);
    let token = [("AZURE_STORAGE_SAS_TOKEN", sas.expose())];
    sandbox.run_with(&["apply", "up.plan"], &token).expect(0);
    sandbox.run_with(&["apply", "down.plan"], &token).expect(0);
    assert_eq!(sandbox.read("out/readme.txt"), "three files");
    runtime.block_on(server.shutdown());
}

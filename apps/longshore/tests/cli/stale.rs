//! A plan that the world has left behind: nothing is written, and what moved is named.

use crate::sandbox::{Outcome, Sandbox};

/// A library that is staged, changed, and planned; `change` makes the plan stale.
fn stale(change: impl Fn(&Sandbox), direction: [&str; 2]) -> (Sandbox, Outcome) {
    let sandbox = Sandbox::new();
    sandbox.library();
    sandbox.run(&["sync", "apps", "drydock:data"]).expect(0);
    sandbox.write("apps/readme.txt", "changed");
    sandbox.write("apps/new.txt", "new");
    fs_err::remove_file(sandbox.path().join("apps/tools/azcopy.exe")).unwrap();
    let [source, destination] = direction;
    let flags = ["--delete", "-o", "p.plan"];
    sandbox
        .run(&[&["plan", source, destination][..], &flags].concat())
        .expect(0);
    change(&sandbox);
    let before = sandbox.listed("drydock:data");
    let outcome = sandbox.run(&["apply", "p.plan"]).expect(4);
    assert_eq!(
        sandbox.listed("drydock:data"),
        before,
        "nothing was written"
    );
    assert!(outcome.stderr.contains("hint:"), "{}", outcome.stderr);
    (sandbox, outcome)
}

/// Lets another plan of the world win: a library of one other file under this name.
fn write_blob(sandbox: &Sandbox, name: &str, content: &str) {
    let folder = format!("other-{}", content.len());
    sandbox.write(&format!("{folder}/{name}"), content);
    sandbox.run(&["sync", &folder, "drydock:data"]).expect(0);
}

#[track_caller]
fn check(outcome: &Outcome, name: &str, why: &str) {
    let line = format!("  `{name}`: {why}");
    let lines: Vec<&str> = outcome.stderr.lines().collect();
    assert!(lines.contains(&line.as_str()), "{line}\n{}", outcome.stderr);
    assert!(
        outcome.stderr.contains("1 thing moved"),
        "{}",
        outcome.stderr
    );
}

const UP: [&str; 2] = ["apps", "drydock:data"];

#[test]
fn a_source_that_changed() {
    let change = |sandbox: &Sandbox| {
        sandbox.write("apps/new.txt", "newer");
    };
    let (_, outcome) = stale(change, UP);
    check(&outcome, "new.txt", "its source changed");
}

#[test]
fn a_source_that_vanished() {
    let change = |sandbox: &Sandbox| {
        fs_err::remove_file(sandbox.path().join("apps/new.txt")).unwrap();
    };
    let (_, outcome) = stale(change, UP);
    check(&outcome, "new.txt", "its source is gone");
}

#[test]
fn a_blob_that_changed() {
    let (_, outcome) = stale(|sandbox| write_blob(sandbox, "readme.txt", "by others"), UP);
    check(&outcome, "readme.txt", "somebody else wrote it");
}

#[test]
fn a_blob_that_appeared() {
    let (_, outcome) = stale(|sandbox| write_blob(sandbox, "new.txt", "by others"), UP);
    check(&outcome, "new.txt", "it is there now");
}

#[test]
fn a_blob_that_vanished() {
    let change = |sandbox: &Sandbox| {
        // All but the two others, which stay as they are.
        sandbox.write("rest/bginfo/BGInfo.zip", "PK bginfo");
        sandbox.write("rest/tools/azcopy.exe", "MZ azcopy");
        sandbox
            .run(&["sync", "rest", "drydock:data", "--delete"])
            .expect(0);
    };
    let (_, outcome) = stale(change, UP);
    check(&outcome, "readme.txt", "it is gone");
}

#[test]
fn a_blob_to_be_deleted_that_changed() {
    let (_, outcome) = stale(
        |sandbox| write_blob(sandbox, "tools/azcopy.exe", "newer"),
        UP,
    );
    check(&outcome, "tools/azcopy.exe", "somebody else wrote it");
}

#[test]
fn programs_and_agents_are_told_each_name() {
    let sandbox = Sandbox::new();
    sandbox.library();
    sandbox
        .run(&["plan", "apps", "drydock:data", "-o", "p.plan"])
        .expect(0);
    sandbox.write("apps/readme.txt", "a");
    sandbox.write("apps/bginfo/BGInfo.zip", "b");
    let json = sandbox.run(&["apply", "p.plan", "--json"]).expect(4);
    let error = &json.events_of("error")[0];
    assert_eq!(error["moved"].as_array().unwrap().len(), 2);
    assert_eq!(error["moved"][0]["name"], "bginfo/BGInfo.zip");
    assert_eq!(error["moved"][0]["change"], "source-changed");
    let agent = sandbox
        .run(&["apply", "p.plan", "--output", "github"])
        .expect(4);
    assert_eq!(
        agent.stdout.matches("::error").count(),
        3,
        "{}",
        agent.stdout
    );
}

#[test]
fn a_download_whose_source_or_target_moved() {
    let sandbox = Sandbox::new();
    sandbox.library();
    sandbox.run(&["sync", "apps", "drydock:data"]).expect(0);
    sandbox
        .run(&["plan", "drydock:data", "out", "-o", "p.plan"])
        .expect(0);
    sandbox.write("out/readme.txt", "mine");
    write_blob(&sandbox, "bginfo/BGInfo.zip", "newer zip");
    let outcome = sandbox.run(&["apply", "p.plan"]).expect(4);
    for line in [
        "  `bginfo/BGInfo.zip`: its source changed",
        "  `readme.txt`: it is there now",
    ] {
        assert!(outcome.stderr.contains(line), "{}", outcome.stderr);
    }
    assert_eq!(sandbox.read("out/readme.txt"), "mine");
    assert!(
        !sandbox.path().join("out/tools").exists(),
        "nothing was written"
    );
}

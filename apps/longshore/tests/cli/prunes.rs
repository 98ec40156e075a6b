//! `prune`: what may go, a plan of it, and doing it.

use crate::sandbox::Sandbox;

const EAGER: [&str; 6] = [
    "--keep-versions",
    "1",
    "--keep-releases",
    "1",
    "--older-than",
    "0s",
];

/// A library of which four releases were published, each with another version of one file.
fn published() -> Sandbox {
    let sandbox = Sandbox::new();
    sandbox.manifest("drydock:data");
    sandbox.run(&["stage", "library.toml"]).expect(0);
    for version in ["4.34", "4.35", "4.36"] {
        let text = sandbox.read("library.toml");
        let old = text.lines().find(|line| line.contains("4.3")).unwrap();
        sandbox.change("library.toml", old, &format!("version = \"{version}\""));
        sandbox.write("apps/bginfo/BGInfo.zip", version);
        sandbox.run(&["stage", "library.toml"]).expect(0);
    }
    sandbox
}

fn prune(flags: &[&str]) -> Vec<String> {
    let arguments = [&["prune", "library.toml"], &EAGER[..], flags].concat();
    arguments.into_iter().map(str::to_owned).collect()
}

/// A line of the list without the digest in the name of a document, which is another one in each run.
fn without_digest(line: &str) -> String {
    match line.split_once("_releases/win/") {
        Some((before, name)) => format!("{before}_releases/win/DIGEST{}", &name[64..]),
        None => line.to_owned(),
    }
}

fn run(sandbox: &Sandbox, flags: &[&str]) -> crate::sandbox::Outcome {
    let arguments = prune(flags);
    sandbox.run(&arguments.iter().map(String::as_str).collect::<Vec<_>>())
}

#[test]
fn nothing_goes_that_is_young_unless_said() {
    let sandbox = published();
    let before = sandbox.listed("drydock:data");
    let shown = sandbox
        .run(&["prune", "library.toml", "--delete"])
        .expect(0);
    assert!(shown.stdout.contains("nothing to do"), "{}", shown.stdout);
    assert_eq!(sandbox.listed("drydock:data"), before);
}

#[test]
fn what_would_go_is_shown_with_what_stays() {
    let sandbox = published();
    let before = sandbox.listed("drydock:data");
    let shown = run(&sandbox, &["--max-delete", "100%"]).expect(0);
    // The pointer tells the time without trailing zeros, so its size is not the same in each run.
    let mut pointer = before
        .iter()
        .filter(|(name, _)| name == "_releases/win/current.json");
    let size = format!("{} B", pointer.next().unwrap().1);
    assert!(shown.stdout.contains(&size), "{size}: {}", shown.stdout);
    let lines: Vec<String> = shown.stdout.lines().map(without_digest).collect();
    insta::assert_snapshot!("prune", lines.join("\n").replace(&size, "POINTER"));
    run(&sandbox, &["--max-delete", "100%", "--detailed-exitcode"]).expect(2);
    run(&sandbox, &["--max-delete", "100%", "--delete", "--dry-run"]).expect(0);
    assert_eq!(sandbox.listed("drydock:data"), before);
    let json = run(&sandbox, &["--max-delete", "100%", "--json"]).expect(0);
    assert!(!json.events_of("may-go").is_empty());
    assert_eq!(json.events_of("prune")[0]["blobs"], before.len());
}

#[test]
fn a_plan_is_kept_and_applied_and_the_library_stays_whole() {
    let sandbox = published();
    run(&sandbox, &["--max-delete", "100%", "-o", "p.plan"]).expect(0);
    let shown = sandbox.run(&["show", "p.plan"]).expect(0);
    assert!(shown.stdout.contains("delete: "), "{}", shown.stdout);
    sandbox
        .run(&["apply", "p.plan", "--max-delete", "0"])
        .expect(5);
    let applied = sandbox
        .run(&["apply", "p.plan", "--max-delete", "100%", "--json"])
        .expect(0);
    let deleted = applied.summary()["deleted"].as_u64().unwrap();
    assert!(deleted > 0);
    sandbox.run(&["releases", "list", "library.toml"]).expect(0);
    let again = sandbox.run(&["stage", "library.toml", "--json"]).expect(0);
    assert_eq!(again.summary()["bytes_sent"], 0);
    run(&sandbox, &["--detailed-exitcode"]).expect(0);
}

#[test]
fn deleting_obeys_the_limit_and_leaves_what_is_named() {
    let sandbox = published();
    let before = sandbox.listed("drydock:data");
    run(&sandbox, &["--delete", "--max-delete", "1"]).expect(5);
    assert_eq!(sandbox.listed("drydock:data"), before);
    let deleted = run(&sandbox, &["--delete", "--max-delete", "100%"]).expect(0);
    assert!(deleted.stderr.contains("deleted "), "{}", deleted.stderr);
    let names: Vec<String> = sandbox
        .listed("drydock:data")
        .into_iter()
        .map(|(name, _)| name)
        .collect();
    assert!(names.len() < before.len());
    assert!(
        names.contains(&"bginfo/4.36/BGInfo.zip".to_owned()),
        "{names:?}"
    );
    assert!(
        !names.contains(&"bginfo/4.33/BGInfo.zip".to_owned()),
        "{names:?}"
    );
    assert!(
        names.contains(&"azcopy/10.28/azcopy.exe".to_owned()),
        "{names:?}"
    );
    sandbox.run(&["releases", "show", "library.toml"]).expect(0);
}

#[test]
fn what_a_lock_names_stays_and_a_lock_that_cannot_be_read_stops_it() {
    let sandbox = published();
    let text = sandbox.read("library.toml");
    let old = text
        .lines()
        .find(|line| line.contains("4.3"))
        .unwrap()
        .to_owned();
    sandbox.change("library.toml", &old, "version = \"4.33\"");
    sandbox.write("apps/bginfo/BGInfo.zip", "PK bginfo");
    sandbox
        .run(&["lock", "library.toml", "--lock", "old.lock"])
        .expect(0);
    sandbox.change("library.toml", "version = \"4.33\"", &old);
    let all = ["--delete", "--max-delete", "100%", "--keep-named-by"];
    run(&sandbox, &[&all[..], &["missing.lock"]].concat()).expect(78);
    run(&sandbox, &[&all[..], &["old.lock"]].concat()).expect(0);
    let names = sandbox.listed("drydock:data");
    let holds = |version: &str| {
        let name = format!("bginfo/{version}/BGInfo.zip");
        names.iter().any(|(found, _)| *found == name)
    };
    assert!(holds("4.33") && holds("4.36"), "{names:?}");
    assert!(!holds("4.34"), "{names:?}");
}

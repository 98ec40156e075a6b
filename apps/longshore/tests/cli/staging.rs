//! `sync` and `ls` against the embedded stand-in and a directory, as programs see them.

use crate::sandbox::Sandbox;

const PLACES: [&str; 2] = ["drydock:data#library/win", "target"];

#[test]
fn a_library_is_staged_once_and_listed() {
    for place in PLACES {
        let sandbox = Sandbox::new();
        sandbox.library();
        let first = sandbox.run(&["sync", "apps", place, "--json"]).expect(0);
        let summary = &first.events_of("summary")[0];
        assert_eq!(summary["uploaded"]["files"], 3, "{place}");
        assert_eq!(summary["exit_code"], 0);
        assert_eq!(first.events_of("uploaded").len(), 3);
        let second = sandbox.run(&["sync", "apps", place, "--json"]).expect(0);
        let summary = &second.events_of("summary")[0];
        assert_eq!(summary["uploaded"]["files"], 0, "{place}");
        assert_eq!(summary["unchanged"]["files"], 3);
        assert_eq!(summary["bytes_sent"], 0);
        let listed = sandbox.run(&["ls", place, "--json"]).expect(0);
        let names: Vec<_> = listed
            .events_of("blob")
            .iter()
            .map(|blob| blob["name"].clone())
            .collect();
        assert_eq!(names.len(), 3, "{place}: {names:?}");
        assert_eq!(listed.events_of("total")[0]["blobs"], 3);
    }
}

#[test]
fn people_get_a_table_and_totals() {
    let sandbox = Sandbox::new();
    sandbox.library();
    let place = PLACES[0];
    let staged = sandbox.run(&["sync", "apps", place]).expect(0);
    assert_eq!(
        staged.stdout, "",
        "nothing but data goes to standard output"
    );
    assert!(staged.stderr.contains("3 files"), "{}", staged.stderr);
    assert!(
        !staged.stderr.contains(['\u{1b}', '\r']),
        "{:?}",
        staged.stderr
    );
    let quiet = sandbox.run(&["sync", "apps", place, "-q"]).expect(0);
    assert_eq!(quiet.stderr, "");
    let again = sandbox.run(&["sync", "apps", place]).expect(0);
    assert!(again.stderr.contains("nothing to do"), "{}", again.stderr);
    let listed = sandbox.run(&["ls", place]).expect(0);
    assert_eq!(listed.stdout.lines().count(), 3);
    assert!(
        listed.stdout.contains("win/bginfo/BGInfo.zip"),
        "{}",
        listed.stdout
    );
    assert!(listed.stderr.contains("3 blobs"), "{}", listed.stderr);
    let one = sandbox
        .run(&["ls", "drydock:data#library/win/readme.txt", "--long"])
        .expect(0);
    assert_eq!(one.stdout.lines().count(), 1, "{}", one.stdout);
    let none = sandbox.run(&["ls", "drydock:data#library/wi"]).expect(0);
    assert_eq!(none.stdout, "", "a prefix is a folder, not a beginning");
}

#[test]
fn a_dry_run_prints_the_plan_and_does_nothing() {
    let sandbox = Sandbox::new();
    sandbox.library();
    sandbox.run(&["sync", "apps", "target"]).expect(0);
    sandbox.write("apps/new.txt", "new");
    fs_err::remove_file(sandbox.path().join("apps/readme.txt")).unwrap();
    let plan = sandbox
        .run(&["sync", "apps", "target", "--delete", "--dry-run"])
        .expect(0);
    assert!(plan.stdout.contains("upload new.txt"), "{}", plan.stdout);
    assert!(plan.stdout.contains("delete readme.txt"), "{}", plan.stdout);
    assert!(sandbox.path().join("target/readme.txt").exists());
    assert!(!sandbox.path().join("target/new.txt").exists());
}

#[test]
fn deleting_too_much_is_5() {
    let sandbox = Sandbox::new();
    sandbox.library();
    sandbox.run(&["sync", "apps", "target"]).expect(0);
    fs_err::remove_file(sandbox.path().join("apps/readme.txt")).unwrap();
    let arguments = ["sync", "apps", "target", "--delete", "--max-delete", "0"];
    let outcome = sandbox.run(&arguments).expect(5);
    assert!(
        outcome.stderr.contains("--max-delete"),
        "{}",
        outcome.stderr
    );
    assert!(sandbox.path().join("target/readme.txt").exists());
    sandbox
        .run(&["sync", "apps", "target", "--delete", "--max-delete", "1"])
        .expect(0);
    assert!(!sandbox.path().join("target/readme.txt").exists());
}

#[test]
fn blobs_of_others_are_marked_and_kept() {
    let sandbox = Sandbox::new();
    sandbox.library();
    sandbox.run(&["sync", "apps", "target"]).expect(0);
    let other = sandbox.write("target/other.txt", "by hand");
    let listed = sandbox.run(&["ls", "target"]).expect(0);
    assert!(listed.stdout.contains("unmanaged"), "{}", listed.stdout);
    assert!(
        listed.stderr.contains("1 not written by Longshore"),
        "{}",
        listed.stderr
    );
    let json = sandbox.run(&["ls", "target", "--json"]).expect(0);
    let managed = |name: &str| {
        let blobs = json.events_of("blob");
        let blob = blobs.into_iter().find(|blob| blob["name"] == name).unwrap();
        assert_eq!(blob["managed"], blob["sha256"].is_string());
        blob["managed"].as_bool().unwrap()
    };
    assert!(managed("readme.txt"));
    assert!(!managed("other.txt"));
    sandbox
        .run(&["sync", "apps", "target", "--delete"])
        .expect(0);
    assert!(other.exists());
    sandbox
        .run(&["sync", "apps", "target", "--delete", "--delete-unmanaged"])
        .expect(0);
    assert!(!other.exists());
}

#[test]
fn an_empty_source_deletes_nothing() {
    let sandbox = Sandbox::new();
    sandbox.library();
    sandbox.run(&["sync", "apps", "target"]).expect(0);
    fs_err::create_dir_all(sandbox.path().join("empty")).unwrap();
    sandbox
        .run(&["sync", "empty", "target", "--delete"])
        .expect(5);
    assert!(sandbox.path().join("target/readme.txt").exists());
}

#[test]
fn a_bad_pattern_is_64() {
    let sandbox = Sandbox::new();
    sandbox.library();
    sandbox
        .run(&["sync", "apps", "target", "--exclude", "[z-a]"])
        .expect(64);
}

#[cfg(unix)]
#[test]
fn an_unreadable_file_is_3_and_the_others_are_staged() {
    use std::os::unix::fs::symlink;

    let sandbox = Sandbox::new();
    sandbox.library();
    // A name that no blob can have fails for root too, who can read everything.
    sandbox.write("apps/bad\u{1b}[31mname", "x");
    symlink("readme.txt", sandbox.path().join("apps/link")).unwrap();
    let outcome = sandbox.run(&["sync", "apps", "target"]).expect(3);
    assert!(
        outcome.stderr.contains(r"bad\u{1b}[31mname"),
        "{}",
        outcome.stderr
    );
    assert!(!outcome.stderr.contains('\u{1b}'), "{}", outcome.stderr);
    assert!(
        outcome.stderr.contains("symbolic link"),
        "{}",
        outcome.stderr
    );
    assert!(sandbox.path().join("target/readme.txt").exists());
    let json = sandbox.run(&["sync", "apps", "target", "--json"]).expect(3);
    assert_eq!(json.events_of("failed").len(), 1);
    assert_eq!(json.events_of("summary")[0]["exit_code"], 3);
}

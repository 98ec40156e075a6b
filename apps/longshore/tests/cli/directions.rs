//! `sync` and `fetch` in every direction.

use crate::sandbox::Sandbox;

const NAMES: [&str; 3] = ["bginfo/BGInfo.zip", "readme.txt", "tools/azcopy.exe"];

/// A sandbox whose library stands in the stand-in.
fn staged() -> Sandbox {
    let sandbox = Sandbox::new();
    sandbox.library();
    sandbox
        .run(&["sync", "apps", "drydock:data#library/win"])
        .expect(0);
    sandbox
}

#[track_caller]
fn holds_the_library(sandbox: &Sandbox, directory: &str) {
    for name in NAMES {
        let expected = sandbox.read(&format!("apps/{name}"));
        assert_eq!(sandbox.read(&format!("{directory}/{name}")), expected);
    }
}

#[test]
fn a_container_becomes_files() {
    let sandbox = staged();
    let arguments = ["sync", "drydock:data#library/win", "out", "--json"];
    let first = sandbox.run(&arguments).expect(0);
    assert_eq!(first.summary()["downloaded"]["files"], 3);
    assert_eq!(first.summary()["bytes_received"], 9 + 11 + 9);
    assert_eq!(first.events_of("downloaded").len(), 3);
    holds_the_library(&sandbox, "out");
    assert!(
        !sandbox.path().join("out/.longshore").exists(),
        "plain files and nothing else"
    );
    let second = sandbox.run(&arguments).expect(0);
    assert_eq!(second.summary()["unchanged"]["files"], 3);
    assert_eq!(second.summary()["bytes_received"], 0);
    sandbox.write("out/readme.txt", "by hand");
    let dry = sandbox
        .run(&["sync", "drydock:data#library/win", "out", "--dry-run"])
        .expect(0);
    assert!(dry.stdout.contains("download readme.txt"), "{}", dry.stdout);
    assert_eq!(sandbox.read("out/readme.txt"), "by hand");
    sandbox.run(&arguments).expect(0);
    holds_the_library(&sandbox, "out");
}

#[test]
fn a_container_goes_into_another_of_the_same_stand_in() {
    let sandbox = staged();
    let arguments = [
        "sync",
        "drydock:data#library/win",
        "drydock:data#mirror/all",
        "--json",
    ];
    let first = sandbox.run(&arguments).expect(0).summary();
    let moved =
        first["copied"]["files"].as_u64().unwrap() + first["uploaded"]["files"].as_u64().unwrap();
    assert_eq!(moved, 3, "{first}");
    let names: Vec<String> = sandbox
        .listed("drydock:data#mirror")
        .into_iter()
        .map(|(name, _)| name)
        .collect();
    assert_eq!(names, NAMES.map(|name| format!("all/{name}")));
    let second = sandbox.run(&arguments).expect(0).summary();
    assert_eq!(second["unchanged"]["files"], 3, "{second}");
    let back = sandbox
        .run(&["sync", "drydock:data#mirror/all", "out", "--json"])
        .expect(0);
    assert_eq!(back.summary()["downloaded"]["files"], 3);
    holds_the_library(&sandbox, "out");
}

#[test]
fn a_container_goes_into_another_stand_in() {
    let sandbox = staged();
    let arguments = [
        "sync",
        "drydock:data#library/win",
        "drydock:other",
        "--json",
    ];
    sandbox.run(&arguments).expect(0);
    assert_eq!(sandbox.listed("drydock:other").len(), 3);
    let again = sandbox.run(&arguments).expect(0).summary();
    assert_eq!(again["unchanged"]["files"], 3, "{again}");
}

#[test]
fn a_folder_or_one_blob_is_fetched() {
    let sandbox = staged();
    sandbox
        .run(&["fetch", "drydock:data#library/win", "all"])
        .expect(0);
    holds_the_library(&sandbox, "all");
    let one = sandbox
        .run(&[
            "fetch",
            "drydock:data#library/win/bginfo/BGInfo.zip",
            "one",
            "--json",
        ])
        .expect(0);
    assert_eq!(one.summary()["downloaded"]["files"], 1);
    assert_eq!(sandbox.read("one/BGInfo.zip"), "PK bginfo");
    let chosen = sandbox
        .run(&[
            "fetch",
            "drydock:data#library/win",
            "chosen",
            "--include",
            "*.exe",
            "--json",
        ])
        .expect(0);
    assert_eq!(chosen.summary()["downloaded"]["files"], 1);
    sandbox.write("all/mine.txt", "mine");
    sandbox
        .run(&["fetch", "drydock:data#library/win", "all"])
        .expect(0);
    assert_eq!(sandbox.read("all/mine.txt"), "mine", "fetch never deletes");
}

#[test]
fn a_blob_with_a_pattern_for_a_name_is_fetched_alone() {
    let sandbox = Sandbox::new();
    sandbox.write("apps/[a] *.zip", "odd");
    sandbox.write("apps/a b.zip", "other");
    sandbox.run(&["sync", "apps", "drydock:data"]).expect(0);
    let one = sandbox
        .run(&["fetch", "drydock:data#library/[a] *.zip", "one", "--json"])
        .expect(0);
    assert_eq!(one.summary()["downloaded"]["files"], 1);
    assert_eq!(sandbox.read("one/[a] *.zip"), "odd");
}

#[test]
fn what_is_not_there_is_not_fetched_silently() {
    let sandbox = staged();
    // `wi` begins the name of a folder, and is none.
    for place in ["drydock:data#nowhere", "drydock:data#library/wi"] {
        let missing = sandbox.run(&["fetch", place, "out"]).expect(1);
        assert!(missing.stderr.contains("hint:"), "{}", missing.stderr);
        assert!(!sandbox.path().join("out").exists());
    }
    let synced = sandbox
        .run(&["sync", "drydock:data#library/wi", "out"])
        .expect(0);
    assert!(
        synced.stderr.contains("there is no blob in the source"),
        "{}",
        synced.stderr
    );
}

#[test]
fn agents_see_downloads_and_people_a_summary() {
    let sandbox = staged();
    let human = sandbox
        .run(&["fetch", "drydock:data#library/win", "a", "-v"])
        .expect(0);
    assert!(
        human.stderr.contains("downloaded win/readme.txt"),
        "{}",
        human.stderr
    );
    assert!(human.stderr.contains("29 B received"), "{}", human.stderr);
    assert_eq!(human.stdout, "");
    for format in ["azure-pipelines", "github"] {
        let outcome = sandbox
            .run(&[
                "fetch",
                "drydock:data#library/win",
                format,
                "--output",
                format,
            ])
            .expect(0);
        assert!(outcome.stdout.contains("downloaded"), "{}", outcome.stdout);
    }
}

//! What keeps things from being lost: backups, sentinels, and who may delete what.

use crate::sandbox::Sandbox;

#[test]
fn what_is_written_over_or_deleted_is_kept() {
    for place in ["drydock:data#library/win", "target"] {
        let sandbox = Sandbox::new();
        sandbox.library();
        sandbox.run(&["sync", "apps", place]).expect(0);
        sandbox.write("apps/readme.txt", "changed");
        fs_err::remove_file(sandbox.path().join("apps/tools/azcopy.exe")).unwrap();
        let arguments = ["sync", "apps", place, "--delete", "--backup-to", "_backup"];
        sandbox.run(&arguments).expect(0);
        let container = if place == "target" {
            "target"
        } else {
            "drydock:data"
        };
        let kept: Vec<(String, u64)> = sandbox
            .listed(container)
            .into_iter()
            .filter(|(name, _)| name.starts_with("_backup/"))
            .collect();
        assert_eq!(kept.len(), 2, "{place}: {kept:?}");
        assert!(
            kept.iter()
                .any(|(name, size)| name.ends_with("readme.txt") && *size == 11)
        );
        assert!(
            kept.iter()
                .any(|(name, size)| name.ends_with("azcopy.exe") && *size == 9)
        );
        sandbox.run(&arguments).expect(0);
        let after = sandbox.listed(container);
        assert!(
            kept.iter().all(|backup| after.contains(backup)),
            "{after:?}"
        );
    }
}

#[test]
fn a_plan_brings_its_backups() {
    let sandbox = Sandbox::new();
    sandbox.library();
    sandbox.run(&["sync", "apps", "target"]).expect(0);
    sandbox.write("apps/readme.txt", "changed");
    sandbox
        .run(&[
            "plan",
            "apps",
            "target",
            "--backup-to",
            "_backup/",
            "-o",
            "p.plan",
        ])
        .expect(0);
    sandbox.run(&["apply", "p.plan"]).expect(0);
    let kept = sandbox.listed("target").into_iter();
    assert_eq!(
        kept.filter(|(name, _)| name.starts_with("_backup/"))
            .count(),
        1
    );
}

#[test]
fn nothing_is_done_without_the_sentinel() {
    let sandbox = Sandbox::new();
    sandbox.library();
    let sync = ["sync", "apps", "drydock:data", "--sentinel", ".library"];
    let outcome = sandbox.run(&sync).expect(5);
    assert!(outcome.stderr.contains("`.library`"), "{}", outcome.stderr);
    sandbox.write("apps/.library", "");
    sandbox.run(&sync).expect(0);
    sandbox.write("typo/readme.txt", "another library");
    let wrong = [
        "sync",
        "typo",
        "drydock:data",
        "--delete",
        "--sentinel",
        ".library",
    ];
    sandbox.run(&wrong).expect(5);
    sandbox.write("typo/.library", "");
    sandbox
        .run(&["sync", "typo", "drydock:other", "--sentinel", ".library"])
        .expect(0);
    assert_eq!(sandbox.listed("drydock:data").len(), 4);
}

#[test]
fn files_of_a_directory_are_deleted_only_on_demand() {
    let sandbox = Sandbox::new();
    sandbox.library();
    sandbox.run(&["sync", "apps", "drydock:data"]).expect(0);
    sandbox.write("out/mine.txt", "mine");
    let down = ["sync", "drydock:data", "out"];
    sandbox.run(&down).expect(0);
    let refused = sandbox.run(&[&down[..], &["--delete"]].concat()).expect(64);
    assert!(
        refused.stderr.contains("--delete-unmanaged"),
        "{}",
        refused.stderr
    );
    assert!(sandbox.path().join("out/mine.txt").exists());
    let both = [&down[..], &["--delete", "--delete-unmanaged"]].concat();
    sandbox
        .run(&[&both[..], &["--max-delete", "0"]].concat())
        .expect(5);
    assert!(sandbox.path().join("out/mine.txt").exists());
    sandbox.run(&both).expect(0);
    assert!(!sandbox.path().join("out/mine.txt").exists());
    assert_eq!(sandbox.read("out/readme.txt"), "three files");
}

#[test]
fn a_rename_sends_nothing() {
    let sandbox = Sandbox::new();
    let content: Vec<u8> = (0..5 << 20_u32).flat_map(u32::to_le_bytes).collect();
    sandbox.write("apps/old/large.bin", &content);
    sandbox.write("apps/old/small.bin", "small");
    sandbox.run(&["sync", "apps", "drydock:data"]).expect(0);
    fs_err::rename(
        sandbox.path().join("apps/old"),
        sandbox.path().join("apps/new"),
    )
    .unwrap();
    let renamed = sandbox
        .run(&[
            "sync",
            "apps",
            "drydock:data",
            "--delete",
            "--max-delete",
            "2",
            "--json",
        ])
        .expect(0);
    let summary = renamed.summary();
    assert_eq!(summary["bytes_sent"], 0, "{summary}");
    assert_eq!(summary["copied"]["files"], 2, "{summary}");
    assert_eq!(summary["deleted"], 2, "{summary}");
}

#[test]
fn another_container_lends_what_it_holds() {
    let sandbox = Sandbox::new();
    sandbox.library();
    sandbox
        .run(&["sync", "apps", "drydock:data#vendor"])
        .expect(0);
    let planned = sandbox
        .run(&[
            "plan",
            "apps",
            "drydock:data#library",
            "--reuse-from",
            "drydock:data#vendor",
            "-o",
            "p.plan",
        ])
        .expect(0);
    assert!(
        planned.stdout.contains("copy by the service: 3 blobs"),
        "{}",
        planned.stdout
    );
    assert!(
        planned.stdout.contains("may copy from drydock:data#vendor"),
        "{}",
        planned.stdout
    );
    sandbox.run(&["apply", "p.plan"]).expect(0);
    assert_eq!(sandbox.listed("drydock:data#library").len(), 3);
}

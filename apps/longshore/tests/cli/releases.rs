//! What was published: listed, shown, compared, rolled back.

use crate::sandbox::Sandbox;

/// A library of which two releases were published.
fn published() -> Sandbox {
    let sandbox = Sandbox::new();
    sandbox.manifest("drydock:data");
    sandbox.run(&["stage", "library.toml"]).expect(0);
    sandbox.change("library.toml", "4.33", "4.34");
    sandbox.write("apps/bginfo/BGInfo.zip", "PK bginfo, newer");
    sandbox.run(&["stage", "library.toml"]).expect(0);
    sandbox
}

/// The digests of all releases, the current one first.
fn digests(sandbox: &Sandbox) -> Vec<String> {
    let listed = sandbox
        .run(&["releases", "list", "library.toml", "--json"])
        .expect(0);
    let mut releases = listed.events_of("release");
    releases.sort_by_key(|release| release["current"] != true);
    let digests = releases.iter().map(|it| it["release"].as_str().unwrap());
    digests.map(str::to_owned).collect()
}

#[test]
fn releases_are_listed_shown_and_compared() {
    let sandbox = published();
    let releases = |arguments: &[&str]| {
        let outcome = sandbox.run(&[&["releases"], arguments].concat()).expect(0);
        outcome.shown()
    };
    insta::assert_snapshot!("releases_list", releases(&["list", "library.toml"]));
    insta::assert_snapshot!("releases_show", releases(&["show", "drydock:data"]));
    insta::assert_snapshot!("releases_diff", releases(&["diff", "library.toml"]));
    let digests = digests(&sandbox);
    let same = [&digests[0][..6], "current"];
    let same = releases(&[&["diff", "library.toml"], &same[..]].concat());
    assert!(same.contains("no difference"), "{same}");
    sandbox
        .run(&["releases", "diff", "library.toml", "--detailed-exitcode"])
        .expect(2);
    let shown = sandbox
        .run(&[
            "releases",
            "show",
            "library.toml",
            &digests[1][..8],
            "--json",
        ])
        .expect(0);
    let document: serde_json::Value = serde_json::from_str(&shown.stdout).unwrap();
    assert_eq!(document["release"], digests[1].as_str());
}

#[test]
fn a_release_is_rolled_back_and_forward() {
    let sandbox = published();
    let [newer, older] = digests(&sandbox).try_into().unwrap();
    let current = |sandbox: &Sandbox| digests(sandbox).remove(0);
    let rollback = ["releases", "rollback", "library.toml"];
    let dry = sandbox
        .run(&[&rollback[..], &["--dry-run"]].concat())
        .expect(0);
    assert!(dry.stdout.contains("bginfo"), "{}", dry.stdout);
    assert_eq!(current(&sandbox), newer);
    let back = sandbox.run(&rollback).expect(0);
    assert!(back.stderr.contains(&newer[..12]), "{}", back.stderr);
    assert_eq!(current(&sandbox), older);
    sandbox
        .run(&[&rollback[..], &["--to", &newer[..6]]].concat())
        .expect(0);
    assert_eq!(current(&sandbox), newer);
    let json = sandbox
        .run(&[&rollback[..], &["--to", &newer, "--json"]].concat())
        .expect(0);
    assert_eq!(json.events_of("rolled-back")[0]["flipped"], false);
}

#[test]
fn what_was_never_published_is_told() {
    let sandbox = Sandbox::new();
    sandbox.manifest("drydock:data");
    sandbox.run(&["releases", "list", "library.toml"]).expect(1);
    sandbox.run(&["mirror", "library.toml"]).expect(0);
    for arguments in [&["list"][..], &["show"], &["diff"], &["rollback"]] {
        for subject in ["library.toml", "drydock:data"] {
            let outcome = sandbox.run(&[&["releases"], arguments, &[subject]].concat());
            assert_eq!(outcome.code, 1, "{outcome:#?}");
            assert!(outcome.stderr.contains("hint:"), "{}", outcome.stderr);
        }
    }
    sandbox.run(&["stage", "library.toml"]).expect(0);
    let show = ["releases", "show", "library.toml"];
    sandbox.run(&[&show[..], &["previous"]].concat()).expect(1);
    sandbox.run(&[&show[..], &["abcdef"]].concat()).expect(1);
}

#[test]
fn a_place_with_several_libraries_wants_a_name() {
    let sandbox = published();
    sandbox.change("library.toml", "name = \"win\"", "name = \"mac\"");
    fs_err::remove_file(sandbox.path().join("library.lock")).unwrap();
    sandbox.run(&["stage", "library.toml"]).expect(0);
    let list = ["releases", "list", "drydock:data"];
    let outcome = sandbox.run(&list).expect(64);
    assert!(outcome.stderr.contains("mac, win"), "{}", outcome.stderr);
    sandbox
        .run(&[&list[..], &["--library", "mac"]].concat())
        .expect(0);
}

#[test]
fn a_release_tells_its_pipeline_and_no_password() {
    let sandbox = Sandbox::new();
    sandbox.manifest("drydock:data");
    let variables = [
        ("TF_BUILD", "True"),
        ("BUILD_BUILDID", "4711"),
        ("BUILD_SOURCEVERSION", "0123abc"),
        (
            "BUILD_REPOSITORY_URI",
            "https://me:S3cret@dev.azure.com/contoso/_git/apps",
        ),
        ("SYSTEM_COLLECTIONURI", "https://dev.azure.com/contoso/"),
        ("SYSTEM_TEAMPROJECT", "images"),
    ];
    let staged = sandbox
        .run_with(&["stage", "library.toml"], &variables)
        .expect(0);
    assert!(staged.stdout.contains("##[group]Longshore: summary"));
    let shown = sandbox.run(&["releases", "show", "drydock:data"]).expect(0);
    let document = sandbox
        .run(&["releases", "show", "drydock:data", "--json"])
        .expect(0);
    for text in [&shown.stdout, &document.stdout] {
        assert!(text.contains("4711"), "{text}");
        assert!(
            text.contains("https://dev.azure.com/contoso/_git/apps"),
            "{text}"
        );
        assert!(!text.contains("S3cret"), "{text}");
    }
}

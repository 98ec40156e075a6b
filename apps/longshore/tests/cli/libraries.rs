//! Manifests and locks: problems where they are, pins, drift, and staging twice.

use crate::sandbox::Sandbox;

const WRONG: &str = "\
[library]
name = \"win\"
destnation = \"drydock:data\"

[[artifact]]
id = \"bginfo\"
version = \"4.33\"
path = \"apps/BGInfo.zip\"
sha256 = \"12\"
";

#[test]
fn every_problem_of_a_manifest_is_told_where_it_is() {
    let sandbox = Sandbox::new();
    sandbox.write("wrong.toml", WRONG);
    for command in ["lock", "stage", "mirror", "outdated", "prune"] {
        let outcome = sandbox.run(&[command, "wrong.toml"]).expect(78);
        assert_eq!(outcome.stdout, "", "{command}");
        for place in ["wrong.toml:3:1: ", "wrong.toml:9:10: ", "2 problems"] {
            assert!(outcome.stderr.contains(place), "{}", outcome.stderr);
        }
        assert!(outcome.stderr.contains("hint: did you mean `destination`?"));
    }
    let json = sandbox.run(&["lock", "wrong.toml", "--json"]).expect(78);
    let error = &json.events_of("error")[0];
    assert_eq!(error["exit_code"], 78);
    let problem = &error["problems"][1];
    assert_eq!(problem["file"], "wrong.toml");
    assert_eq!(
        (&problem["line"], &problem["column"]),
        (&9.into(), &10.into())
    );
    assert_eq!(problem["key"], "artifact[0].sha256");
}

#[test]
fn problems_are_drawn_in_colours_and_become_annotations() {
    let sandbox = Sandbox::new();
    sandbox.write("wrong.toml", WRONG);
    let drawn = sandbox.run(&["lock", "wrong.toml", "--color", "always"]);
    assert!(drawn.stderr.contains("╰──"), "{}", drawn.stderr);
    assert!(drawn.stderr.contains("destnation = \"drydock:data\""));
    let plain = sandbox.run_with(&["lock", "wrong.toml"], &[("NO_COLOR", "1")]);
    assert!(!plain.stderr.contains('╰'), "{}", plain.stderr);
    let annotated = |format: &str| {
        sandbox
            .run(&["lock", "wrong.toml", "--output", format])
            .expect(78)
            .stdout
    };
    let pipelines = annotated("azure-pipelines");
    let place = "##vso[task.logissue type=error;sourcepath=wrong.toml;linenumber=3;columnnumber=1]";
    assert!(pipelines.contains(place), "{pipelines}");
    let github = annotated("github");
    let place = "::error title=longshore,file=wrong.toml,line=3,col=1::";
    assert!(github.contains(place), "{github}");
}

#[test]
fn a_manifest_moves_no_cursor_and_shows_no_secret() {
    let sandbox = Sandbox::new();
    let text = WRONG.replace("12", "a\u{1b}[2J\u{202e}");
    sandbox.write(
        "wrong.toml",
        text + "url = \"https://x.example/a?sig=S3cretS3cret\"\n",
    );
    for color in ["always", "never"] {
        let shown = sandbox.run(&["lock", "wrong.toml", "--color", color]);
        assert!(!shown.stderr.contains("\u{1b}[2J"), "{:?}", shown.stderr);
        assert!(!shown.stderr.contains('\u{202e}'), "{:?}", shown.stderr);
        assert!(!shown.stderr.contains("S3cret"), "{}", shown.stderr);
    }
}

#[test]
fn a_lock_is_written_once_and_drift_is_6() {
    let sandbox = Sandbox::new();
    sandbox.manifest("drydock:data");
    let missing = sandbox.run(&["lock", "library.toml", "--locked"]).expect(6);
    assert!(missing.stderr.contains("2 things"), "{}", missing.stderr);
    assert!(!sandbox.path().join("library.lock").exists());
    sandbox
        .run(&["lock", "library.toml", "--dry-run"])
        .expect(0);
    assert!(!sandbox.path().join("library.lock").exists());
    let first = sandbox.run(&["lock", "library.toml", "--json"]).expect(0);
    assert_eq!(first.summary()["pinned"], 2);
    assert_eq!(first.summary()["lock_written"], true);
    let lock = sandbox.read("library.lock");
    let again = sandbox.run(&["lock", "library.toml", "--json"]).expect(0);
    assert_eq!(again.summary()["kept"], 2);
    assert_eq!(again.summary()["lock_written"], false);
    sandbox.run(&["lock", "library.toml", "--check"]).expect(0);
    sandbox.write("apps/tools/azcopy.exe", "other bytes");
    sandbox.change("library.toml", "4.33", "4.34");
    let drift = sandbox.run(&["lock", "library.toml", "--locked"]).expect(6);
    insta::assert_snapshot!("drift", drift.shown());
    assert_eq!(sandbox.read("library.lock"), lock);
    let json = sandbox
        .run(&["lock", "library.toml", "--locked", "--json"])
        .expect(6);
    let details = &json.events_of("error")[0]["details"];
    assert_eq!(details.as_array().unwrap().len(), 2, "{details}");
}

#[test]
fn a_lock_that_cannot_be_read_is_78_and_stays() {
    let sandbox = Sandbox::new();
    sandbox.manifest("drydock:data");
    sandbox.run(&["stage", "library.toml"]).expect(0);
    for text in [
        "nonsense",
        "version = 99\nlibrary = \"win\"\n",
        "version = 1\nlibrary = \"mac\"\n",
    ] {
        sandbox.write("library.lock", text);
        for command in ["lock", "stage", "outdated", "prune"] {
            let outcome = sandbox.run(&[command, "library.toml"]).expect(78);
            assert!(
                outcome.stderr.contains("library.lock"),
                "{}",
                outcome.stderr
            );
        }
        assert_eq!(sandbox.read("library.lock"), text);
    }
    sandbox
        .run(&["lock", "library.toml", "--lock", "elsewhere.lock"])
        .expect(0);
    assert!(sandbox.read("elsewhere.lock").contains("bginfo"));
}

#[test]
fn a_library_is_staged_and_staged_again_without_a_trace() {
    let sandbox = Sandbox::new();
    sandbox.manifest("drydock:data");
    let dry = sandbox
        .run(&["stage", "library.toml", "--dry-run"])
        .expect(0);
    assert!(dry.stdout.contains("publish release"), "{}", dry.stdout);
    assert!(!sandbox.path().join("library.lock").exists());
    let first = sandbox.run(&["stage", "library.toml"]).expect(0);
    insta::assert_snapshot!("stage", first.shown());
    let before = sandbox.listed("drydock:data");
    let again = sandbox
        .run(&["stage", "library.toml", "--locked", "--json"])
        .expect(0);
    let summary = again.summary();
    assert_eq!(summary["flipped"], false);
    assert_eq!(summary["present"], 2);
    assert_eq!(summary["bytes_sent"], 0);
    assert_eq!(sandbox.listed("drydock:data"), before);
    assert_eq!(before.len(), 5, "{before:?}");
}

#[test]
fn a_file_that_failed_publishes_nothing() {
    let sandbox = Sandbox::new();
    sandbox.manifest("drydock:data");
    sandbox.run(&["stage", "library.toml"]).expect(0);
    let before = sandbox.listed("drydock:data");
    fs_err::remove_file(sandbox.path().join("apps/bginfo/BGInfo.zip")).unwrap();
    sandbox.write("apps/tools/azcopy.exe", "other bytes");
    let failed = sandbox.run(&["stage", "library.toml", "--json"]).expect(3);
    assert_eq!(failed.summary()["failed"], 1);
    assert_eq!(failed.summary()["flipped"], false);
    assert!(failed.events_of("failed")[0]["item"].is_string());
    let now = sandbox.listed("drydock:data");
    let documents = |listed: &[(String, u64)]| {
        let names = listed.iter().map(|(name, _)| name.clone());
        names
            .filter(|name| name.starts_with("_releases/"))
            .collect::<Vec<_>>()
    };
    assert_eq!(documents(&now), documents(&before));
}

#[test]
fn bytes_that_are_not_the_manifests_are_6() {
    let sandbox = Sandbox::new();
    sandbox.manifest("drydock:data");
    let wrong = format!("version = \"4.33\"\nsha256 = \"{}\"", "0".repeat(64));
    sandbox.change("library.toml", "version = \"4.33\"", &wrong);
    for command in ["lock", "stage"] {
        let outcome = sandbox.run(&[command, "library.toml"]).expect(6);
        assert!(outcome.stderr.contains("`bginfo`"), "{}", outcome.stderr);
    }
    assert!(
        sandbox
            .run(&["ls", "drydock:data#library/_releases", "--json"])
            .events_of("blob")
            .is_empty()
    );
}

#[test]
fn mirror_brings_in_and_publishes_nothing() {
    let sandbox = Sandbox::new();
    sandbox.manifest("drydock:data");
    let mirrored = sandbox.run(&["mirror", "library.toml", "--json"]).expect(0);
    assert_eq!(mirrored.summary()["uploaded"]["files"], 2);
    assert_eq!(sandbox.listed("drydock:data").len(), 2);
    let quiet = sandbox
        .run(&["stage", "library.toml", "--no-publish", "-q"])
        .expect(0);
    assert_eq!((quiet.stdout.as_str(), quiet.stderr.as_str()), ("", ""));
    assert_eq!(sandbox.listed("drydock:data").len(), 2);
}

#[test]
fn the_destination_is_that_of_the_flag_then_the_variable_then_the_manifest() {
    let sandbox = Sandbox::new();
    sandbox.manifest("drydock:manifest");
    let variable = [("LONGSHORE_DESTINATION", "drydock:variable")];
    sandbox
        .run_with(
            &["stage", "library.toml", "--destination", "drydock:flag"],
            &variable,
        )
        .expect(0);
    sandbox
        .run_with(&["stage", "library.toml"], &variable)
        .expect(0);
    sandbox.run(&["stage", "library.toml"]).expect(0);
    for place in ["flag", "variable", "manifest"] {
        assert_eq!(sandbox.listed(&format!("drydock:{place}")).len(), 5);
    }
}

#[test]
fn a_scanner_has_its_say_and_a_bill_of_materials_is_written() {
    let sandbox = Sandbox::new();
    sandbox.manifest("drydock:data");
    let stage = ["stage", "library.toml", "--sbom", "sbom.json", "--scan"];
    let refused = sandbox.run(&[&stage[..], &["false {}"]].concat()).expect(3);
    assert!(refused.stderr.contains("scanner"), "{}", refused.stderr);
    assert!(!sandbox.path().join("sbom.json").exists());
    sandbox.run(&[&stage[..], &["true {}"]].concat()).expect(0);
    let sbom: serde_json::Value = serde_json::from_str(&sandbox.read("sbom.json")).unwrap();
    assert_eq!(sbom["bomFormat"], "CycloneDX");
    assert_eq!(sbom["components"].as_array().unwrap().len(), 2);
}

#[test]
fn outdated_tells_what_it_knows() {
    let sandbox = Sandbox::new();
    sandbox.manifest("drydock:data");
    sandbox.run(&["lock", "library.toml"]).expect(0);
    let arguments = ["outdated", "library.toml", "--detailed-exitcode"];
    let outcome = sandbox.run(&arguments).expect(0);
    insta::assert_snapshot!("outdated", outcome.shown());
    let json = sandbox
        .run(&[&arguments[..], &["--json"]].concat())
        .expect(0);
    assert_eq!(json.events_of("outlook").len(), 2);
    assert_eq!(json.events_of("outlook")[0]["kind"], "unwatched");
}

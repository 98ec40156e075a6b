//! The schemas: those in the guide are those of this program, and documents are what they say.

use serde_json::Value;

use crate::sandbox::Sandbox;

const COMMITTED: &str = include_str!("../../../../docs/schema/plan.json");

const OTHERS: &[(&str, &str)] = &[
    (
        "manifest",
        include_str!("../../../../docs/schema/manifest.json"),
    ),
    ("lock", include_str!("../../../../docs/schema/lock.json")),
    (
        "release",
        include_str!("../../../../docs/schema/release.json"),
    ),
    (
        "pointer",
        include_str!("../../../../docs/schema/pointer.json"),
    ),
    (
        "result",
        include_str!("../../../../docs/schema/result.json"),
    ),
];

#[test]
fn the_committed_schemas_of_libraries_are_the_printed_ones() {
    let sandbox = Sandbox::new();
    for (format, committed) in OTHERS {
        let printed = sandbox.run(&["schema", format]).expect(0).stdout;
        assert_eq!(printed.trim_end(), committed.trim_end(), "{format}");
    }
}

#[test]
fn documents_of_libraries_are_what_the_schemas_say() {
    let sandbox = Sandbox::new();
    sandbox.manifest("drydock:data");
    sandbox.run(&["stage", "library.toml"]).expect(0);
    let schema = |format: &str| {
        let (_, text) = OTHERS.iter().find(|(name, _)| *name == format).unwrap();
        jsonschema::validator_for(&serde_json::from_str(text).unwrap()).unwrap()
    };
    let shown = ["releases", "show", "library.toml", "--json"];
    let release: Value = serde_json::from_str(&sandbox.run(&shown).expect(0).stdout).unwrap();
    assert!(schema("release").is_valid(&release), "{release}");
    sandbox
        .run(&["fetch", "drydock:data#library/_releases", "documents"])
        .expect(0);
    let pointer = sandbox.read("documents/win/current.json");
    let pointer: Value = serde_json::from_str(&pointer).unwrap();
    assert!(schema("pointer").is_valid(&pointer), "{pointer}");
    assert!(!schema("pointer").is_valid(&release));
}

#[test]
fn the_committed_schema_is_the_printed_one() {
    let printed = Sandbox::new().run(&["schema", "plan"]).expect(0).stdout;
    assert_eq!(
        printed, COMMITTED,
        "write it anew: `cargo run -p longshore -- schema plan > docs/schema/plan.json`"
    );
}

#[test]
fn plans_are_what_the_schema_says() {
    let schema: Value = serde_json::from_str(COMMITTED).unwrap();
    let validator = jsonschema::validator_for(&schema).unwrap();
    let sandbox = Sandbox::new();
    sandbox.library();
    sandbox
        .run(&["sync", "apps", "drydock:data#library"])
        .expect(0);
    sandbox.write("apps/readme.txt", "changed");
    sandbox.write("apps/copy.txt", "PK bginfo");
    sandbox.write("apps/new.txt", "new");
    fs_err::remove_file(sandbox.path().join("apps/tools/azcopy.exe")).unwrap();
    sandbox.write("out/readme.txt", "here");
    sandbox.write("out/surplus.txt", "surplus");
    let up = [
        "plan",
        "apps",
        "drydock:data#library",
        "--delete",
        "--backup-to",
        "b",
    ];
    let down = [
        "plan",
        "drydock:data#library",
        "out",
        "--delete",
        "--delete-unmanaged",
    ];
    let across = ["plan", "drydock:data#library", "drydock:data#other"];
    let mut kinds = std::collections::BTreeSet::new();
    for arguments in [&up[..], &down, &across] {
        let plan = sandbox.run(&[arguments, &["--json"]].concat()).expect(0);
        for line in plan.stdout.lines() {
            let value: Value = serde_json::from_str(line).unwrap();
            let errors: Vec<String> = validator
                .iter_errors(&value)
                .map(|error| error.to_string())
                .collect();
            assert!(errors.is_empty(), "{line}: {errors:?}");
            kinds.extend(value["op"].as_str().map(str::to_owned));
        }
    }
    assert!(kinds.len() >= 4, "{kinds:?}");
    for wrong in [
        r#"{"op":"upload","name":"a"}"#,
        r#"{"op":"format","name":"a","size":1,"reason":"new","assumes":"absent"}"#,
        r#"{"plan":1}"#,
        "[]",
    ] {
        let value: Value = serde_json::from_str(wrong).unwrap();
        assert!(!validator.is_valid(&value), "{wrong}");
    }
}

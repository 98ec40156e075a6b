//! The schema: good manifests are what it says, and it refuses what it can.

use serde_json::Value;

use super::{EXAMPLES, Manifest};

fn is_valid(validator: &jsonschema::Validator, text: &str) -> Result<(), String> {
    let value: Value = toml::from_str(text).unwrap();
    let errors: Vec<String> = validator
        .iter_errors(&value)
        .map(|error| format!("{}: {error}", error.instance_path()))
        .collect();
    if errors.is_empty() {
        Ok(())
    } else {
        Err(errors.join("\n"))
    }
}

#[test]
fn the_committed_schema_is_this_one() {
    let committed: Value =
        serde_json::from_str(include_str!("../../../../../docs/schema/manifest.json")).unwrap();
    assert!(
        committed == Manifest::json_schema(),
        "write it anew: `cargo run -p longshore -- schema manifest > docs/schema/manifest.json`"
    );
}

#[test]
fn the_examples_are_what_the_schema_says() {
    let validator = jsonschema::draft202012::new(&Manifest::json_schema()).unwrap();
    for text in EXAMPLES {
        if let Err(errors) = is_valid(&validator, text) {
            panic!("{errors}");
        }
    }
}

#[test]
fn what_the_schema_refuses_is_refused_by_the_reader() {
    let validator = jsonschema::draft202012::new(&Manifest::json_schema()).unwrap();
    let good = "id = \"a\"\nversion = \"1\"\npath = \"a.msi\"\n";
    let text = |artifact: &str| format!("[library]\nname = \"l\"\n[[artifact]]\n{artifact}");
    assert_eq!(is_valid(&validator, &text(good)), Ok(()));
    for artifact in [
        "id = \"a\"\nversion = \"1\"\n",
        "id = \"a\"\nversion = 1\npath = \"a\"\n",
        "id = \"a b\"\nversion = \"1\"\npath = \"a\"\n",
        "id = \"a\"\npath = \"a\"\n",
        &format!("{good}url = \"https://e.com/a.msi\"\n"),
        &format!("{good}sha256 = \"abc\"\n"),
        &format!("{good}sha265 = \"abc\"\n"),
        &format!("{good}architecture = \"sparc\"\n"),
        &format!("{good}file = \"x/a.msi\"\n"),
        &format!("{good}blob = \"/a.msi\"\n"),
        &format!("{good}blob = \"_releases/a.msi\"\n"),
        &format!("{good}install = {{ type = \"rpm\" }}\n"),
        &format!("{good}install = {{ order = 1 }}\n"),
        &format!("{good}install = {{ type = \"msi\", args = \"/x\" }}\n"),
        &format!("{good}install = {{ type = \"zip\" }}\n"),
        &format!("{good}install = {{ type = \"exe\" }}\n"),
        &format!("{good}update = {{ from = \"github\" }}\n"),
        &format!("{good}update = {{ from = \"winget\", package = \"A.B\", tag = \"x\" }}\n"),
    ] {
        let text = text(artifact);
        assert!(
            is_valid(&validator, &text).is_err(),
            "by the schema: {artifact}"
        );
        assert!(Manifest::parse(&text).is_err(), "by the reader: {artifact}");
    }
}

#[test]
fn editors_are_told_what_fields_mean() {
    let schema = Manifest::json_schema();
    let text = schema.to_string();
    assert!(!text.contains("\"null\""), "{text}");
    assert_eq!(schema["title"], "A manifest of Longshore");
    let artifact = &schema["$defs"]["Artifact"]["properties"];
    assert_eq!(artifact["architecture"]["default"], "x64");
    for (name, property) in artifact.as_object().unwrap() {
        assert!(property["description"].is_string(), "{name}");
    }
}

//! Tests of manifests.

mod meaning;
mod order;
mod properties;
mod reading;
mod schema;
mod secrets;

use super::Manifest;

/// The example manifests.
const EXAMPLES: [&str; 3] = [
    include_str!("../../../../manifests/windows-server-2022.toml"),
    include_str!("../../../../manifests/offline-windows.toml"),
    include_str!("../../../../manifests/offline-linux.toml"),
];

#[test]
fn the_examples_are_good() {
    for text in EXAMPLES {
        if let Err(errors) = Manifest::parse(text) {
            panic!("{errors}");
        }
    }
}

/// What is told of a bad manifest.
fn check(text: &str, expected: &str) {
    let errors = Manifest::parse(text).unwrap_err();
    assert_eq!(errors.to_string(), expected.trim(), "{text}");
}

#[test]
fn the_manifest_of_the_guide_is_good() {
    let guide = include_str!("../../../../docs/manifests.md");
    let block = guide.split("```toml\n").nth(1).unwrap();
    let text = block.split("```").next().unwrap();
    if let Err(errors) = Manifest::parse(text) {
        panic!("{errors}");
    }
}

#[test]
fn marks_and_line_ends_of_windows_change_no_place() {
    let text = "\u{feff}[library]\r\nname = \"ä b\"\r\nos = \"beos\"\r\n";
    let errors = Manifest::parse(text).unwrap_err();
    let places: Vec<(&str, String)> = errors
        .problems()
        .iter()
        .map(|problem| {
            (
                &text[problem.span.clone()],
                errors.position(problem).to_string(),
            )
        })
        .collect();
    let expected = [("\"ä b\"", "2:8"), ("\"beos\"", "3:6")];
    assert_eq!(
        places,
        expected.map(|(text, place)| (text, place.to_owned()))
    );
}

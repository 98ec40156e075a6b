//! Derived names and the order of installation.

use super::Manifest;
use crate::Source;

fn one(lines: &str) -> Manifest {
    let text =
        format!("[library]\nname = \"l\"\n[[artifact]]\nid = \"a\"\nversion = \"1.0\"\n{lines}\n");
    Manifest::parse(&text).unwrap_or_else(|errors| panic!("{errors}"))
}

#[test]
fn names_of_files_and_blobs_follow_from_the_source() {
    for (lines, file, blob) in [
        (r#"path = "../x/a b.zip""#, "a b.zip", "a/1.0/a b.zip"),
        (
            r#"url = "https://e.com/x/a%20b.zip?x=/y""#,
            "a b.zip",
            "a/1.0/a b.zip",
        ),
        (
            r#"from = "az://account/c/x/a%20b.zip""#,
            "a b.zip",
            "a/1.0/a b.zip",
        ),
        (r#"from = "drydock:data#c/x/a.zip""#, "a.zip", "a/1.0/a.zip"),
        (
            "url = \"https://e.com/get/\"\nfile = \"a.zip\"",
            "a.zip",
            "a/1.0/a.zip",
        ),
        ("path = \"b.zip\"\nblob = \"x/y.zip\"", "b.zip", "x/y.zip"),
    ] {
        let manifest = one(lines);
        let artifact = &manifest.artifacts[0];
        let name = artifact.file_name().unwrap();
        assert_eq!(name.as_str(), file, "{lines}");
        assert_eq!(artifact.blob_path(&name).as_str(), blob, "{lines}");
    }
}

#[test]
fn patterns_have_no_name_of_their_own() {
    let manifest = one("path = \"apps/*.zip\"");
    let artifact = &manifest.artifacts[0];
    assert_eq!(artifact.source(), Some(Source::Path("apps/*.zip")));
    assert!(artifact.source().unwrap().is_pattern());
    assert_eq!(artifact.file_name(), None);
}

#[test]
fn what_is_required_comes_first_then_order_then_place() {
    let mut text = "[library]\nname = \"l\"\n".to_owned();
    for (id, install) in [
        ("late", "order = 5"),
        ("second", "requires = [\"first\"]"),
        ("third", ""),
        ("first", ""),
        ("early", "order = -1"),
    ] {
        let file = format!("[[artifact]]\nid = \"{id}\"\nversion = \"1\"\npath = \"{id}.msi\"\n");
        text.extend([&file, "[artifact.install]\ntype = \"msi\"\n", install, "\n"]);
    }
    text += "[[artifact]]\nid = \"staged\"\nversion = \"1\"\npath = \"staged.txt\"\n";
    let manifest = Manifest::parse(&text).unwrap();
    let order: Vec<&str> = manifest
        .install_order()
        .iter()
        .map(|artifact| artifact.id.as_str())
        .collect();
    assert_eq!(order, ["early", "third", "first", "second", "late"]);
    let id = "first".parse().unwrap();
    assert_eq!(manifest.artifact(&id).unwrap().id, id);
    assert!(manifest.artifact(&"none".parse().unwrap()).is_none());
}

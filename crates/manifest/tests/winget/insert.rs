//! Artifacts in the text of a manifest.

use longshore_manifest::winget::{AppendError, Choice, append, import, render_artifact};
use longshore_manifest::{Architecture, Artifact, Manifest};

use crate::support::{bginfo, seven_zip, storage_explorer, suite};

const MANIFEST: &str = r#"# What the build VMs need.
[library]
name = "windows-server-2022" # and 2025
destination = "az://account/apps"

[[artifact]]
id = "bginfo"
version = "4.33"
path = "apps/BGInfo.zip"
install = { type = "zip", to = 'C:\apps' }

# Kept by the storage people.
[[artifact]]
id = "Microsoft.Azure.StorageExplorer"
version = "1.33.0"   # not 1.32, which hangs
path = "apps/StorageExplorer.exe"
signer = "Microsoft Corporation"
install = { type = "inno", args = ["/OLD"], requires = ["bginfo"] }
"#;

fn artifact(files: &[longshore_manifest::winget::ManifestFile]) -> Artifact {
    import(files, &Choice::default()).unwrap().artifact
}

#[test]
fn a_block_reads_as_if_a_person_wrote_it() {
    let all = [bginfo(), storage_explorer(), suite()];
    let text: Vec<_> = all
        .iter()
        .map(|files| render_artifact(&artifact(files)))
        .collect();
    insta::assert_snapshot!(text.join("\n"));
}

#[test]
fn a_new_artifact_comes_to_the_end_and_an_old_one_changes_where_it_stands() {
    let text = append(MANIFEST, &artifact(&storage_explorer())).unwrap();
    let text = append(&text, &artifact(&seven_zip())).unwrap();
    insta::assert_snapshot!(text);
    let manifest: Manifest = toml::from_str(&text).unwrap();
    assert_eq!(manifest.artifacts.len(), 3);
    assert_eq!(manifest.artifacts[2], artifact(&seven_zip()));
}

#[test]
fn appending_twice_changes_nothing() {
    for files in [bginfo(), storage_explorer(), suite(), seven_zip()] {
        let once = append(MANIFEST, &artifact(&files)).unwrap();
        assert_eq!(append(&once, &artifact(&files)).unwrap(), once);
    }
}

#[test]
fn what_is_appended_is_read_back() {
    for files in [bginfo(), storage_explorer(), suite(), seven_zip()] {
        let artifact = artifact(&files);
        let text = append("[library]\nname = \"a\"\n", &artifact).unwrap();
        let manifest: Manifest = toml::from_str(&text).unwrap();
        assert_eq!(manifest.artifacts, std::slice::from_ref(&artifact));
        let block: toml::Table = toml::from_str(&render_artifact(&artifact)).unwrap();
        let alone: Artifact = block["artifact"][0].clone().try_into().unwrap();
        assert_eq!(alone, artifact);
    }
}

#[test]
fn another_architecture_is_another_artifact() {
    let mut other = artifact(&storage_explorer());
    other.architecture = Architecture::Arm64;
    let text = append(MANIFEST, &other).unwrap();
    let manifest: Manifest = toml::from_str(&text).unwrap();
    assert_eq!(manifest.artifacts.len(), 3);
    assert_eq!(manifest.artifacts[2], other);
}

#[test]
fn a_text_that_is_no_manifest_is_refused() {
    let artifact = artifact(&bginfo());
    let refused = |text: &str| append(text, &artifact).unwrap_err();
    assert!(matches!(refused("["), AppendError::Toml(_)));
    assert!(matches!(refused("artifact = 7"), AppendError::NotTables));
    let twice = render_artifact(&artifact).repeat(2);
    assert!(matches!(refused(&twice), AppendError::Several { .. }));
}

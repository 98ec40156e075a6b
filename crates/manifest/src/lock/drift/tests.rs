use super::*;
use crate::samples::sha256;

const MANIFEST: &str = r#"
[library]
name = "tools"

[[artifact]]
id = "bginfo"
version = "4.33"
url = "https://example.com/BGInfo.zip"

[[artifact]]
id = "fonts"
version = "1"
path = "fonts/*.ttf"
"#;

const LOCK: &str = r#"version = 1
library = "tools"

[[artifact]]
id = "bginfo"
architecture = "x64"
version = "4.33"
file = "BGInfo.zip"
url = "https://example.com/BGInfo.zip"
size = 1
sha256 = "0101010101010101010101010101010101010101010101010101010101010101"
blake3 = "0101010101010101010101010101010101010101010101010101010101010101"

[[artifact]]
id = "fonts"
architecture = "x64"
version = "1"
file = "a.ttf"
path = "fonts/a.ttf"
size = 1
sha256 = "0202020202020202020202020202020202020202020202020202020202020202"
blake3 = "0202020202020202020202020202020202020202020202020202020202020202"

[[artifact]]
id = "fonts"
architecture = "x64"
version = "1"
file = "b.ttf"
path = "fonts/b.ttf"
size = 1
sha256 = "0303030303030303030303030303030303030303030303030303030303030303"
blake3 = "0303030303030303030303030303030303030303030303030303030303030303"
"#;

fn expanded(artifact: usize, file: &str) -> Expanded {
    Expanded {
        artifact,
        file: file.parse().unwrap(),
        path: (artifact == 1).then(|| format!("fonts/{file}")),
    }
}

/// What has drifted once the manifest says something else.
fn drifted(from: &str, to: &str, files: &[&str]) -> Vec<String> {
    let text = MANIFEST.replace(from, to);
    assert!(from == to || text != MANIFEST, "{from}");
    let manifest: Manifest = toml::from_str(&text).unwrap();
    let lock = Lock::parse(LOCK).unwrap();
    let files: Vec<Expanded> = files
        .iter()
        .map(|file| expanded(usize::from(*file != "BGInfo.zip"), file))
        .collect();
    drift(&manifest, &lock, &files)
        .iter()
        .map(ToString::to_string)
        .collect()
}

const ALL: [&str; 3] = ["BGInfo.zip", "a.ttf", "b.ttf"];

#[test]
fn a_lock_that_says_what_the_manifest_says_has_not_drifted() {
    assert_eq!(drifted("", "", &ALL), Vec::<String>::new());
}

#[test]
fn every_drift_is_told_with_what_was_and_what_is() {
    let bginfo = "`bginfo` (x64, `BGInfo.zip`)";
    let url = "https://example.com/BGInfo.zip";
    for (from, to, says) in [
        (
            "\"4.33\"",
            "\"4.34\"",
            format!("{bginfo}: locked at version 4.33, the manifest says 4.34"),
        ),
        (
            url,
            "https://example.com/B.zip",
            format!("{bginfo}: locked from `{url}`, the manifest says `https://example.com/B.zip`"),
        ),
        (
            "url = \"https://example.com/BGInfo.zip\"",
            "from = \"az://a/b/c\"",
            format!("{bginfo}: locked from `{url}`, the manifest says `az://a/b/c`"),
        ),
        (
            "\"4.33\"\n",
            "\"4.33\"\narchitecture = \"arm64\"\n",
            "`bginfo` (arm64, `BGInfo.zip`): locked for x64, the manifest says arm64".into(),
        ),
        (
            "\"tools\"",
            "\"tulls\"",
            "the lock is of the library `tools`, the manifest of `tulls`".into(),
        ),
    ] {
        assert_eq!(drifted(from, to, &ALL), [says]);
    }
    let digest = sha256(9);
    let expects = format!("\"4.33\"\nsha256 = \"{digest}\"");
    let says = format!(
        "{bginfo}: locked with sha256 {}, the manifest says {digest}",
        sha256(1)
    );
    assert_eq!(drifted("\"4.33\"", &expects, &ALL), [says]);
    let expects = format!("\"4.33\"\nsha256 = \"{}\"", sha256(1));
    assert_eq!(drifted("\"4.33\"", &expects, &ALL), Vec::<String>::new());
}

#[test]
fn files_come_and_go() {
    assert_eq!(
        drifted("", "", &["BGInfo.zip", "a.ttf"]),
        ["`fonts` (x64, `b.ttf`): the lock names it, the manifest does not"]
    );
    assert_eq!(
        drifted("", "", &["BGInfo.zip", "a.ttf", "b.ttf", "c.ttf"]),
        ["`fonts` (x64, `c.ttf`): the manifest names it, the lock does not"]
    );
    assert_eq!(
        drifted("", "", &["BGInfo.zip", "a.ttf", "c.ttf"]),
        [
            "`fonts` (x64, `c.ttf`): locked as `b.ttf`, the manifest says `c.ttf`",
            "`fonts` (x64, `c.ttf`): locked from `fonts/b.ttf`, the manifest says `fonts/c.ttf`",
        ]
    );
    // Two for two: nobody knows which is which.
    let found = drifted("", "", &["BGInfo.zip", "c.ttf", "d.ttf"]);
    assert_eq!(found.len(), 4);
    assert!(
        found[0].contains("the lock names it") && found[3].contains("the manifest names it"),
        "{found:?}"
    );
}

#[test]
fn what_the_world_says_is_told_in_the_same_words() {
    let key = Lock::parse(LOCK).unwrap().artifacts[0].key();
    for (drift, says) in [
        (
            Drift::Bytes {
                expected: sha256(1),
                found: sha256(2),
            },
            format!(
                "locked with sha256 {}, its source has other bytes now: {}",
                sha256(1),
                sha256(2)
            ),
        ),
        (
            Drift::Size {
                expected: 1,
                found: 2,
            },
            "locked with 1 bytes, its source tells 2 now".into(),
        ),
        (
            Drift::Etag {
                expected: "\"a\"".into(),
                found: None,
            },
            "locked with the ETag \"a\", its source tells none now".into(),
        ),
        (Drift::Gone, "its source is not there any more".into()),
    ] {
        let told = Drifted::of(key.clone(), drift).to_string();
        assert_eq!(told, format!("`bginfo` (x64, `BGInfo.zip`): {says}"));
    }
}

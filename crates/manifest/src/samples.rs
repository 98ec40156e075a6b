//! Documents for tests: some to read, some at random.

use jiff::Timestamp;
use longshore_content::{Blake3Digest, Sha256Digest};
use proptest::prelude::*;
use proptest::{collection::vec, option};

use crate::{
    Architecture, Content, FileName, Install, InstallerType, Lock, Locked, NestedInstaller,
    Pipeline, Provenance, Release, Released, TargetOs,
};

/// A digest that is easily told from others.
pub(crate) fn sha256(byte: u8) -> Sha256Digest {
    Sha256Digest::from_bytes([byte; 32])
}

/// A digest that is easily told from others.
pub(crate) fn blake3(byte: u8) -> Blake3Digest {
    Blake3Digest::from_bytes([byte; 32])
}

/// A file of a release, named as blobs are unless said.
pub(crate) fn released(id: &str, version: &str, byte: u8) -> Released {
    let file = format!("{id}.exe");
    Released {
        id: id.parse().unwrap(),
        architecture: Architecture::X64,
        version: version.parse().unwrap(),
        blob: format!("{id}/{version}/{file}").parse().unwrap(),
        file: file.parse().unwrap(),
        size: 1000,
        sha256: sha256(byte),
        blake3: blake3(byte),
        url: None,
        install: None,
    }
}

/// What a release holds, with the names of files that most things break on.
pub(crate) fn content() -> Content {
    let bginfo = Released {
        url: Some(
            "https://download.sysinternals.com/files/BGInfo.zip"
                .parse()
                .unwrap(),
        ),
        install: Some(Install {
            to: Some(r"C:\apps\100% \t".into()),
            nested: Some(NestedInstaller {
                kind: InstallerType::Msi,
                file: "in it/setup.msi".into(),
            }),
            ..Install::of(InstallerType::Zip)
        }),
        file: "BG Info (ü) 100%.zip".parse().unwrap(),
        blob: "bginfo/4.33/BG Info (ü) 100%.zip".parse().unwrap(),
        ..released("bginfo", "4.33", 1)
    };
    let tool = Released {
        install: Some(Install {
            args: [
                "/ALLUSERS",
                "",
                "a b",
                "tab\tand\nline",
                "*",
                "'\"$(x)`\\n",
                "-",
                "%41",
            ]
            .map(String::from)
            .to_vec(),
            requires: vec!["bginfo".parse().unwrap()],
            order: -5,
            ..Install::of(InstallerType::Inno)
        }),
        ..released("a-tool", "1.0", 2)
    };
    let readme = released("readme", "1", 3);
    Content::new(
        "tools".parse().unwrap(),
        TargetOs::Windows,
        vec![readme, tool, bginfo],
    )
    .unwrap()
}

/// How a release came to be.
pub(crate) fn provenance(created: i64) -> Provenance {
    Provenance {
        created: Timestamp::from_second(created).unwrap(),
        tool: "longshore 0.1.0".into(),
        manifest: Some(sha256(9)),
        repository: Some("https://example.com/\"x\",\n  \"release\": \"00\"".into()),
        revision: None,
        pipeline: Some(Pipeline {
            system: "github".into(),
            run: "7".into(),
            url: None,
        }),
    }
}

/// A release of [`content`].
pub(crate) fn release() -> Release {
    Release::new(content(), provenance(1_800_000_000))
}

pub(crate) fn any_architecture() -> impl Strategy<Value = Architecture> {
    use Architecture::{Arm, Arm64, Neutral, X64, X86};
    prop::sample::select(vec![X86, X64, Arm, Arm64, Neutral])
}

/// Names of files, hostile ones among them.
pub(crate) fn any_file_name() -> impl Strategy<Value = FileName> {
    prop_oneof!["[a-c]\\.exe", "[^/]{1,12}", "[-% #'$;&()\\[\\]`~!ü]{1,6}"]
        .prop_filter_map("not the name of a file", |text| text.parse().ok())
}

/// Texts for arguments and paths.
pub(crate) fn any_text() -> impl Strategy<Value = String> {
    prop_oneof![
        "[a-z/-]{0,8}",
        "[^\\x00]{0,12}",
        "[-% \\t\\n\\\\'\"*?$`]{0,6}"
    ]
}

fn any_install() -> impl Strategy<Value = Install> {
    let kind = || prop::sample::select(InstallerType::ALL.to_vec());
    let nested = (kind(), any_text()).prop_map(|(kind, file)| NestedInstaller { kind, file });
    (
        (kind(), option::of(nested), option::of(any_text())),
        (option::of(vec(any_text(), 0..3)), vec(any_text(), 0..3)),
        (vec(any::<i64>(), 0..3), option::of(vec(any::<i64>(), 0..3))),
        (-2..3, vec("[a-e]", 0..3)),
    )
        .prop_map(
            |((kind, nested, to), (silent, args), (success, reboot), (order, requires))| Install {
                kind,
                silent,
                args,
                success,
                reboot,
                to,
                nested,
                order,
                requires: requires.iter().map(|id| id.parse().unwrap()).collect(),
            },
        )
}

fn any_released() -> impl Strategy<Value = Released> {
    (
        (
            "[a-e]",
            any_architecture(),
            "[0-9]\\.[0-9]",
            any_file_name(),
        ),
        (
            any::<u64>(),
            any::<[u8; 32]>(),
            option::of(any_install()),
            any::<bool>(),
        ),
    )
        .prop_map(
            |((id, architecture, version, file), (size, digest, install, has_url))| Released {
                blob: format!("{id}/{version}/{architecture:?}/{file}")
                    .parse()
                    .unwrap(),
                id: id.parse().unwrap(),
                architecture,
                version: version.parse().unwrap(),
                file,
                size,
                sha256: Sha256Digest::from_bytes(digest),
                blake3: Blake3Digest::from_bytes(digest),
                url: has_url.then(|| "https://example.com/a%20b?c=d&e".parse().unwrap()),
                install,
            },
        )
}

/// What releases hold.
pub(crate) fn any_content() -> impl Strategy<Value = Content> {
    vec(any_released(), 0..8).prop_map(|mut artifacts| {
        artifacts.sort_by_key(Released::key);
        artifacts.dedup_by_key(|released| released.key());
        Content::new("tools".parse().unwrap(), TargetOs::Linux, artifacts).unwrap()
    })
}

/// Releases.
pub(crate) fn any_release() -> impl Strategy<Value = Release> {
    (any_content(), any_text(), 0_i64..4_000_000_000).prop_map(|(content, text, created)| {
        let provenance = Provenance {
            revision: Some(text),
            ..provenance(created)
        };
        Release::new(content, provenance)
    })
}

/// Entries of locks.
pub(crate) fn any_locked() -> impl Strategy<Value = Locked> {
    let time = || {
        option::of(
            (0_i64..4_000_000_000).prop_map(|second| Timestamp::from_second(second).unwrap()),
        )
    };
    (
        (
            "[a-e]",
            any_architecture(),
            "[0-9]\\.[0-9]",
            any_file_name(),
        ),
        (
            0..3,
            any_text(),
            0..=i64::MAX.unsigned_abs(),
            any::<[u8; 32]>(),
        ),
        (option::of(any_text()), time(), time()),
    )
        .prop_map(
            |(
                (id, architecture, version, file),
                (source, text, size, digest),
                (etag, modified, seen),
            )| Locked {
                id: id.parse().unwrap(),
                architecture,
                version: version.parse().unwrap(),
                file,
                url: (source == 1).then(|| "https://example.com/a%20b?c=d".parse().unwrap()),
                from: (source == 2).then(|| format!("az://account/container/{text}")),
                path: (source == 0).then_some(text),
                size,
                sha256: Sha256Digest::from_bytes(digest),
                blake3: Blake3Digest::from_bytes(digest),
                etag,
                modified,
                seen,
            },
        )
}

/// Locks.
pub(crate) fn any_lock() -> impl Strategy<Value = Lock> {
    vec(any_locked(), 0..6).prop_map(|entries| {
        let mut lock = Lock::empty("tools".parse().unwrap());
        for locked in entries {
            lock.upsert(locked);
        }
        lock
    })
}

/// Checks that a document is what its schema says, and that the schema in `docs/schema` is the one that the code gives.
pub(crate) fn check_schema(
    schema: &serde_json::Value,
    kept: &str,
    documents: &[serde_json::Value],
) {
    let text = serde_json::to_string_pretty(schema).unwrap() + "\n";
    assert!(text == kept, "docs/schema has to be:\n{text}");
    let validator = jsonschema::validator_for(schema).unwrap();
    for document in documents {
        let errors: Vec<String> = validator
            .iter_errors(document)
            .map(|error| error.to_string())
            .collect();
        assert!(errors.is_empty(), "{errors:?} in {document}");
    }
}

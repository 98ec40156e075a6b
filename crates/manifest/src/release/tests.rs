use std::collections::BTreeSet;

use proptest::prelude::*;

use super::*;
use crate::samples::{
    any_content, any_release, any_text, check_schema, content, provenance, release, released,
};
use crate::{InstallerType, Lock};

fn pointer() -> Pointer {
    Pointer::new(
        &release(),
        Some(ReleaseDigest(crate::samples::sha256(7))),
        provenance(5),
    )
}

#[test]
fn a_release_is_named_by_what_it_holds() {
    let digest = release().release;
    // A release that was published has this name for ever: no change may alter it.
    assert_eq!(
        digest.to_string(),
        "772e79d2c5723fe5716598136dc75b17fa6b961474d52d9f655b96059a4ef283"
    );
    let mut shuffled = content();
    shuffled.artifacts.reverse();
    let again = Content::new(shuffled.library, shuffled.os, shuffled.artifacts).unwrap();
    assert_eq!(Release::new(again, provenance(0)).release, digest);
    let mut other = content();
    other.artifacts[0].size += 1;
    assert_ne!(other.digest(), digest);
}

#[test]
fn a_document_is_read_only_if_it_holds_what_it_says() {
    let text = release().render();
    assert!(text.ends_with("}\n") && text.lines().count() > 20);
    assert_eq!(Release::parse(&text).unwrap(), release());
    let changed = |from: &str, to: &str| {
        let changed = text.replacen(from, to, 1);
        assert_ne!(changed, text);
        Release::parse(&changed).unwrap_err()
    };
    assert!(matches!(
        changed("4.33\",", "4.34\","),
        ReleaseError::Digest { .. }
    ));
    assert!(matches!(
        changed("\"version\": 1", "\"version\": 2"),
        ReleaseError::Newer { version: 2 }
    ));
    assert!(matches!(
        changed("\"version\": 1", "\"version\": 0"),
        ReleaseError::Version { .. }
    ));
    assert!(matches!(
        changed("\"size\": 1000", "\"size\": -1"),
        ReleaseError::Syntax(_)
    ));
    assert!(matches!(
        changed("\"id\": \"a-tool\"", "\"id\": \"z\""),
        ReleaseError::Unsorted { .. }
    ));
}

#[test]
fn what_cannot_be_published_is_refused() {
    let new = |artifacts| {
        Content::new("tools".parse().unwrap(), TargetOs::Windows, artifacts).unwrap_err()
    };
    let a = released("a", "1", 1);
    let twice = vec![a.clone(), released("a", "2", 2)];
    assert!(matches!(new(twice), ReleaseError::Duplicate { .. }));
    let one_blob = Released {
        blob: a.blob.clone(),
        ..released("b", "1", 1)
    };
    assert!(matches!(
        new(vec![a.clone(), one_blob]),
        ReleaseError::Blob { .. }
    ));
    let install = Install {
        to: Some("\0".into()),
        ..Install::of(InstallerType::Zip)
    };
    let nul = Released {
        install: Some(install),
        ..a
    };
    assert!(matches!(new(vec![nul]), ReleaseError::Nul { .. }));
}

#[test]
fn what_is_required_is_installed_before() {
    let install = |order, requires: &[&str]| {
        Some(Install {
            order,
            requires: requires.iter().map(|id| id.parse().unwrap()).collect(),
            ..Install::of(InstallerType::Exe)
        })
    };
    let of = |id, order, requires: &[&str]| Released {
        install: install(order, requires),
        ..released(id, "1", 1)
    };
    let order = |artifacts: Vec<Released>| {
        let content = Content::new("tools".parse().unwrap(), TargetOs::Windows, artifacts).unwrap();
        content
            .install_order()
            .iter()
            .map(|released| released.id.to_string())
            .collect::<String>()
    };
    let independent = || {
        vec![
            of("a", 2, &[]),
            of("b", -1, &[]),
            of("c", 0, &[]),
            released("d", "1", 1),
        ]
    };
    assert_eq!(order(independent()), "bcda");
    assert_eq!(
        order(vec![
            of("a", 0, &["b"]),
            of("b", 9, &["c"]),
            of("c", 9, &[]),
            of("d", 10, &[])
        ]),
        "cbad"
    );
    assert_eq!(order(vec![of("a", 0, &["gone"])]), "a");
    assert_eq!(
        order(vec![
            of("a", 1, &["b"]),
            of("b", 0, &["a"]),
            of("c", 2, &[])
        ]),
        "cba"
    );
    let arm = Released {
        architecture: crate::Architecture::Arm64,
        blob: "b/1/arm.exe".parse().unwrap(),
        ..of("b", 5, &[])
    };
    assert_eq!(order(vec![of("a", 0, &["b"]), of("b", 5, &[]), arm]), "bba");
}

#[test]
fn documents_are_found_by_their_names() {
    let (library, digest) = (&content().library, content().digest());
    for document in [
        ReleaseBlob::Json(library.clone(), digest),
        ReleaseBlob::Tsv(library.clone(), digest),
        ReleaseBlob::Pointer(library.clone()),
    ] {
        let path = document.path();
        assert!(path.as_str().starts_with(&releases_prefix(Some(library))));
        assert!(path.as_str().starts_with(&releases_prefix(None)));
        assert_eq!(ReleaseBlob::of(&path), Some(document));
    }
    assert_eq!(
        Pointer::path(library).as_str(),
        "_releases/tools/current.json"
    );
    let capitals = format!("_releases/tools/{}.json", digest.to_string().to_uppercase());
    let nested = format!("_releases/tools/x/{digest}.json");
    let foreign = format!("releases/tools/{digest}.json");
    let other = format!("_releases/tools/{digest}.txt");
    for path in [
        &*capitals,
        &nested,
        &foreign,
        &other,
        "_releases/tools/current.tsv",
        "_releases/current.json",
    ] {
        assert_eq!(ReleaseBlob::of(&path.parse().unwrap()), None, "{path}");
    }
}

#[test]
fn a_pointer_names_the_documents_of_its_release() {
    let pointer = pointer();
    assert_eq!(
        pointer.json.sha256,
        Document::of(pointer.json.blob.clone(), release().render().as_bytes()).sha256
    );
    assert_eq!(pointer.tsv.size, release().twin().len() as u64);
    let other = pointer.render().replacen(".tsv", ".txt", 1);
    assert!(matches!(
        Pointer::parse(&other),
        Err(ReleaseError::Foreign { .. })
    ));
    let newer = pointer
        .render()
        .replacen("\"version\": 1", "\"version\": 9", 1);
    assert!(matches!(
        Pointer::parse(&newer),
        Err(ReleaseError::Newer { version: 9 })
    ));
    let first = Pointer {
        previous: None,
        ..pointer
    };
    assert_eq!(Pointer::parse(&first.render()).unwrap(), first);
}

#[test]
fn what_is_written_is_what_the_schemas_say() {
    let value = |text: String| serde_json::from_str(&text).unwrap();
    let kept = include_str!("../../../../docs/schema/release.json");
    check_schema(&Release::json_schema(), kept, &[value(release().render())]);
    let kept = include_str!("../../../../docs/schema/pointer.json");
    check_schema(&Pointer::json_schema(), kept, &[value(pointer().render())]);
}

#[test]
fn a_twin_is_one_line_a_file() {
    let twin = release().twin();
    let lines: Vec<&str> = twin.lines().collect();
    assert_eq!(
        lines[0],
        format!(
            "#longshore-release\t1\t{}\ttools\twindows",
            release().release
        )
    );
    assert!(lines[1].starts_with("id\tversion\tarchitecture\tfile\tblob\tsize\tsha256\ttype\t"));
    let ids: Vec<&str> = lines[2..]
        .iter()
        .filter_map(|line| line.split('\t').next())
        .collect();
    assert_eq!(ids, ["bginfo", "a-tool", "readme"]);
    assert!(
        lines[4].ends_with("\t-\t-\t-\t-\t-\t-\t-\t-"),
        "{}",
        lines[4]
    );
    assert!(
        lines[2].contains("\tC:%5Capps%5C100%25%20%5Ct\t0\t3010,1641\t-\t/quiet /norestart"),
        "{}",
        lines[2]
    );
    assert!(
        lines[3].contains("\tbginfo\t/SP- /VERYSILENT"),
        "{}",
        lines[3]
    );
}

#[test]
fn broken_twins_are_refused() {
    let twin = release().twin();
    for (from, to) in [
        ("#long", "long"),
        ("id\t", "di\t"),
        ("\tx64", "\tx65"),
        ("\treadme", ""),
        ("readme", "%"),
    ] {
        assert!(Twin::parse(&twin.replacen(from, to, 1)).is_err(), "{from}");
    }
    assert!(Twin::parse(twin.trim_end()).is_err());
    let newer = twin.replacen("\t1\t", "\t2\t", 1);
    assert!(matches!(
        Twin::parse(&newer),
        Err(ReleaseError::Newer { version: 2 })
    ));
}

proptest! {
    #[test]
    fn documents_are_read_and_written_the_same(release in any_release(), text in any_text()) {
        let rendered = release.render();
        prop_assert_eq!(&Release::parse(&rendered).unwrap(), &release);
        let twin = Twin::of(&release);
        prop_assert_eq!(Twin::parse(&release.twin()).unwrap(), twin);
        let mut provenance = release.provenance.clone();
        provenance.repository = Some(text);
        let pointer = Pointer::new(&release, None, provenance);
        let text = pointer.render();
        prop_assert_eq!(text.lines().count(), 8);
        prop_assert_eq!(Pointer::parse(&text).unwrap(), pointer);
    }

    #[test]
    fn every_file_is_installed_once_and_after_what_it_requires(content in any_content()) {
        let order = content.install_order();
        let keys: BTreeSet<_> = order.iter().map(|released| released.key()).collect();
        prop_assert_eq!((order.len(), keys.len()), (content.artifacts.len(), content.artifacts.len()));
    }

    #[test]
    fn no_text_breaks_the_readers(text in ".{0,200}") {
        let _ = (Twin::parse(&text), Release::parse(&text), Pointer::parse(&text), Lock::parse(&text));
        let _ = Twin::parse(&format!("{}{text}\n", release().twin()));
    }
}

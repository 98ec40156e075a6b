//! What holds for all manifests and all texts.

use proptest::collection::{btree_map, vec};
use proptest::option;
use proptest::prelude::*;
use proptest::sample::select;

use super::{EXAMPLES, Manifest};
use crate::{Architecture, Artifact, Install, InstallerType, Library, TargetOs, Update};

fn install() -> impl Strategy<Value = Install> {
    let kinds = select(vec![
        InstallerType::Inno,
        InstallerType::Msi,
        InstallerType::Exe,
    ]);
    let codes = vec(0..200_i64, 0..3);
    let reboot = option::of(vec(200..400_i64, 0..3));
    let texts = vec("[ -~äö]{0,8}", 1..3);
    (
        kinds,
        option::of(texts.clone()),
        texts,
        codes,
        reboot,
        -3..3_i32,
    )
        .prop_map(|(kind, silent, args, success, reboot, order)| Install {
            silent,
            args,
            success,
            reboot,
            order,
            ..Install::of(kind)
        })
}

fn update() -> impl Strategy<Value = Update> {
    let page = Just(Update::Page {
        url: "https://example.com/news".parse().unwrap(),
        pattern: r"(\d+)".to_owned(),
    });
    let github =
        (option::of(Just("v(.+)".to_owned())), any::<bool>()).prop_map(|(tag, prereleases)| {
            Update::Github {
                repository: "owner/name".to_owned(),
                tag,
                prereleases,
                api: None,
            }
        });
    let winget = Just(Update::Winget {
        package: "7zip.7zip".to_owned(),
        api: Some("https://example.com/api".parse().unwrap()),
    });
    prop_oneof![page, github, winget]
}

fn artifact() -> impl Strategy<Value = Artifact> {
    let architecture = select(vec![
        Architecture::X86,
        Architecture::X64,
        Architecture::Neutral,
    ]);
    let sha256 = option::of(any::<[u8; 32]>());
    let text = option::of("[ -~äö]{0,12}");
    (
        architecture,
        sha256,
        text,
        any::<bool>(),
        option::of(install()),
        option::of(update()),
    )
        .prop_map(
            |(architecture, sha256, name, is_local, install, update)| Artifact {
                id: "a".parse().unwrap(),
                version: "1.0+b".parse().unwrap(),
                publisher: name.clone(),
                name,
                architecture,
                path: is_local.then(|| "x/setup 1.exe".to_owned()),
                url: (!is_local).then(|| "https://example.com/a%20b.exe?x=1".parse().unwrap()),
                from: None,
                sha256: sha256.map(longshore_content::Sha256Digest::from_bytes),
                file: None,
                blob: None,
                signer: None,
                install,
                update,
            },
        )
}

/// A manifest that is good: what an artifact requires was made before it and has no higher order.
fn manifest() -> impl Strategy<Value = Manifest> {
    let wanted = vec(any::<prop::sample::Index>(), 0..3);
    btree_map("id-[a-z0-9]{1,6}", (artifact(), wanted), 0..6).prop_map(|made| {
        let mut artifacts: Vec<Artifact> = Vec::new();
        for (id, (mut artifact, wanted)) in made {
            artifact.id = id.parse().unwrap();
            if let Some(install) = artifact.install.as_mut().filter(|_| !artifacts.is_empty()) {
                let others = wanted.iter().map(|index| index.get(&artifacts));
                let good = others.filter(|other| other.order() <= install.order);
                install.requires = good.map(|other| other.id.clone()).collect();
            }
            artifacts.push(artifact);
        }
        // Written the other way round, so that the order is not that of the text by chance.
        artifacts.reverse();
        Manifest {
            library: Library {
                name: "library".parse().unwrap(),
                destination: Some("az://account/apps".to_owned()),
                os: TargetOs::Windows,
            },
            artifacts,
        }
    })
}

/// A good text with some bytes taken out or put in.
fn damaged() -> impl Strategy<Value = String> {
    let damage = (
        any::<prop::sample::Index>(),
        0..12_usize,
        "[\\[\\]{}\"'=.#a\\n\u{e4}]{0,4}",
    );
    (select(EXAMPLES.to_vec()), vec(damage, 1..5)).prop_map(|(text, damages)| {
        let mut text = text.to_owned();
        for (place, length, inserted) in damages {
            let start = text.floor_char_boundary(place.index(text.len()));
            let end = text.ceil_char_boundary(start + length);
            text.replace_range(start..end, &inserted);
        }
        text
    })
}

proptest! {
    #[test]
    fn what_is_written_is_read_back(manifest in manifest()) {
        let text = toml::to_string(&manifest).unwrap();
        match Manifest::parse(&text) {
            Ok(read) => prop_assert_eq!(read, manifest),
            Err(errors) => prop_assert!(false, "{}\n{}", errors, text),
        }
    }

    #[test]
    fn damage_is_told_where_it_is(text in damaged()) {
        if let Err(errors) = Manifest::parse(&text) {
            prop_assert!(!errors.problems().is_empty());
            prop_assert_eq!(errors.text().len(), text.len());
            for problem in errors.problems() {
                prop_assert!(text.get(problem.span.clone()).is_some(), "{:?}", problem);
                prop_assert!(!problem.message.is_empty());
            }
        }
    }

    #[test]
    fn any_text_is_read_or_refused(text in "\\PC{0,80}") {
        if let Err(errors) = Manifest::parse(&text) {
            for problem in errors.problems() {
                prop_assert!(text.get(problem.span.clone()).is_some(), "{:?}", problem);
            }
        }
    }

    #[test]
    fn what_is_required_is_installed_before(manifest in manifest()) {
        let order = manifest.install_order();
        let installed = manifest.artifacts.iter().filter(|artifact| artifact.install.is_some());
        prop_assert_eq!(order.len(), installed.count());
        for (position, artifact) in order.iter().enumerate() {
            for id in artifact.requires() {
                let is_installed = order.iter().any(|other| other.id == *id);
                let is_before = order[..position].iter().any(|other| other.id == *id);
                prop_assert!(is_before || !is_installed, "{} before {}", artifact.id, id);
            }
        }
    }
}

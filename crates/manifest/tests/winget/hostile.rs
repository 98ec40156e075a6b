//! Files that are meant to hurt.

use std::error::Error;

use longshore_manifest::winget::{Choice, ImportError, ManifestFile, import};
use proptest::prelude::*;

use crate::support::suite;

#[test]
fn hostile_files_are_refused() {
    let refused = |text: String| {
        let file = ManifestFile {
            path: "a.yaml".to_owned(),
            text,
        };
        import(&[file], &Choice::default()).unwrap_err()
    };
    let bomb = (1..30).fold("a0: &a0 [x, x]\n".to_owned(), |text, n| {
        let before = n - 1;
        format!("{text}a{n}: &a{n} [*a{before}, *a{before}, *a{before}, *a{before}]\n")
    });
    for text in [
        "x".repeat(5 << 20),
        bomb,
        "[".repeat(100_000),
        "a: ".repeat(50_000),
        "&a [*a]".to_owned(),
        "--- {}\n--- {}\n".to_owned(),
        "- 1\n".to_owned(),
        String::new(),
        "PackageIdentifier: [1]\n".to_owned(),
        "PackageIdentifier: a\nPackageIdentifier: b\n".to_owned(),
        "Installers: 7\n".to_owned(),
        "InstallerSuccessCodes: [99999999999999999999]\n".to_owned(),
    ] {
        let error = refused(text);
        assert!(
            matches!(
                error,
                ImportError::Yaml { .. }
                    | ImportError::TooLarge { .. }
                    | ImportError::Missing { .. }
            ),
            "{error}"
        );
        assert!(error.to_string().len() < 200, "{error}");
    }
    let error = refused("ManifestType: installer\nInstallers:\n- Architecture: [x64]\n".to_owned());
    assert_eq!(
        error.to_string(),
        "`a.yaml` is not a winget manifest: line 3, column 17"
    );
    assert!(error.source().is_some());
}

proptest! {
    #[test]
    fn no_file_makes_an_import_fall_over(at in 0_usize..4, cut in any::<prop::sample::Index>(), instead in "[ -~\n]{0,6}") {
        let mut files = suite();
        let text = &mut files[at].text;
        let mut cut = cut.index(text.len());
        while !text.is_char_boundary(cut) {
            cut -= 1;
        }
        let end = text[cut..].char_indices().nth(4).map_or(text.len(), |(end, _)| cut + end);
        text.replace_range(cut..end, &instead);
        if let Err(error) = import(&files, &Choice::default()) {
            let message = error.to_string();
            prop_assert!(message.len() < 2000, "{message}");
        }
    }
}

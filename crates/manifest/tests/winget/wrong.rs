//! Files that are no manifests of winget, or not of one package.

use longshore_manifest::winget::{Choice, ImportError, import};

use crate::support::{storage_explorer, suite, with};

/// That a manifest with one text in the place of another is refused with this message.
fn check_refused(text: &str, instead: &str, message: &str) {
    let mut file = with("  InstallerType: msi\n");
    assert!(file.text.contains(text), "{text}");
    file.text = file.text.replace(text, instead);
    let error = import(&[file], &Choice::default()).unwrap_err();
    assert_eq!(error.to_string(), format!("`a.installer.yaml` {message}"));
}

#[test]
fn a_file_that_is_none_of_winget_is_named() {
    check_refused(
        "1.6.0",
        "0.1.0",
        "is a winget manifest of version 0.1.0, which is not read here",
    );
    check_refused(
        "ManifestType: installer",
        "ManifestType: x\u{1b}y",
        "is not a winget manifest: line 3, column 15",
    );
}

#[test]
fn a_field_that_is_missing_or_wrong_is_named() {
    let missing = |text: &str, instead: &str, field: &str| {
        let mut file = with("  InstallerType: zip\n  NestedInstallerType: exe\n");
        file.text = file.text.replace(text, instead);
        let error = import(&[file], &Choice::default()).unwrap_err();
        assert_eq!(
            error.to_string(),
            format!("`{field}` is missing in `a.installer.yaml`")
        );
    };
    missing("ManifestVersion: 1.6.0", "", "ManifestVersion");
    missing(
        "PackageVersion: 1.0",
        "PackageVersion: ' '",
        "PackageVersion",
    );
    missing("  NestedInstallerType: exe\n", "", "NestedInstallerType");
    missing("x", "x", "NestedInstallerFiles");
    let unfit = |text: &str, instead: &str, field: &str, shown: &str| {
        let mut file = with(
            "  InstallerType: zip\n  NestedInstallerType: exe\n  NestedInstallerFiles: [{RelativeFilePath: a/b.exe}]\n",
        );
        file.text = file.text.replace(text, instead);
        let error = import(&[file], &Choice::default()).unwrap_err();
        assert_eq!(
            error.to_string(),
            format!("`{field}` in `a.installer.yaml` cannot be `{shown}`")
        );
    };
    unfit("A.B", "'<>'", "PackageIdentifier", "<>");
    unfit(
        "https://a.example/a.exe",
        "file:///a?sig=SECRET",
        "InstallerUrl",
        "file:///a",
    );
    unfit(&"ab".repeat(32), "ab", "InstallerSha256", "ab");
    unfit("a/b.exe", "../b.exe", "RelativeFilePath", "../b.exe");
    unfit("a/b.exe", r"\b.exe", "RelativeFilePath", "/b.exe");
}

#[test]
fn files_of_two_packages_are_not_mixed() {
    let error = import(&[suite(), storage_explorer()].concat(), &Choice::default()).unwrap_err();
    assert!(
        matches!(error, ImportError::SeveralPackages { .. }),
        "{error}"
    );
    let mut other = suite();
    other[3].text = other[3].text.replace("26.10", "26.1");
    let error = import(&other, &Choice::default()).unwrap_err();
    assert!(
        matches!(error, ImportError::SeveralPackages { .. }),
        "{error}"
    );
    assert!(matches!(
        import(&[], &Choice::default()),
        Err(ImportError::Nothing)
    ));
}

//! From releases to winget's manifests.

use longshore_manifest::winget::{
    Authentication, ExportError, ExportNote, ExportOptions, ManifestVersion, Scope, export,
};
use longshore_manifest::{
    Architecture, Install, InstallerType, Library, Manifest, Released, TargetOs,
};

use crate::support::{
    artifact, assert_valid, bginfo, release, released, root, seven_zip, storage_explorer, suite,
    tool,
};

#[test]
fn what_was_imported_is_exported_with_the_blobs_of_the_library() {
    let artifacts =
        [bginfo(), storage_explorer(), seven_zip(), suite()].map(|files| artifact(&files));
    let release = release(artifacts.iter().map(released).collect());
    let manifest = Manifest {
        library: Library {
            name: "build-vms".parse().unwrap(),
            destination: None,
            os: TargetOs::Windows,
        },
        artifacts: artifacts.to_vec(),
    };
    let exported = export(
        &release,
        Some(&manifest),
        &root(),
        &ExportOptions::default(),
    )
    .unwrap();
    assert_eq!(exported.files.len(), 12);
    assert_valid(&exported.files);
    let text: Vec<_> = (exported.files.iter())
        .map(|file| format!("--- {}\n{}", file.path, file.text))
        .collect();
    insta::assert_snapshot!(text.join("\n"));
    for (files, original) in
        exported
            .files
            .chunks(3)
            .zip([&artifacts[2], &artifacts[3], &artifacts[1], &artifacts[0]])
    {
        let again = artifact(files);
        assert_eq!(again.id, original.id);
        assert_eq!(again.version, original.version);
        assert_eq!(again.sha256, original.sha256);
        assert_eq!(again.install, original.install);
    }
}

#[test]
fn architectures_of_one_version_are_one_package() {
    let mut arm = tool(Some(Install::of(InstallerType::Inno)));
    arm.architecture = Architecture::Arm64;
    let x64 = tool(Some(Install::of(InstallerType::Inno)));
    let mut older = x64.clone();
    older.version = "1.0".parse().unwrap();
    let exported = export(
        &release(vec![arm, x64, older]),
        None,
        &root(),
        &ExportOptions::default(),
    )
    .unwrap();
    let paths: Vec<_> = exported
        .files
        .iter()
        .map(|file| file.path.as_str())
        .collect();
    assert_eq!(
        paths,
        [
            "manifests/c/Contoso/Tool/1.0/Contoso.Tool.yaml",
            "manifests/c/Contoso/Tool/1.0/Contoso.Tool.locale.en-US.yaml",
            "manifests/c/Contoso/Tool/1.0/Contoso.Tool.installer.yaml",
            "manifests/c/Contoso/Tool/26.02/Contoso.Tool.yaml",
            "manifests/c/Contoso/Tool/26.02/Contoso.Tool.locale.en-US.yaml",
            "manifests/c/Contoso/Tool/26.02/Contoso.Tool.installer.yaml",
        ]
    );
    assert_eq!(exported.files[5].text.matches("- Architecture:").count(), 2);
    assert_valid(&exported.files);
}

#[test]
fn public_blobs_need_no_authentication() {
    let options = ExportOptions {
        authentication: Authentication::None,
        scope: Some(Scope::Machine),
        manifest_version: "1.6.0".parse().unwrap(),
        ..ExportOptions::default()
    };
    let exported = export(
        &release(vec![tool(Some(Install::of(InstallerType::Msi)))]),
        None,
        &root(),
        &options,
    )
    .unwrap();
    let text = &exported.files[2].text;
    assert!(!text.contains("Authentication"), "{text}");
    assert!(text.contains("\nScope: machine\n"), "{text}");
    assert!(text.starts_with("# yaml-language-server: $schema=https://aka.ms/winget-manifest.installer.1.6.0.schema.json\n"), "{text}");
}

#[test]
fn names_of_blobs_are_encoded_in_addresses() {
    let mut odd = tool(Some(Install::of(InstallerType::Msi)));
    odd.blob = "a b/50%#1/ü&x.msi".parse().unwrap();
    let exported = export(
        &release(vec![odd]),
        None,
        &root(),
        &ExportOptions::default(),
    )
    .unwrap();
    assert_valid(&exported.files);
    let again = artifact(&exported.files);
    assert_eq!(
        again.url.unwrap().as_str(),
        "https://account.blob.core.windows.net/my%20apps/a%20b/50%25%231/%C3%BC&x.msi"
    );
}

#[test]
fn ids_without_a_dot_stand_behind_their_publisher() {
    let mut plain = tool(Some(Install::of(InstallerType::Msi)));
    plain.id = "tool".parse().unwrap();
    let of = |options: &ExportOptions| {
        let exported = export(&release(vec![plain.clone()]), None, &root(), options).unwrap();
        assert_valid(&exported.files);
        exported.notes
    };
    let prefixed = |identifier: &str| {
        vec![ExportNote::Prefixed {
            id: plain.id.clone(),
            identifier: identifier.to_owned(),
        }]
    };
    assert_eq!(of(&ExportOptions::default()), prefixed("build-vms.tool"));
    let options = ExportOptions {
        publisher: Some("Contoso Ltd.".to_owned()),
        ..ExportOptions::default()
    };
    assert_eq!(of(&options), prefixed("ContosoLtd.tool"));
}

#[test]
fn what_winget_cannot_be_told_is_left_out_and_named() {
    let left_out = |file: Released| {
        let exported = export(
            &release(vec![file]),
            None,
            &root(),
            &ExportOptions::default(),
        )
        .unwrap();
        assert_eq!(exported.files, []);
        exported.notes[0].to_string()
    };
    assert_eq!(
        left_out(tool(None)),
        "`Contoso.Tool` was left out: it has no `install`"
    );
    let mut zip = Install::of(InstallerType::Zip);
    zip.to = Some(r"C:\apps".to_owned());
    assert!(left_out(tool(Some(zip))).contains("name the installer or the program with `nested`"));
    let mut exe = Install::of(InstallerType::Exe);
    exe.args = vec!["x".repeat(3000)];
    assert!(left_out(tool(Some(exe.clone()))).contains("longer than winget allows"));
    exe.args = vec!["a\nb".to_owned()];
    assert!(left_out(tool(Some(exe.clone()))).contains("control character"));
    exe.args.clear();
    exe.success = (0..30).collect();
    assert!(left_out(tool(Some(exe.clone()))).contains("more exit codes"));
    exe.success = vec![i64::MAX];
    assert!(left_out(tool(Some(exe.clone()))).contains("none that Windows knows"));
    exe.success.clear();
    let mut twin = tool(Some(exe));
    twin.id = "contoso.tool".parse().unwrap();
    let both = release(vec![tool(Some(Install::of(InstallerType::Msi))), twin]);
    let exported = export(&both, None, &root(), &ExportOptions::default()).unwrap();
    assert_eq!(exported.files.len(), 3);
    assert!(
        exported.notes[0]
            .to_string()
            .contains("another artifact has its package identifier")
    );
}

#[test]
fn what_is_not_said_is_named() {
    let mut install = Install::of(InstallerType::Inno);
    install.silent = Some(Vec::new());
    install.order = 3;
    install.success = vec![5];
    let exported = export(
        &release(vec![tool(Some(install))]),
        None,
        &root(),
        &ExportOptions::default(),
    )
    .unwrap();
    assert_valid(&exported.files);
    assert_eq!(exported.notes.len(), 3);
}

#[test]
fn what_cannot_be_exported_is_refused() {
    let one = release(vec![tool(Some(Install::of(InstallerType::Msi)))]);
    let mut linux = one.clone();
    linux.content.os = TargetOs::Linux;
    let options = ExportOptions::default();
    assert!(matches!(
        export(&linux, None, &root(), &options),
        Err(ExportError::Linux { .. })
    ));
    for address in [
        "https://account.blob.core.windows.net/apps?sv=1&sig=SECRET",
        "https://user:SECRET@account.blob.core.windows.net/apps",
        "file:///SECRET",
    ] {
        let error = export(&one, None, &address.parse().unwrap(), &options).unwrap_err();
        assert!(matches!(error, ExportError::Root { .. }), "{error}");
        assert!(!error.to_string().contains("SECRET"), "{error}");
    }
    let check = |options: ExportOptions, message: &str| {
        assert_eq!(
            export(&one, None, &root(), &options)
                .unwrap_err()
                .to_string(),
            message
        );
    };
    check(
        ExportOptions {
            license: String::new(),
            ..options.clone()
        },
        "the licence cannot be `` in winget manifests: 3 to 512 characters",
    );
    check(
        ExportOptions {
            locale: "en_US".to_owned(),
            ..options.clone()
        },
        "the locale cannot be `en_US` in winget manifests: a language, such as `en-US`",
    );
    check(
        ExportOptions {
            manifest_version: "1.9.0".parse::<ManifestVersion>().unwrap(),
            ..options
        },
        "the manifest version cannot be `1.9.0` in winget manifests: private blobs need 1.10.0 or newer",
    );
}

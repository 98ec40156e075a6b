//! From winget's manifests to artifacts.

use longshore_manifest::winget::{Choice, ImportNote, Imported, ManifestFile, Scope, import};
use longshore_manifest::{Architecture, Install, InstallerType, Update};

use crate::support::{bginfo, reader, seven_zip, storage_explorer, suite, with};

fn imported(files: &[ManifestFile]) -> Imported {
    import(files, &Choice::default()).unwrap()
}

fn install(imported: &Imported) -> &Install {
    imported.artifact.install.as_ref().unwrap()
}

fn url(imported: &Imported) -> &str {
    imported.artifact.url.as_ref().unwrap().as_str()
}

#[test]
fn storage_explorer_comes_for_the_machine() {
    let imported = imported(&storage_explorer());
    assert_eq!(imported.chosen.scope, Some(Scope::Machine));
    assert_eq!(
        imported.artifact.id.as_str(),
        "Microsoft.Azure.StorageExplorer"
    );
    assert_eq!(imported.artifact.version.as_str(), "1.34.0");
    assert_eq!(imported.artifact.architecture, Architecture::X64);
    assert_eq!(
        imported.artifact.sha256.unwrap().to_string(),
        "c798b2aedc7a74f0daf51eb216aae8cb48b45f208b0409916442b1d61d2ad2ef"
    );
    let expected = Install {
        args: vec!["/NORESTART".to_owned(), "/ALLUSERS".to_owned()],
        ..Install::of(InstallerType::Inno)
    };
    assert_eq!(install(&imported), &expected);
    assert_eq!(imported.notes, []);
    assert_eq!(
        imported.artifact.update,
        Some(Update::Winget {
            package: "Microsoft.Azure.StorageExplorer".to_owned(),
            api: None
        })
    );
}

#[test]
fn storage_explorer_comes_for_a_user_when_asked() {
    let choice = Choice {
        scope: Some(Scope::User),
        ..Choice::default()
    };
    let imported = import(&storage_explorer(), &choice).unwrap();
    assert_eq!(install(&imported).args, ["/NORESTART", "/CURRENTUSER"]);
    assert_eq!(imported.notes, [ImportNote::ForOneUser]);
}

#[test]
fn bginfo_is_unpacked_among_the_programs() {
    let imported = imported(&bginfo());
    let install = install(&imported);
    assert_eq!(install.kind, InstallerType::Zip);
    assert_eq!(
        install.to.as_deref(),
        Some(r"%ProgramFiles%\Microsoft.Sysinternals.BGInfo")
    );
    let nested = install.nested.as_ref().unwrap();
    assert_eq!(
        (nested.kind, nested.file.as_str()),
        (InstallerType::Portable, "Bginfo64.exe")
    );
    assert_eq!(
        url(&imported),
        "https://download.sysinternals.com/files/BGInfo.zip"
    );
    assert_eq!(imported.artifact.version.as_str(), "4.33");
}

#[test]
fn seven_zip_has_two_for_x64() {
    let of = |installer_type| {
        let choice = Choice {
            installer_type,
            ..Choice::default()
        };
        import(&seven_zip(), &choice).unwrap()
    };
    let exe = of(Some(InstallerType::Exe));
    assert_eq!(url(&exe), "https://7-zip.org/a/7z2602-x64.exe");
    assert_eq!(
        install(&exe).silent.as_deref(),
        Some(&["/S".to_owned()][..])
    );
    for wix in [of(Some(InstallerType::Wix)), of(None)] {
        assert_eq!(url(&wix), "https://7-zip.org/a/7z2602-x64.msi");
        assert_eq!(install(&wix), &Install::of(InstallerType::Wix));
        assert_eq!(wix.artifact.version.as_str(), "26.02");
    }
}

#[test]
fn several_files_tell_one_package() {
    let imported = imported(&suite());
    assert_eq!(
        imported.artifact.version.as_str(),
        "26.10",
        "a number keeps its characters"
    );
    assert_eq!(imported.artifact.name.as_deref(), Some("Contoso-Paket"));
    assert_eq!(imported.artifact.publisher.as_deref(), Some("Contoso GmbH"));
    assert_eq!(url(&imported), "https://contoso.example/suite-en.msi");
    let install = install(&imported);
    assert_eq!(install.silent.as_deref(), Some(&["/quiet".to_owned()][..]));
    assert_eq!(
        install.args,
        ["ALLUSERS=1", r"INSTALLDIR=C:\Program Files\Contoso Suite"]
    );
    assert_eq!(install.success, [0, 4, 4_294_967_291]);
    assert_eq!(install.reboot.as_deref(), Some(&[8, 9, 3010][..]));
    let [ImportNote::LeftOut { field, .. }] = imported.notes.as_slice() else {
        panic!("{:?}", imported.notes);
    };
    assert_eq!(*field, "Dependencies");
}

#[test]
fn an_installer_speaks_the_language_that_is_asked_for() {
    for locale in ["de", "de-DE", "DE-de"] {
        let choice = Choice {
            locale: Some(locale.to_owned()),
            ..Choice::default()
        };
        assert_eq!(
            url(&import(&suite(), &choice).unwrap()),
            "https://contoso.example/suite-de.msi"
        );
    }
}

#[test]
fn an_installer_in_an_archive_is_run() {
    let choice = Choice {
        architecture: Some(Architecture::Arm64),
        ..Choice::default()
    };
    let imported = import(&suite(), &choice).unwrap();
    let install = install(&imported);
    let nested = install.nested.as_ref().unwrap();
    assert_eq!(
        (nested.kind, nested.file.as_str()),
        (InstallerType::Nullsoft, "setup/suite setup.exe")
    );
    assert_eq!(install.to, None);
    assert_eq!(install.arguments(), ["/S", "/arm"]);
    assert!(imported.notes.contains(&ImportNote::ForOneUser));
}

#[test]
fn names_that_ours_cannot_say_are_written_another_way() {
    let imported = imported(&reader());
    assert_eq!(imported.artifact.id.as_str(), "Contoso.Readerplusplus");
    assert_eq!(imported.artifact.version.as_str(), "1.0-beta");
    assert_eq!(
        imported.artifact.update,
        Some(Update::Winget {
            package: "Contoso.Reader++".to_owned(),
            api: None
        })
    );
    let notes: Vec<_> = imported.notes.iter().map(ToString::to_string).collect();
    assert_eq!(
        notes,
        [
            "there is no installer for x64; that for x86 was taken",
            "the package names no silent switches: give them in `install`",
            "ElevationRequirement was left out: it must not run as administrator, as build VMs do",
            "PackageIdentifier `Contoso.Reader++` became `Contoso.Readerplusplus`",
            "PackageVersion `1.0 beta` became `1.0-beta`",
        ]
    );
}

#[test]
fn a_choice_that_nothing_satisfies_shows_what_there_is() {
    let refused = |files: &[ManifestFile], choice: Choice| {
        let error = import(files, &choice).unwrap_err();
        (error.to_string(), error.hint().unwrap())
    };
    let (message, hint) = refused(
        &storage_explorer(),
        Choice {
            architecture: Some(Architecture::Arm64),
            ..Choice::default()
        },
    );
    insta::assert_snapshot!(message, @r"
    no installer in `manifests/Microsoft.Azure.StorageExplorer.installer.yaml` is as asked; it has
      architecture  scope    locale      type
      x64           user     -           inno
      x64           machine  -           inno
    ");
    assert_eq!(hint, "choose one of these with `--architecture`");
    let check = |choice: Choice, flags: &str| {
        let (_, hint) = refused(&suite(), choice);
        assert_eq!(hint, format!("choose one of these with {flags}"));
    };
    let none = Choice::default();
    check(
        Choice {
            locale: Some("fr".to_owned()),
            installer_type: Some(InstallerType::Msi),
            ..none.clone()
        },
        "`--locale`",
    );
    check(
        Choice {
            installer_type: Some(InstallerType::Inno),
            ..none.clone()
        },
        "`--installer-type`",
    );
    check(
        Choice {
            architecture: Some(Architecture::Arm64),
            scope: Some(Scope::Machine),
            ..none
        },
        "`--architecture` and `--scope`",
    );
}

#[test]
fn switches_are_inherited_one_by_one() {
    let file = with(
        "  InstallerSwitches:\n    Custom: /x\nInstallerType: exe\nInstallerSwitches:\n  Silent: /s\n  Custom: /y\n",
    );
    let imported = imported(&[file]);
    assert_eq!(install(&imported).arguments(), ["/s", "/x"]);
}

#[test]
fn switches_with_progress_stand_in_where_the_type_has_none() {
    let of = |kind: &str| {
        let file = with(&format!(
            "  InstallerType: {kind}\n  InstallerSwitches:\n    SilentWithProgress: /p \"a b\"\n"
        ));
        install(&imported(&[file])).silent.clone()
    };
    assert_eq!(of("exe"), Some(vec!["/p".to_owned(), "a b".to_owned()]));
    assert_eq!(of("inno"), None);
}

#[test]
fn a_restart_that_the_package_calls_success_is_one() {
    let file = with("  InstallerType: msi\n  InstallerSuccessCodes: [3010]\n");
    let imported = imported(&[file]);
    assert_eq!(install(&imported).success_codes(), [0, 3010]);
    assert_eq!(install(&imported).reboot_codes(), [1641]);
}

#[test]
fn a_code_that_asks_for_a_restart_is_no_plain_success() {
    let file = with(
        "  InstallerType: exe\n  InstallerSuccessCodes: [3010, 7]\n  ExpectedReturnCodes:\n  \
         - InstallerReturnCode: 3010\n    ReturnResponse: rebootRequiredToFinish\n",
    );
    let imported = imported(&[file]);
    assert_eq!(install(&imported).success, [0, 7]);
    assert_eq!(install(&imported).reboot.as_deref(), Some(&[3010][..]));
}

#[test]
fn what_is_put_in_place_has_no_switches_and_an_absolute_place() {
    let of = |place: &str| {
        let file = with(&format!(
            "  InstallerType: portable\n  InstallerSwitches: {{Silent: /S}}\n  \
             InstallationMetadata: {{DefaultInstallLocation: '{place}'}}\n"
        ));
        let imported = imported(&[file]);
        let notes: Vec<_> = imported.notes.iter().map(ToString::to_string).collect();
        assert_eq!(
            notes,
            ["InstallerSwitches was left out: nothing is run, it is only put in its place"]
        );
        let install = install(&imported);
        assert_eq!((&install.silent, install.args.len()), (&None, 0));
        install.to.clone().unwrap()
    };
    assert_eq!(of(r"C:\tools\a"), r"C:\tools\a");
    assert_eq!(of(r"%SystemDrive%\a"), r"%SystemDrive%\a");
    assert_eq!(of("a"), r"%ProgramFiles%\A.B");
}

#[test]
fn appx_is_msix_and_a_font_is_nothing_to_install() {
    let appx = imported(&[with("  InstallerType: appx\n")]);
    assert_eq!(install(&appx).kind, InstallerType::Msix);
    let error = import(&[with("  InstallerType: font\n")], &Choice::default()).unwrap_err();
    assert_eq!(
        error.hint().unwrap(),
        "none of these kinds can be installed by a build VM"
    );
}

#[test]
fn a_byte_order_mark_and_windows_line_ends_do_no_harm() {
    let mut file = with("  InstallerType: exe\n");
    file.text = format!("\u{feff}{}", file.text.replace('\n', "\r\n"));
    assert_eq!(imported(&[file]).artifact.version.as_str(), "1.0");
}

#[test]
fn newer_manifests_are_read_with_a_note() {
    let mut file = with("  InstallerType: exe\n  InstallerSwitches: {Silent: /S}\n");
    file.text = file.text.replace("1.6.0", "1.99.0");
    assert_eq!(
        imported(&[file]).notes,
        [ImportNote::Newer("1.99.0".to_owned())]
    );
}

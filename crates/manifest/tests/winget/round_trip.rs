//! What was exported is imported alike.

use longshore_manifest::winget::{ExportOptions, export};
use longshore_manifest::{Install, InstallerType, NestedInstaller};
use proptest::prelude::*;

use crate::support::{artifact, assert_valid, release, root, tool};

fn arguments() -> impl Strategy<Value = Vec<String>> {
    prop::collection::vec(
        prop_oneof![
            "[ -~ü]{0,12}",
            r#"[A-Z]{1,4}="?[ a-z\\]{0,8}"?"#,
            Just("no".to_owned()),
            Just("1e3".to_owned())
        ],
        1..4,
    )
}

fn kind() -> impl Strategy<Value = InstallerType> {
    prop::sample::select(InstallerType::ALL.to_vec())
}

fn installs() -> impl Strategy<Value = Install> {
    let codes = || {
        prop::collection::vec(
            prop_oneof![-9_i64..9999, Just(3010), Just(1641), Just(4_294_967_295)],
            0..4,
        )
    };
    (
        (
            kind(),
            kind(),
            r"(C:|%ProgramFiles%)\\[b-d %]{1,12}x",
            "[b-dü.+-][b-dü .+-]{0,8}x(/[b-d]{1,4}){0,2}",
        ),
        prop::option::of(arguments()),
        prop_oneof![Just(Vec::new()), arguments()],
        codes(),
        prop::option::of(codes()),
    )
        .prop_map(|((kind, inner, to, file), silent, args, success, reboot)| {
            let mut install = Install {
                silent,
                args,
                success,
                reboot,
                ..Install::of(kind)
            };
            if kind == InstallerType::Zip {
                let kind = if inner == InstallerType::Zip {
                    InstallerType::Portable
                } else {
                    inner
                };
                install.nested = Some(NestedInstaller { kind, file });
            }
            if install.runs().is_placed() {
                install.to = Some(to);
                install.silent = None;
                install.args.clear();
            }
            install
        })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn what_was_exported_is_imported_alike(install in installs()) {
        let original = tool(Some(install.clone()));
        let exported = export(&release(vec![original.clone()]), None, &root(), &ExportOptions::default()).unwrap();
        assert_valid(&exported.files);
        let again = artifact(&exported.files);
        prop_assert_eq!(again.sha256, Some(original.sha256));
        prop_assert_eq!(again.id, original.id);
        prop_assert_eq!(again.version, original.version);
        prop_assert_eq!(
            again.url.map(String::from).unwrap_or_default(),
            "https://account.blob.core.windows.net/my%20apps/7zip.7zip/26.02/7z2602-x64.msi"
        );
        let back = again.install.unwrap();
        prop_assert_eq!(back.kind, install.kind);
        prop_assert_eq!(&back.nested, &install.nested);
        prop_assert_eq!(&back.to, &install.to);
        prop_assert_eq!(back.arguments(), install.arguments());
        let sorted = |mut codes: Vec<i64>| {
            codes.retain(|code| *code != 0);
            codes.sort_unstable();
            codes.dedup();
            codes
        };
        prop_assert_eq!(sorted(back.success_codes()), sorted(install.success_codes()));
        prop_assert_eq!(sorted(back.reboot_codes()), sorted(install.reboot_codes()));
    }
}

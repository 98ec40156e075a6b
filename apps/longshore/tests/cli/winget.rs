//! `import winget` and `export winget`.

use crate::sandbox::Sandbox;

const SEVEN_ZIP: &str = include_str!(
    "../../../../crates/manifest/tests/data/winget/manifests/7zip.7zip.installer.yaml"
);
const BGINFO: &str = include_str!(
    "../../../../crates/manifest/tests/data/winget/manifests/Microsoft.Sysinternals.BGInfo.installer.yaml"
);

#[test]
fn a_package_becomes_a_block_on_standard_output() {
    let sandbox = Sandbox::new();
    sandbox.write("7zip/7zip.7zip.installer.yaml", SEVEN_ZIP);
    sandbox.write("7zip/readme.md", "not a manifest");
    let file = sandbox
        .run(&["import", "winget", "7zip/7zip.7zip.installer.yaml"])
        .expect(0);
    insta::assert_snapshot!("import_winget", file.stdout);
    let folder = sandbox.run(&["import", "winget", "7zip"]).expect(0);
    assert_eq!(folder.stdout, file.stdout);
    let json = sandbox
        .run(&["import", "winget", "7zip", "--json"])
        .expect(0);
    assert_eq!(json.events_of("imported")[0]["artifact"]["id"], "7zip.7zip");
    let none = ["import", "winget", "7zip", "--architecture", "arm"];
    let outcome = sandbox.run(&none).expect(78);
    assert!(outcome.stderr.contains("x64"), "{}", outcome.stderr);
    assert!(outcome.stderr.contains("hint:"), "{}", outcome.stderr);
    assert_eq!(outcome.stdout, "");
}

#[test]
fn a_package_is_put_into_a_manifest_that_stays_as_it_was_written() {
    let sandbox = Sandbox::new();
    sandbox.manifest("drydock:data");
    sandbox.write("bginfo.yaml", BGINFO);
    let before = sandbox.read("library.toml");
    let import = ["import", "winget", "bginfo.yaml", "--into", "library.toml"];
    sandbox
        .run(&[&import[..], &["--dry-run"]].concat())
        .expect(0);
    assert_eq!(sandbox.read("library.toml"), before);
    sandbox.run(&import).expect(0);
    let after = sandbox.read("library.toml");
    assert!(after.starts_with(before.trim_end()), "{after}");
    assert!(after.contains("Microsoft.Sysinternals.BGInfo"), "{after}");
    let again = sandbox.run(&import).expect(0);
    assert!(again.stderr.contains("nothing to do"), "{}", again.stderr);
    assert_eq!(sandbox.read("library.toml"), after);
    sandbox.write("broken.toml", "[library]\nname = 1\n");
    let broken = [&import[..4], &["broken.toml"]].concat();
    sandbox.run(&broken).expect(78);
    assert_eq!(sandbox.read("broken.toml"), "[library]\nname = 1\n");
}

#[test]
fn what_is_no_package_is_78() {
    let sandbox = Sandbox::new();
    sandbox.write("empty/readme.md", "");
    sandbox.write("odd.yaml", "[1, 2");
    for from in ["empty", "odd.yaml", "missing"] {
        let outcome = sandbox.run(&["import", "winget", from]).expect(78);
        assert!(outcome.stderr.contains("error:"), "{}", outcome.stderr);
    }
}

#[test]
fn a_release_becomes_winget_manifests() {
    let sandbox = Sandbox::new();
    sandbox.manifest("drydock:data");
    sandbox.run(&["stage", "library.toml"]).expect(0);
    let export = ["export", "winget", "library.toml", "-o", "out"];
    let refused = sandbox.run(&export).expect(64);
    assert!(refused.stderr.contains("--base-url"), "{}", refused.stderr);
    let url = ["--base-url", "https://contoso.blob.core.windows.net/apps"];
    let exported = sandbox.run(&[&export[..], &url[..]].concat()).expect(0);
    let files: Vec<&str> = exported.stdout.lines().collect();
    assert_eq!(files.len(), 3, "{files:?}");
    let installer = files.iter().find(|it| it.ends_with(".installer.yaml"));
    let installer = sandbox.read(&format!("out/{}", installer.unwrap()));
    assert!(
        installer.contains("https://contoso.blob.core.windows.net/apps/azcopy/10.28/azcopy.exe"),
        "{installer}"
    );
    assert!(
        installer.contains("microsoftEntraIdForAzureBlobStorage"),
        "{installer}"
    );
    let public = [&export[..4], &["public", "--auth-type", "none"], &url[..]].concat();
    sandbox.run(&public).expect(0);
    let public = sandbox.read(&format!("public/{}", files[2]));
    assert!(
        !public.contains("microsoftEntraIdForAzureBlobStorage"),
        "{public}"
    );
}

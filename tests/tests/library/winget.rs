//! The winget manifests of three real packages: imported, staged from a vendor's server, exported again.

use std::path::{Path, PathBuf};

use longshore_manifest::{Manifest, Release};
use longshore_tests::binary::Run;
use longshore_tests::pier::noise;
use longshore_tests::upstream::{Served, UpstreamServer};
use serde_json::Value;
use tempfile::TempDir;

use crate::consumer::{consume, digests};
use crate::world::ended;

const DATA: &str = concat!(
    env!("CARGO_MANIFEST_DIR"),
    "/../crates/manifest/tests/data/winget"
);

/// A package: its manifest, what the installer for x64 and the machine is, and which bytes stand for it.
struct Package {
    manifest: &'static str,
    url: &'static str,
    content: Vec<u8>,
}

fn packages() -> [Package; 3] {
    let package = |manifest, url, seed| Package {
        manifest,
        url,
        content: noise(seed, 100_000 + usize::try_from(seed).unwrap()),
    };
    [
        // It is English, and the `exe` does not say what it is.
        package("7zip.7zip", "https://7-zip.org/a/7z2602-x64.msi", 1),
        package(
            "Microsoft.Azure.StorageExplorer",
            "https://github.com/microsoft/AzureStorageExplorer/releases/download/v1.34.0/StorageExplorer-windows-x64.exe",
            2,
        ),
        package(
            "Microsoft.Sysinternals.BGInfo",
            "https://download.sysinternals.com/files/BGInfo.zip",
            3,
        ),
    ]
}

/// A fresh machine without an account.
struct Machine {
    folder: TempDir,
    vendor: UpstreamServer,
}

impl Machine {
    fn new() -> Self {
        Self {
            folder: tempfile::tempdir().unwrap(),
            vendor: UpstreamServer::start().unwrap(),
        }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn text(&self, name: &str) -> String {
        self.path(name).to_str().unwrap().to_owned()
    }

    fn run(&self, arguments: &[&str]) -> Run {
        Run::new(self.folder.path(), arguments).env("LONGSHORE_OUTPUT", "json")
    }

    /// The vendor serves the bytes, and the package's manifest names them: every digest of its URL is theirs.
    fn write(&self, package: &Package) -> String {
        let (_, rest) = package.url.split_once("://").unwrap();
        self.vendor
            .put(&format!("/{rest}"), Served::new(package.content.clone()));
        let name = format!("{}.installer.yaml", package.manifest);
        let text = fs_err::read_to_string(format!("{DATA}/manifests/{name}")).unwrap();
        let mut lines: Vec<String> = text.lines().map(str::to_owned).collect();
        let digest = digests(&package.content).sha256.to_string().to_uppercase();
        for at in 1..lines.len() {
            if lines[at - 1].ends_with(&format!("InstallerUrl: {}", package.url)) {
                lines[at] = format!("  InstallerSha256: {digest}");
            }
        }
        fs_err::write(self.path(&name), lines.join("\n")).unwrap();
        self.text(&name)
    }

    /// Imports every package into one manifest.
    fn import(&self) -> String {
        let manifest = self.text("library.toml");
        let head = "# Tools of the build VMs.\n[library]\nname = \"tools\"\nos = \"windows\"\n";
        fs_err::write(&manifest, head).unwrap();
        for package in &packages() {
            let file = self.write(package);
            let chosen = ["--architecture", "x64", "--scope", "machine"];
            let import = ["import", "winget", &file, "--into", &manifest];
            let import = self.run(&[&import[..], &chosen].concat());
            let ran = ended(import.run(), 0);
            assert!(ran.stdout.contains("imported"), "{ran:?}");
        }
        manifest
    }

    /// Stages into a stand-in in a directory.
    fn stage(&self, manifest: &str) -> Run {
        let destination = format!("drydock:{}", self.text("stand-in"));
        let mut arguments = vec![
            "stage",
            manifest,
            "--destination",
            &destination,
            "--allow-http",
        ];
        let rewrites = ["7-zip.org", "github.com", "download.sysinternals.com"]
            .map(|host| format!("https://{host}/={}", self.vendor.url(&format!("/{host}/"))));
        for rewrite in &rewrites {
            arguments.extend(["--rewrite", rewrite]);
        }
        self.run(&arguments)
    }

    /// What a consumer sees who fetches all of it.
    fn release(&self) -> Release {
        let source = format!("drydock:{}", self.text("stand-in"));
        let fetch = self.run(&["fetch", &source, &self.text("fetched")]);
        ended(fetch.run(), 0);
        consume("tools", |blob| {
            fs_err::read(self.path("fetched").join(blob)).ok()
        })
        .unwrap()
    }

    fn export(&self, manifest: &str) -> Run {
        let destination = format!("drydock:{}", self.text("stand-in"));
        let base = "https://contoso.blob.core.windows.net/apps";
        let out = self.text("winget");
        self.run(&[
            "export",
            "winget",
            manifest,
            "--destination",
            &destination,
            "--out",
            &out,
            "--base-url",
            base,
        ])
    }
}

fn files_below(folder: &Path) -> Vec<PathBuf> {
    let mut files = Vec::new();
    for entry in fs_err::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            files.extend(files_below(&path));
        } else {
            files.push(path);
        }
    }
    files
}

/// The documents of a kind, each of which is what the official schema asks for.
fn valid_documents(folder: &Path, kind: &str) -> Vec<Value> {
    let schema = format!("{DATA}/schemas/manifest.{kind}.1.28.0.json");
    let schema: Value = serde_json::from_str(&fs_err::read_to_string(schema).unwrap()).unwrap();
    let validator = jsonschema::validator_for(&schema).unwrap();
    let mut found = Vec::new();
    for path in files_below(folder) {
        let text = fs_err::read_to_string(&path).unwrap();
        let value: Value = serde_saphyr::from_str(&text).unwrap();
        if value["ManifestType"] == kind {
            if let Err(error) = validator.validate(&value) {
                panic!(
                    "{}: {error} at {}\n{text}",
                    path.display(),
                    error.instance_path()
                );
            }
            found.push(value);
        }
    }
    found
}

#[test]
fn packages_are_imported_staged_and_exported() {
    let machine = Machine::new();
    let manifest = machine.import();
    let text = fs_err::read_to_string(&manifest).unwrap();
    assert!(text.starts_with("# Tools of the build VMs.\n"), "{text}");
    assert!(
        text.contains("/ALLUSERS") && !text.contains("/CURRENTUSER"),
        "{text}"
    );
    let parsed = Manifest::parse(&text).unwrap();
    let urls: Vec<_> = parsed
        .artifacts
        .iter()
        .filter_map(|it| it.url.as_ref())
        .collect();
    assert_eq!(urls.len(), 3);

    let ran = ended(machine.stage(&manifest).run(), 0);
    assert_eq!(ran.summary()["uploaded"]["files"], 3, "{ran:?}");
    let release = machine.release();
    for package in &packages() {
        let artifacts = &release.content.artifacts;
        let of_package = |url: &url::Url| url.as_str() == package.url;
        let found = artifacts
            .iter()
            .find(|it| it.url.as_ref().is_some_and(of_package));
        let found = found.unwrap_or_else(|| panic!("no {}: {release:?}", package.url));
        assert_eq!(found.sha256, digests(&package.content).sha256);
    }

    let exported = ended(machine.export(&manifest).run(), 0);
    assert!(exported.stdout.contains("exported"), "{exported:?}");
    let folder = machine.path("winget");
    for kind in ["version", "defaultLocale"] {
        assert_eq!(valid_documents(&folder, kind).len(), 3, "{kind}");
    }
    let installers = valid_documents(&folder, "installer");
    assert_eq!(installers.len(), 3);
    for package in &packages() {
        let digest = digests(&package.content).sha256.to_string();
        let installer = installers
            .iter()
            .flat_map(|it| it["Installers"].as_array().unwrap());
        let mut installer = installer.filter(|it| {
            let found = it["InstallerSha256"].as_str().unwrap();
            found.eq_ignore_ascii_case(&digest)
        });
        let url = installer.next().unwrap()["InstallerUrl"].as_str().unwrap();
        assert!(
            url.starts_with("https://contoso.blob.core.windows.net/apps/"),
            "{url}"
        );
    }
}

#[test]
fn what_is_not_offered_for_a_processor_is_told() {
    let machine = Machine::new();
    let file = machine.write(&packages()[1]);
    let ran = machine
        .run(&["import", "winget", &file, "--architecture", "arm64"])
        .run();
    let ran = ended(ran, 78);
    assert!(format!("{ran:?}").contains("x64"), "{ran:?}");
}

#[test]
fn another_kind_of_installer_can_be_asked_for() {
    let machine = Machine::new();
    let file = machine.write(&packages()[0]);
    let chosen = ["--architecture", "x86", "--installer-type", "exe"];
    let import = machine.run(&[&["import", "winget", &file][..], &chosen].concat());
    let ran = ended(import.run(), 0);
    assert!(
        ran.stdout.contains("https://7-zip.org/a/7z2602.exe"),
        "{ran:?}"
    );
}

//! Files of the test data, releases of them, and what the official schemas say.

use jsonschema::Validator;
use longshore_manifest::winget::{Choice, ManifestFile, import};
use longshore_manifest::{
    Artifact, Content, FileName, Install, Provenance, RELEASE_VERSION, Release, Released, TargetOs,
};
use url::Url;

macro_rules! data {
    ($path:literal) => {
        longshore_manifest::winget::ManifestFile {
            path: $path.to_owned(),
            text: include_str!(concat!("../data/winget/", $path)).to_owned(),
        }
    };
}

pub(crate) fn seven_zip() -> Vec<ManifestFile> {
    vec![data!("manifests/7zip.7zip.installer.yaml")]
}

pub(crate) fn storage_explorer() -> Vec<ManifestFile> {
    vec![data!(
        "manifests/Microsoft.Azure.StorageExplorer.installer.yaml"
    )]
}

pub(crate) fn bginfo() -> Vec<ManifestFile> {
    vec![data!(
        "manifests/Microsoft.Sysinternals.BGInfo.installer.yaml"
    )]
}

/// A package of four files.
pub(crate) fn suite() -> Vec<ManifestFile> {
    vec![
        data!("written/Contoso.Suite/Contoso.Suite.locale.en-US.yaml"),
        data!("written/Contoso.Suite/Contoso.Suite.installer.yaml"),
        data!("written/Contoso.Suite/Contoso.Suite.locale.de-DE.yaml"),
        data!("written/Contoso.Suite/Contoso.Suite.yaml"),
    ]
}

/// A package of one file.
pub(crate) fn reader() -> Vec<ManifestFile> {
    vec![data!("written/Contoso.Reader++.yaml")]
}

pub(crate) fn root() -> Url {
    "https://account.blob.core.windows.net/my%20apps/"
        .parse()
        .unwrap()
}

pub(crate) fn artifact(files: &[ManifestFile]) -> Artifact {
    import(files, &Choice::default()).unwrap().artifact
}

/// An artifact as it stands in a release.
pub(crate) fn released(artifact: &Artifact) -> Released {
    let url = artifact.url.clone().unwrap();
    let file: FileName = url
        .path_segments()
        .unwrap()
        .next_back()
        .unwrap()
        .parse()
        .unwrap();
    Released {
        id: artifact.id.clone(),
        architecture: artifact.architecture,
        version: artifact.version.clone(),
        blob: format!("{}/{}/{file}", artifact.id, artifact.version)
            .parse()
            .unwrap(),
        file,
        size: 1,
        sha256: artifact.sha256.unwrap(),
        blake3: "00".repeat(32).parse().unwrap(),
        url: Some(url),
        install: artifact.install.clone(),
    }
}

pub(crate) fn release(artifacts: Vec<Released>) -> Release {
    Release {
        version: RELEASE_VERSION,
        release: serde_json::from_value("00".repeat(32).into()).unwrap(),
        content: Content {
            library: "build-vms".parse().unwrap(),
            os: TargetOs::Windows,
            artifacts,
        },
        provenance: Provenance {
            created: "2026-01-01T00:00:00Z".parse().unwrap(),
            tool: "longshore 0.1.0".to_owned(),
            manifest: None,
            repository: None,
            revision: None,
            pipeline: None,
        },
    }
}

pub(crate) fn tool(install: Option<Install>) -> Released {
    Released {
        id: "Contoso.Tool".parse().unwrap(),
        install,
        ..released(&artifact(&seven_zip()))
    }
}

fn validator(schema: &str) -> Validator {
    jsonschema::validator_for(&serde_json::from_str(schema).unwrap()).unwrap()
}

/// Each file is what the schema of its kind asks for.
pub(crate) fn assert_valid(files: &[ManifestFile]) {
    let version = validator(include_str!(
        "../data/winget/schemas/manifest.version.1.28.0.json"
    ));
    let locale = validator(include_str!(
        "../data/winget/schemas/manifest.defaultLocale.1.28.0.json"
    ));
    let installer = validator(include_str!(
        "../data/winget/schemas/manifest.installer.1.28.0.json"
    ));
    for file in files {
        let value: serde_json::Value = serde_saphyr::from_str(&file.text).unwrap();
        let validator = match value["ManifestType"].as_str().unwrap() {
            "version" => &version,
            "defaultLocale" => &locale,
            "installer" => &installer,
            other => panic!("{other}"),
        };
        if let Err(error) = validator.validate(&value) {
            panic!(
                "{}: {error} at {}\n{}",
                file.path,
                error.instance_path(),
                file.text
            );
        }
    }
}

/// A manifest of one installer, with more lines for it.
pub(crate) fn with(lines: &str) -> ManifestFile {
    ManifestFile {
        path: "a.installer.yaml".to_owned(),
        text: format!(
            "PackageIdentifier: A.B\nPackageVersion: 1.0\nManifestType: installer\nManifestVersion: 1.6.0\n\
             Installers:\n- Architecture: x64\n  InstallerUrl: https://a.example/a.exe\n  \
             InstallerSha256: {}\n{lines}",
            "ab".repeat(32)
        ),
    }
}

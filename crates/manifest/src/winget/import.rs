//! From winget's manifests to an artifact.

mod error;
mod install;
mod note;

use url::Url;

pub use self::error::ImportError;
pub use self::note::ImportNote;
use super::choose::choose;
use super::document::Node;
use super::package::{Package, assemble};
use super::{Candidate, Choice, ManifestFile};
use crate::{Architecture, Artifact, Update};

/// What came of an import.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Imported {
    /// The artifact.
    pub artifact: Artifact,
    /// The installer that was chosen.
    pub chosen: Candidate,
    /// What a person should know.
    pub notes: Vec<ImportNote>,
}

/// One installer of a package as an artifact: `files` are a singleton manifest, or the files of one package and version;
/// the file with the installers alone will do.
///
/// # Errors
///
/// [`ImportError::NoneFits`] when no installer is as `choice` asks; the other variants say which file is wrong, and how.
///
/// # Examples
///
/// ```
/// use longshore_manifest::winget::{Choice, ManifestFile, import};
///
/// let file = ManifestFile {
///     path: "Contoso.Tool.installer.yaml".to_owned(),
///     text: "\
/// PackageIdentifier: Contoso.Tool
/// PackageVersion: 1.10
/// Installers:
/// - Architecture: x64
///   InstallerType: msi
///   InstallerUrl: https://contoso.example/tool.msi
///   InstallerSha256: 9D77550FCAA92691872C218BD196C1F84534419058BCBF0E837FCCCF1D97B78D
/// ManifestType: installer
/// ManifestVersion: 1.6.0
/// "
///     .to_owned(),
/// };
/// let imported = import(&[file], &Choice::default())?;
/// assert_eq!(imported.artifact.version.as_str(), "1.10");
/// # Ok::<(), longshore_manifest::winget::ImportError>(())
/// ```
pub fn import(files: &[ManifestFile], choice: &Choice) -> Result<Imported, ImportError> {
    if files.is_empty() {
        return Err(ImportError::Nothing);
    }
    let package = assemble(files)?;
    let (installer, chosen) = choose(&package, choice)?;
    let mut notes = note::about(&package, installer, &chosen);
    let artifact = artifact(&package, installer, &chosen, &mut notes)?;
    Ok(Imported {
        artifact,
        chosen,
        notes,
    })
}

fn artifact(
    package: &Package,
    installer: &Node,
    chosen: &Candidate,
    notes: &mut Vec<ImportNote>,
) -> Result<Artifact, ImportError> {
    let id = name(package, "PackageIdentifier", &package.identifier, notes)?;
    let install = install::install(package, installer, chosen, &id)?;
    Ok(Artifact {
        id,
        version: name(package, "PackageVersion", &package.version, notes)?,
        name: package.name.clone(),
        publisher: package.publisher.clone(),
        architecture: chosen.architecture().unwrap_or(Architecture::X64),
        path: None,
        url: Some(url(package, installer)?),
        from: None,
        sha256: Some(field(
            package,
            "InstallerSha256",
            installer.installer_sha256.as_deref(),
        )?),
        file: None,
        blob: None,
        signer: None,
        install: Some(install),
        update: Some(Update::Winget {
            package: package.identifier.clone(),
            api: None,
        }),
    })
}

fn url(package: &Package, installer: &Node) -> Result<Url, ImportError> {
    let url: Url = field(package, "InstallerUrl", installer.installer_url.as_deref())?;
    if matches!(url.scheme(), "http" | "https") {
        return Ok(url);
    }
    Err(unfit(package, "InstallerUrl", url.as_str()))
}

/// A field that has to be there, and has to be something.
fn field<T: std::str::FromStr>(
    package: &Package,
    field: &'static str,
    text: Option<&str>,
) -> Result<T, ImportError> {
    let text = text.ok_or_else(|| missing(package, field))?.trim();
    text.parse().map_err(|_| unfit(package, field, text))
}

/// A name in winget's words as one in ours, which are narrower: `Notepad++` becomes `Notepadplusplus`.
fn name<T: std::str::FromStr>(
    package: &Package,
    field: &'static str,
    text: &str,
    notes: &mut Vec<ImportNote>,
) -> Result<T, ImportError> {
    if let Ok(name) = text.parse() {
        return Ok(name);
    }
    let plain: String = (text.replace('+', "plus").chars())
        .map(|c| match c {
            '.' | '_' | '-' => c,
            c if c.is_ascii_alphanumeric() => c,
            _ => '-',
        })
        .collect();
    let plain = plain.trim_matches(['.', '_', '-']);
    let name = plain.parse().map_err(|_| unfit(package, field, text))?;
    notes.push(ImportNote::Renamed {
        field,
        from: text.to_owned(),
        to: plain.to_owned(),
    });
    Ok(name)
}

fn missing(package: &Package, field: &'static str) -> ImportError {
    ImportError::Missing {
        file: package.file.clone(),
        field,
    }
}

/// What follows a `?` is not shown: it may be a signature.
fn unfit(package: &Package, field: &'static str, text: &str) -> ImportError {
    let text = text.split('?').next().unwrap_or_default();
    ImportError::Unfit {
        file: package.file.clone(),
        field,
        text: text.chars().take(80).collect(),
    }
}

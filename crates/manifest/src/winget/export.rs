//! From a release to winget's manifests.

mod document;
mod error;
mod identifier;
mod installer;
mod options;

use std::collections::BTreeMap;

use url::Url;

use self::document::{
    AuthenticationNode, Head, InstallerDocument, InstallerNode, LocaleDocument, Tail,
    VersionDocument, text_of,
};
pub use self::error::{ExportError, ExportNote};
use self::identifier::identifier;
use self::installer::{installer, unsaid};
pub use self::options::{Authentication, ExportOptions};
use self::options::{check_options, has_length};
use super::{ManifestFile, Scope};
use crate::{Artifact, Manifest, Release, Released, TargetOs, Version};

/// What came of an export.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Export {
    /// The files: three for each package, the packages sorted by identifier and version.
    pub files: Vec<ManifestFile>,
    /// What a person should know.
    pub notes: Vec<ExportNote>,
}

/// The manifests of the release's artifacts, three files for each id and version. `root` is the library's root, without a
/// signature; `manifest` is asked for names and publishers, which a release does not have.
///
/// # Errors
///
/// [`ExportError::Linux`] when the library is not for Windows, [`ExportError::Root`] and [`ExportError::Option`] when what
/// was given cannot stand in winget's manifests.
pub fn export(
    release: &Release,
    manifest: Option<&Manifest>,
    root: &Url,
    options: &ExportOptions,
) -> Result<Export, ExportError> {
    if release.content.os == TargetOs::Linux {
        return Err(ExportError::Linux {
            library: release.content.library.clone(),
        });
    }
    check_root(root)?;
    check_options(options)?;
    let exporter = Exporter {
        release,
        manifest,
        root,
        options,
    };
    Ok(exporter.run())
}

fn check_root(root: &Url) -> Result<(), ExportError> {
    let because = if !matches!(root.scheme(), "http" | "https") || root.cannot_be_a_base() {
        "it is no web address"
    } else if root.query().is_some() || root.fragment().is_some() {
        "it has a signature or another query"
    } else if !root.username().is_empty() || root.password().is_some() {
        "it has a password"
    } else {
        return Ok(());
    };
    Err(ExportError::Root { because })
}

/// One package: an identifier and a version, with an installer for each architecture.
struct Package<'a> {
    identifier: String,
    version: &'a Version,
    first: &'a Released,
    installers: Vec<InstallerNode>,
}

struct Exporter<'a> {
    release: &'a Release,
    manifest: Option<&'a Manifest>,
    root: &'a Url,
    options: &'a ExportOptions,
}

impl<'a> Exporter<'a> {
    fn run(&self) -> Export {
        let mut export = Export::default();
        let mut packages = BTreeMap::new();
        for file in &self.release.content.artifacts {
            if let Err(because) = self.add(file, &mut packages, &mut export.notes) {
                export.notes.push(ExportNote::LeftOut {
                    id: file.id.clone(),
                    because,
                });
            }
        }
        export.files = packages
            .values()
            .flat_map(|package| self.files(package))
            .collect();
        export
    }

    /// Adds one file to its package, or says why not.
    fn add(
        &self,
        file: &'a Released,
        packages: &mut BTreeMap<(String, &'a Version), Package<'a>>,
        notes: &mut Vec<ExportNote>,
    ) -> Result<(), &'static str> {
        let node = installer(file, self.root)?;
        let identifier = identifier(&file.id, &self.publisher(file))
            .ok_or("its id cannot be a package identifier of winget")?;
        // Identifiers that differ in case alone are one to winget, and one file to Windows.
        let key = (identifier.to_lowercase(), &file.version);
        let package = packages.entry(key).or_insert_with(|| Package {
            identifier: identifier.clone(),
            version: &file.version,
            first: file,
            installers: Vec::new(),
        });
        if package.first.id != file.id {
            return Err("another artifact has its package identifier");
        }
        package.installers.push(node);
        let id = || file.id.clone();
        if identifier != file.id.as_str() && package.installers.len() == 1 {
            notes.push(ExportNote::Prefixed {
                id: id(),
                identifier,
            });
        }
        let unsaid = file.install.iter().flat_map(unsaid);
        notes.extend(unsaid.map(|what| ExportNote::Unsaid { id: id(), what }));
        Ok(())
    }

    /// The artifact of the manifest that a file is of.
    fn artifact(&self, file: &Released) -> Option<&'a Artifact> {
        let mut artifacts = self.manifest?.artifacts.iter();
        artifacts.find(|one| one.id == file.id && one.architecture == file.architecture)
    }

    fn publisher(&self, file: &Released) -> String {
        let said = self
            .artifact(file)
            .and_then(|artifact| artifact.publisher.as_deref());
        said.filter(|said| has_length(said, 2..=256))
            .or(self.options.publisher.as_deref())
            .unwrap_or(self.release.content.library.as_str())
            .to_owned()
    }

    fn files(&self, package: &Package<'a>) -> Vec<ManifestFile> {
        let folder = folder(package);
        let path = |suffix: &str| format!("{folder}/{}{suffix}.yaml", package.identifier);
        let version = self.options.manifest_version;
        let locale = &self.options.locale;
        let texts = [
            (
                path(""),
                text_of(&self.version(package), "version", version),
            ),
            (
                path(&format!(".locale.{locale}")),
                text_of(&self.locale(package), "defaultLocale", version),
            ),
            (
                path(".installer"),
                text_of(&self.installers(package), "installer", version),
            ),
        ];
        let files = texts.into_iter();
        files
            .filter_map(|(path, text)| Some(ManifestFile { path, text: text? }))
            .collect()
    }

    fn head(package: &Package<'a>) -> Head {
        Head {
            package_identifier: package.identifier.clone(),
            package_version: package.version.to_string(),
        }
    }

    fn tail(&self, manifest_type: &'static str) -> Tail {
        Tail {
            manifest_type,
            manifest_version: self.options.manifest_version.to_string(),
        }
    }

    fn version(&self, package: &Package<'a>) -> VersionDocument {
        VersionDocument {
            head: Self::head(package),
            default_locale: self.options.locale.clone(),
            tail: self.tail("version"),
        }
    }

    fn locale(&self, package: &Package<'a>) -> LocaleDocument {
        let library = &self.release.content.library;
        // A name of one letter, which winget does not take, gives way to the identifier.
        let long_enough = |text: String| {
            if has_length(&text, 2..=256) {
                text
            } else {
                package.identifier.clone()
            }
        };
        let name = (self.artifact(package.first)).and_then(|artifact| artifact.name.clone());
        let name = long_enough(name.unwrap_or_else(|| package.first.id.to_string()));
        let description = || {
            format!("{name} from the library {library}")
                .chars()
                .take(256)
                .collect()
        };
        LocaleDocument {
            head: Self::head(package),
            package_locale: self.options.locale.clone(),
            publisher: long_enough(self.publisher(package.first)),
            license: self.options.license.clone(),
            short_description: self
                .options
                .short_description
                .clone()
                .unwrap_or_else(description),
            package_name: name,
            tail: self.tail("defaultLocale"),
        }
    }

    fn installers(&self, package: &Package<'a>) -> InstallerDocument {
        let is_private = self.options.authentication == Authentication::EntraBlob;
        InstallerDocument {
            head: Self::head(package),
            scope: self.options.scope.map(Scope::name),
            authentication: is_private.then_some(AuthenticationNode::ENTRA_BLOB),
            installers: package.installers.clone(),
            tail: self.tail("installer"),
        }
    }
}

/// Where winget's own repository would have the package: `manifests/c/Contoso/Tool/1.0`.
fn folder(package: &Package<'_>) -> String {
    let first: String = package
        .identifier
        .chars()
        .take(1)
        .flat_map(char::to_lowercase)
        .collect();
    let parts = package.identifier.replace('.', "/");
    format!("manifests/{first}/{parts}/{}", package.version)
}

//! The files of one package as one: what it is called, and its installers with what they inherit.

use super::document::{Node, read};
use super::{ImportError, ManifestFile, ManifestVersion};

/// A package, as its files tell together.
#[derive(Debug)]
pub(super) struct Package {
    pub(super) identifier: String,
    pub(super) version: String,
    pub(super) name: Option<String>,
    pub(super) publisher: Option<String>,
    /// The path of the file that has the installers.
    pub(super) file: String,
    /// Each with what its file says of all of them.
    pub(super) installers: Vec<Node>,
    /// The version of the format, where it is newer than what is known here.
    pub(super) newer: Option<String>,
}

/// Puts the files of one package together.
pub(super) fn assemble(files: &[ManifestFile]) -> Result<Package, ImportError> {
    let nodes = files.iter().map(read).collect::<Result<Vec<_>, _>>()?;
    let mut newer = None;
    for (file, node) in files.iter().zip(&nodes) {
        newer = newer.or(check_version(file, node)?);
    }
    let at = the_one_with_installers(files, &nodes)?;
    let (file, main) = (&files[at], &nodes[at]);
    let package = Package {
        identifier: required(file, "PackageIdentifier", main.package_identifier.as_ref())?,
        version: required(file, "PackageVersion", main.package_version.as_ref())?,
        name: described(&nodes, |node| node.package_name.as_ref()),
        publisher: described(&nodes, |node| node.publisher.as_ref()),
        file: file.path.clone(),
        installers: installers(main),
        newer,
    };
    check_agreement(&package, files, &nodes)?;
    if package.installers.is_empty() {
        return Err(ImportError::Missing {
            file: file.path.clone(),
            field: "Installers",
        });
    }
    Ok(package)
}

fn installers(main: &Node) -> Vec<Node> {
    let own = main.installers.iter().flatten();
    own.map(|installer| installer.inherit(main)).collect()
}

/// Every version 1 is read, since winget only ever adds to it; the previews before had other names for everything.
fn check_version(file: &ManifestFile, node: &Node) -> Result<Option<String>, ImportError> {
    let version = required(file, "ManifestVersion", node.manifest_version.as_ref())?;
    if version.parse::<ManifestVersion>().is_ok() {
        return Ok(None);
    }
    if version.starts_with("1.") {
        return Ok(Some(version));
    }
    Err(ImportError::UnknownFormat {
        file: file.path.clone(),
        version: version.chars().take(40).collect(),
    })
}

fn the_one_with_installers(files: &[ManifestFile], nodes: &[Node]) -> Result<usize, ImportError> {
    let mut found = None;
    for (at, (file, node)) in files.iter().zip(nodes).enumerate() {
        let kind = required(file, "ManifestType", node.manifest_type.as_ref())?;
        match kind.as_str() {
            "singleton" | "installer" | "merged" => {
                if let Some(other) = found.replace(at) {
                    return Err(ImportError::SeveralPackages {
                        one: files[other].path.clone(),
                        other: file.path.clone(),
                    });
                }
            }
            "version" | "defaultLocale" | "locale" => {}
            _ => {
                return Err(ImportError::Unfit {
                    file: file.path.clone(),
                    field: "ManifestType",
                    text: kind.chars().take(80).collect(),
                });
            }
        }
    }
    found.ok_or(ImportError::NoInstallers)
}

/// Names come from the manifest of the default locale; those of other locales only stand in.
fn described(nodes: &[Node], field: impl Fn(&Node) -> Option<&String>) -> Option<String> {
    let is_other = |node: &&Node| node.manifest_type.as_deref() == Some("locale");
    let first = nodes.iter().filter(|node| !is_other(node)).find_map(&field);
    let found = first.or_else(|| nodes.iter().find_map(&field))?;
    let text = found.trim();
    (!text.is_empty()).then(|| text.to_owned())
}

fn check_agreement(
    package: &Package,
    files: &[ManifestFile],
    nodes: &[Node],
) -> Result<(), ImportError> {
    for (file, node) in files.iter().zip(nodes) {
        let identifier = required(file, "PackageIdentifier", node.package_identifier.as_ref())?;
        let version = required(file, "PackageVersion", node.package_version.as_ref())?;
        if !identifier.eq_ignore_ascii_case(&package.identifier) || version != package.version {
            return Err(ImportError::SeveralPackages {
                one: package.file.clone(),
                other: file.path.clone(),
            });
        }
    }
    Ok(())
}

/// A field that has to be there, without the space around it.
fn required(
    file: &ManifestFile,
    field: &'static str,
    value: Option<&String>,
) -> Result<String, ImportError> {
    value
        .map(|text| text.trim().to_owned())
        .filter(|text| !text.is_empty())
        .ok_or_else(|| ImportError::Missing {
            file: file.path.clone(),
            field,
        })
}

//! winget's YAML as it is written: one node for a file, and one for each of its installers.
//!
//! A file is read leniently: fields that are not looked at may be anything. Numbers that stand where text is meant keep
//! their characters, so that the version 26.10 stays 26.10. What a text means is decided elsewhere.

use serde::Deserialize;
use serde::de::IgnoredAny;

use super::{ImportError, ManifestFile};

/// The most bytes of a file that is read.
pub const MAX_FILE: usize = 4 << 20;

/// A file, or one of its installers: what stands in the file as a whole counts for each of them.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
pub(super) struct Node {
    pub(super) package_identifier: Option<String>,
    pub(super) package_version: Option<String>,
    pub(super) manifest_type: Option<String>,
    pub(super) manifest_version: Option<String>,
    pub(super) package_name: Option<String>,
    pub(super) publisher: Option<String>,
    pub(super) architecture: Option<String>,
    pub(super) scope: Option<String>,
    pub(super) installer_locale: Option<String>,
    pub(super) installer_type: Option<String>,
    pub(super) nested_installer_type: Option<String>,
    pub(super) nested_installer_files: Option<Vec<NestedFile>>,
    pub(super) installer_url: Option<String>,
    pub(super) installer_sha256: Option<String>,
    pub(super) installer_switches: Option<Switches>,
    pub(super) installer_success_codes: Option<Vec<i64>>,
    pub(super) expected_return_codes: Option<Vec<ReturnCode>>,
    pub(super) installation_metadata: Option<InstallationMetadata>,
    pub(super) install_modes: Option<Vec<String>>,
    pub(super) elevation_requirement: Option<String>,
    pub(super) download_command_prohibited: Option<bool>,
    pub(super) install_location_required: Option<bool>,
    pub(super) dependencies: Option<IgnoredAny>,
    #[serde(rename = "MinimumOSVersion")]
    pub(super) minimum_os_version: Option<IgnoredAny>,
    #[serde(rename = "UnsupportedOSArchitectures")]
    pub(super) unsupported_os_architectures: Option<IgnoredAny>,
    pub(super) markets: Option<IgnoredAny>,
    pub(super) authentication: Option<Authentication>,
    pub(super) installers: Option<Vec<Self>>,
}

#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
pub(super) struct NestedFile {
    pub(super) relative_file_path: String,
}

#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
pub(super) struct Switches {
    pub(super) silent: Option<String>,
    pub(super) silent_with_progress: Option<String>,
    pub(super) custom: Option<String>,
    pub(super) install_location: Option<IgnoredAny>,
    pub(super) log: Option<IgnoredAny>,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct ReturnCode {
    pub(super) installer_return_code: i64,
    pub(super) return_response: String,
}

#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
pub(super) struct InstallationMetadata {
    pub(super) default_install_location: Option<String>,
}

#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
pub(super) struct Authentication {
    pub(super) authentication_type: Option<String>,
}

/// Reads one file.
pub(super) fn read(file: &ManifestFile) -> Result<Node, ImportError> {
    if file.text.len() > MAX_FILE {
        return Err(ImportError::TooLarge {
            file: file.path.clone(),
        });
    }
    // Manifests are flat and short, and name nothing twice: what is not, is meant to hurt.
    let options = serde_saphyr::options! {
        budget: serde_saphyr::budget! {
            max_anchors: 64,
            max_aliases: 64,
            max_depth: 32,
            max_nodes: 200_000,
        },
        with_snippet: false,
    };
    serde_saphyr::from_str_with_options(&file.text, options).map_err(|error| ImportError::Yaml {
        file: file.path.clone(),
        line: error.location().map_or(0, |at| at.line()),
        column: error.location().map_or(0, |at| at.column()),
        source: Box::new(error),
    })
}

impl Node {
    /// An installer with what its file says of all of them.
    pub(super) fn inherit(&self, file: &Self) -> Self {
        macro_rules! own_or_inherited {
            ($($field:ident),*) => {
                Self {
                    $($field: self.$field.clone().or_else(|| file.$field.clone()),)*
                    installer_switches: inherit_switches(
                        self.installer_switches.as_ref(),
                        file.installer_switches.as_ref(),
                    ),
                    ..self.clone()
                }
            };
        }
        let mut installer = own_or_inherited!(
            scope,
            installer_locale,
            installer_type,
            nested_installer_type,
            nested_installer_files,
            installer_success_codes,
            expected_return_codes,
            installation_metadata,
            install_modes,
            elevation_requirement,
            download_command_prohibited,
            install_location_required,
            dependencies,
            minimum_os_version,
            unsupported_os_architectures,
            markets,
            authentication
        );
        if !installer.is_zip() {
            installer.nested_installer_type = None;
            installer.nested_installer_files = None;
        }
        installer
    }

    /// Whether it is an archive.
    pub(super) fn is_zip(&self) -> bool {
        let kind = self.installer_type.as_deref();
        kind.is_some_and(|kind| kind.eq_ignore_ascii_case("zip"))
    }
}

/// Each switch on its own: an installer that says one keeps the others of its file.
fn inherit_switches(own: Option<&Switches>, file: Option<&Switches>) -> Option<Switches> {
    let (Some(own), Some(file)) = (own, file) else {
        return own.or(file).cloned();
    };
    Some(Switches {
        silent: own.silent.clone().or_else(|| file.silent.clone()),
        silent_with_progress: (own.silent_with_progress.clone())
            .or_else(|| file.silent_with_progress.clone()),
        custom: own.custom.clone().or_else(|| file.custom.clone()),
        install_location: own.install_location.or(file.install_location),
        log: own.log.or(file.log),
    })
}

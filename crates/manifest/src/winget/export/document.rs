//! winget's manifests as they are written.

use serde::Serialize;

use crate::winget::ManifestVersion;

/// What every file begins with.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Head {
    pub(super) package_identifier: String,
    pub(super) package_version: String,
}

/// What every file ends with.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Tail {
    pub(super) manifest_type: &'static str,
    pub(super) manifest_version: String,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct VersionDocument {
    #[serde(flatten)]
    pub(super) head: Head,
    pub(super) default_locale: String,
    #[serde(flatten)]
    pub(super) tail: Tail,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct LocaleDocument {
    #[serde(flatten)]
    pub(super) head: Head,
    pub(super) package_locale: String,
    pub(super) publisher: String,
    pub(super) package_name: String,
    pub(super) license: String,
    pub(super) short_description: String,
    #[serde(flatten)]
    pub(super) tail: Tail,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct InstallerDocument {
    #[serde(flatten)]
    pub(super) head: Head,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) scope: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) authentication: Option<AuthenticationNode>,
    pub(super) installers: Vec<InstallerNode>,
    #[serde(flatten)]
    pub(super) tail: Tail,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct AuthenticationNode {
    authentication_type: &'static str,
    microsoft_entra_id_authentication_info: EntraNode,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
struct EntraNode {
    resource: &'static str,
}

impl AuthenticationNode {
    pub(super) const ENTRA_BLOB: Self = Self {
        authentication_type: "microsoftEntraIdForAzureBlobStorage",
        microsoft_entra_id_authentication_info: EntraNode {
            resource: "https://storage.azure.com/",
        },
    };
}

#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct InstallerNode {
    pub(super) architecture: &'static str,
    pub(super) installer_type: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) nested_installer_type: Option<&'static str>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(super) nested_installer_files: Vec<NestedFileNode>,
    pub(super) installer_url: String,
    pub(super) installer_sha256: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) installer_switches: Option<SwitchesNode>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(super) installer_success_codes: Vec<i64>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(super) expected_return_codes: Vec<ReturnCodeNode>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) installation_metadata: Option<MetadataNode>,
}

#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct NestedFileNode {
    pub(super) relative_file_path: String,
}

#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct SwitchesNode {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) silent: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) silent_with_progress: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) custom: Option<String>,
}

#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct ReturnCodeNode {
    pub(super) installer_return_code: i64,
    pub(super) return_response: &'static str,
}

#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct MetadataNode {
    pub(super) default_install_location: String,
}

/// The document as text, with the line that tells editors its schema; none never comes, since the documents are made of
/// texts, numbers and lists.
pub(super) fn text_of(
    document: &impl Serialize,
    kind: &str,
    version: ManifestVersion,
) -> Option<String> {
    // Each value in one line: folded blocks are hard to compare, and older readers get them wrong.
    let options = serde_saphyr::ser_options! { prefer_block_scalars: false };
    let yaml = serde_saphyr::to_string_with_options(document, options).ok()?;
    Some(format!(
        "# yaml-language-server: $schema=https://aka.ms/winget-manifest.{kind}.{version}.schema.json\n\n{yaml}"
    ))
}

//! How an installer is run without a person, in winget's terms.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::ArtifactId;

/// What kind of installer a file is.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "lowercase")]
pub enum InstallerType {
    /// Made by Inno Setup.
    Inno,
    /// Made by NSIS.
    Nullsoft,
    /// A package of Windows Installer.
    Msi,
    /// A package of Windows Installer made by WiX.
    Wix,
    /// A bundle made by WiX Burn.
    Burn,
    /// Another program: its silent switches have to be given.
    Exe,
    /// An MSIX package.
    Msix,
    /// An archive that is unpacked.
    Zip,
    /// A program that is put in place as it is.
    Portable,
}

impl InstallerType {
    /// Every type.
    pub const ALL: [Self; 9] = [
        Self::Inno,
        Self::Nullsoft,
        Self::Msi,
        Self::Wix,
        Self::Burn,
        Self::Exe,
        Self::Msix,
        Self::Zip,
        Self::Portable,
    ];

    /// The name that winget and manifests use.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Inno => "inno",
            Self::Nullsoft => "nullsoft",
            Self::Msi => "msi",
            Self::Wix => "wix",
            Self::Burn => "burn",
            Self::Exe => "exe",
            Self::Msix => "msix",
            Self::Zip => "zip",
            Self::Portable => "portable",
        }
    }

    /// The switches that make it install without a person; none where there is no such convention.
    pub const fn silent(self) -> &'static [&'static str] {
        match self {
            Self::Inno => &["/SP-", "/VERYSILENT", "/SUPPRESSMSGBOXES", "/NORESTART"],
            Self::Nullsoft => &["/S"],
            Self::Msi | Self::Wix | Self::Burn => &["/quiet", "/norestart"],
            Self::Exe | Self::Msix | Self::Zip | Self::Portable => &[],
        }
    }

    /// The exit codes that mean success with a restart to come.
    pub const fn reboot(self) -> &'static [i64] {
        match self {
            Self::Msi | Self::Wix | Self::Burn => &[3010, 1641],
            _ => &[],
        }
    }

    /// Whether it is one that Linux does not know.
    pub const fn is_only_windows(self) -> bool {
        !matches!(self, Self::Exe | Self::Zip | Self::Portable)
    }

    /// Whether such a file carries an Authenticode signature that is looked at.
    pub const fn is_signed(self) -> bool {
        !matches!(self, Self::Msix | Self::Zip | Self::Portable)
    }

    /// Whether the file is unpacked or put in place rather than run.
    pub const fn is_placed(self) -> bool {
        matches!(self, Self::Zip | Self::Portable)
    }
}

/// How an artifact is installed.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
#[schemars(extend("allOf" = needs()))]
pub struct Install {
    /// What kind of installer the file is.
    #[serde(rename = "type")]
    pub kind: InstallerType,
    /// The silent switches, instead of those that its type has by convention.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub silent: Option<Vec<String>>,
    /// Further arguments, after the silent switches.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub args: Vec<String>,
    /// The exit codes that mean success; 0 alone unless said, and `reboot` beside it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub success: Vec<i64>,
    /// The exit codes that mean success with a restart to come; 3010 and 1641 for msi, wix and burn unless said.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reboot: Option<Vec<i64>>,
    /// Where a zip is unpacked or a portable program put: a directory of the build VM.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub to: Option<String>,
    /// For a zip: the installer in it that is to be run.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub nested: Option<NestedInstaller>,
    /// Lower numbers are installed first; 0 unless said.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub order: i32,
    /// What has to be installed before.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub requires: Vec<ArtifactId>,
}

/// An installer inside an archive.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct NestedInstaller {
    /// What kind of installer it is.
    #[serde(rename = "type")]
    pub kind: InstallerType,
    /// Its name in the archive, with `/` between the parts.
    pub file: String,
}

impl Install {
    /// An installer of this kind, with nothing said about it.
    pub const fn of(kind: InstallerType) -> Self {
        Self {
            kind,
            silent: None,
            args: Vec::new(),
            success: Vec::new(),
            reboot: None,
            to: None,
            nested: None,
            order: 0,
            requires: Vec::new(),
        }
    }

    /// The kind of what is run in the end: that of the nested installer, where there is one.
    pub fn runs(&self) -> InstallerType {
        self.nested.as_ref().map_or(self.kind, |nested| nested.kind)
    }

    /// All arguments: the silent switches, then the further ones.
    pub fn arguments(&self) -> Vec<&str> {
        let silent: Vec<&str> = match &self.silent {
            Some(given) => given.iter().map(String::as_str).collect(),
            None => self.runs().silent().to_vec(),
        };
        silent
            .into_iter()
            .chain(self.args.iter().map(String::as_str))
            .collect()
    }

    /// The exit codes that mean success without a restart.
    pub fn success_codes(&self) -> Vec<i64> {
        let given = if self.success.is_empty() {
            &[0][..]
        } else {
            &self.success
        };
        let reboot = self.reboot_codes();
        given
            .iter()
            .copied()
            .filter(|code| !reboot.contains(code))
            .collect()
    }

    /// The exit codes that mean success with a restart to come.
    pub fn reboot_codes(&self) -> Vec<i64> {
        self.reboot
            .clone()
            .unwrap_or_else(|| self.runs().reboot().to_vec())
    }
}

/// What the types need, in the words of JSON Schema.
fn needs() -> Value {
    let of = |kind: &str| json!({ "properties": { "type": { "const": kind } } });
    let one_of = |keys: [&str; 2]| json!({ "anyOf": keys.map(|key| json!({ "required": [key] })) });
    json!([
        { "if": of("exe"), "then": one_of(["silent", "args"]) },
        { "if": of("zip"), "then": one_of(["to", "nested"]) },
        { "if": of("portable"), "then": { "required": ["to"] } },
        { "if": { "required": ["nested"] }, "then": of("zip") },
    ])
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde asks so")]
const fn is_zero(order: &i32) -> bool {
    *order == 0
}

//! The ways of signing in that a user can name.

use std::fmt;
use std::str::FromStr;

use serde::Serialize;

/// The value of `--auth`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum AuthMode {
    /// The first that the location or the environment offers.
    #[default]
    Auto,
    /// The first of those that sign in with Entra ID.
    Entra,
    /// The identity that is signed in to the Azure CLI.
    Cli,
    /// The identity of the machine.
    ManagedIdentity,
    /// A Kubernetes service account federated with an identity.
    Workload,
    /// A service connection of Azure Pipelines.
    Pipelines,
    /// A GitHub Actions job federated with an identity.
    Github,
    /// The account's shared key.
    Key,
    /// A shared access signature.
    Sas,
    /// Nothing, for public containers.
    Anonymous,
}

impl AuthMode {
    /// Every mode, in the order in which help shows them.
    pub const ALL: [Self; 10] = [
        Self::Auto,
        Self::Entra,
        Self::Cli,
        Self::ManagedIdentity,
        Self::Workload,
        Self::Pipelines,
        Self::Github,
        Self::Key,
        Self::Sas,
        Self::Anonymous,
    ];

    /// The name on the command line.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Auto => "auto",
            Self::Entra => "entra",
            Self::Cli => "cli",
            Self::ManagedIdentity => "managed-identity",
            Self::Workload => "workload",
            Self::Pipelines => "pipelines",
            Self::Github => "github",
            Self::Key => "key",
            Self::Sas => "sas",
            Self::Anonymous => "anonymous",
        }
    }
}

impl fmt::Display for AuthMode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// A name that is no [`AuthMode`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "not a way to sign in; write auto, entra, cli, managed-identity, workload, pipelines, github, key, sas or anonymous"
)]
pub struct UnknownAuthMode;

impl FromStr for AuthMode {
    type Err = UnknownAuthMode;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::ALL
            .into_iter()
            .find(|mode| mode.name() == text)
            .ok_or(UnknownAuthMode)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_mode_is_read_back_from_its_name() {
        for mode in AuthMode::ALL {
            assert_eq!(mode.to_string().parse(), Ok(mode));
        }
        assert_eq!("password".parse::<AuthMode>(), Err(UnknownAuthMode));
    }
}

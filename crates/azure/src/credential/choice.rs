//! The story of a choice, told to `doctor`: never with a secret in it.

use std::fmt;

use serde::Serialize;

use super::AuthMode;

/// What kind of credential there is to choose from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum CredentialKind {
    /// A shared access signature.
    Sas,
    /// The account's key.
    SharedKey,
    /// GitHub Actions, by OpenID Connect.
    GithubOidc,
    /// Azure Pipelines, by OpenID Connect.
    AzurePipelines,
    /// A federated Kubernetes service account.
    WorkloadIdentity,
    /// A service principal with a secret.
    ClientSecret,
    /// A service principal with a certificate.
    ClientCertificate,
    /// The machine's identity.
    ManagedIdentity,
    /// Whoever is signed in to the Azure CLI.
    AzureCli,
    /// Nobody.
    Anonymous,
}

impl CredentialKind {
    /// Whether it signs in with Entra ID.
    pub const fn is_entra(self) -> bool {
        !matches!(self, Self::Sas | Self::SharedKey | Self::Anonymous)
    }
}

impl fmt::Display for CredentialKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Sas => "shared access signature",
            Self::SharedKey => "account key",
            Self::GithubOidc => "GitHub Actions OIDC",
            Self::AzurePipelines => "Azure Pipelines service connection",
            Self::WorkloadIdentity => "workload identity",
            Self::ClientSecret => "client secret",
            Self::ClientCertificate => "client certificate",
            Self::ManagedIdentity => "managed identity",
            Self::AzureCli => "Azure CLI",
            Self::Anonymous => "anonymous",
        })
    }
}

/// A candidate that was not taken.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct PassedOver {
    /// Which candidate.
    pub kind: CredentialKind,
    /// Why not, as a lower-case fragment.
    pub reason: String,
}

/// Which credential was chosen, from where, and what was passed over on the way.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct CredentialChoice {
    /// What was asked for.
    pub mode: AuthMode,
    /// What was chosen.
    pub kind: CredentialKind,
    /// Where it came from: the variables that decided, or the location.
    pub source: String,
    /// The candidates that came first and were not taken.
    pub passed_over: Vec<PassedOver>,
    /// What may go wrong later.
    pub warnings: Vec<String>,
}

impl fmt::Display for CredentialChoice {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}, from {}", self.kind, self.source)
    }
}

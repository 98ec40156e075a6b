//! Why there is no credential.

use jiff::Timestamp;

use super::{AuthMode, PassedOver};
use crate::connection_string::ConnectionStringError;
use crate::error::Cause;
use crate::secret::SecretError;

/// Why [`resolve_credential`](super::resolve_credential) has nothing to offer.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum CredentialError {
    /// Nothing in the location and the environment fits the mode.
    #[error("no credential for `--auth {mode}`")]
    Nothing {
        /// What was asked for.
        mode: AuthMode,
        /// Every candidate, and why it was not taken.
        passed_over: Vec<PassedOver>,
    },
    /// The shared access signature is no longer valid.
    #[error("the shared access signature in {source_name} expired at {expiry}")]
    ExpiredSas {
        /// Where it stands.
        source_name: String,
        /// When it ended.
        expiry: Timestamp,
    },
    /// A secret in the environment cannot be read.
    #[error("`{variable}` cannot be used")]
    BadSecret {
        /// The variable.
        variable: &'static str,
        /// What is wrong with it.
        #[source]
        cause: SecretError,
    },
    /// The connection string in the environment cannot be read.
    #[error("`AZURE_STORAGE_CONNECTION_STRING` cannot be used")]
    ConnectionString(#[source] ConnectionStringError),
    /// The certificate file cannot be used.
    #[error("`AZURE_CLIENT_CERTIFICATE_PATH` cannot be used: {reason}")]
    Certificate {
        /// What is wrong with the file.
        reason: String,
    },
    /// The identity library refuses the settings.
    #[error("{source_name} cannot be used to sign in")]
    Identity {
        /// Where the settings come from.
        source_name: String,
        /// What it said.
        #[source]
        cause: Cause,
    },
}

impl CredentialError {
    /// What the user can do, if anything is known to help.
    pub fn hint(&self) -> Option<String> {
        match self {
            Self::Nothing { passed_over, .. } => {
                let reasons: Vec<_> = passed_over
                    .iter()
                    .map(|passed| format!("{}: {}", passed.kind, passed.reason))
                    .collect();
                (!reasons.is_empty()).then(|| reasons.join("; "))
            }
            Self::ExpiredSas { .. } => {
                Some("make a new signature, or name another credential with `--auth`".to_owned())
            }
            Self::Certificate { .. } => Some(
                "write the certificate and its key into one PEM file: \
                 `openssl pkcs12 -in FILE.pfx -nodes -out FILE.pem`"
                    .to_owned(),
            ),
            Self::BadSecret { .. } | Self::ConnectionString(_) => {
                Some("copy it again, whole, from the account's access keys".to_owned())
            }
            Self::Identity { .. } => None,
        }
    }
}

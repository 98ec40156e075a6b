//! Who we are to Azure: which credential is used, and why that one.
//!
//! [`resolve_credential`] reads the environment and decides; it sends nothing. Tokens are fetched by the
//! first request that needs one. See DESIGN, section 4.

mod candidates;
mod certificate;
mod choice;
mod entra;
mod error;
mod metadata;
mod mode;
mod oidc;
mod resolve;
#[cfg(test)]
mod tests;

use std::fmt;
use std::sync::Arc;

use azure_core::credentials::TokenCredential;

pub use choice::{CredentialChoice, CredentialKind, PassedOver};
pub use error::CredentialError;
pub use mode::{AuthMode, UnknownAuthMode};
pub use resolve::resolve_credential;

use crate::secret::{AccountKey, SasToken};

/// What requests are authorised with.
#[derive(Clone)]
pub enum Credential {
    /// Nothing: for public containers.
    Anonymous,
    /// A shared access signature on every URL.
    Sas(SasToken),
    /// The account's key, which signs every attempt.
    SharedKey {
        /// The account that the key belongs to.
        account: String,
        /// The key.
        key: AccountKey,
    },
    /// A bearer token of Entra ID.
    Token(Arc<dyn TokenCredential>),
}

// Not derived: what a token credential prints of itself is not ours to vouch for.
impl fmt::Debug for Credential {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Anonymous => "Anonymous",
            Self::Sas(_) => "Sas(REDACTED)",
            Self::SharedKey { .. } => "SharedKey(REDACTED)",
            Self::Token(_) => "Token(REDACTED)",
        })
    }
}

/// A credential, and how it was chosen.
#[derive(Clone, Debug)]
pub struct ResolvedCredential {
    /// The credential itself.
    pub credential: Credential,
    /// Why this one, for people to read.
    pub choice: CredentialChoice,
}

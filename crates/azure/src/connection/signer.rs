//! What a connection can sign for others: nothing without the key of the account.

use super::Connection;
use crate::sas::ServiceSas;
use crate::secret::SasToken;

/// What the requests of a connection are authorised by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Authority {
    /// Nothing.
    Anonymous,
    /// A shared access signature.
    Signature,
    /// The key of the account.
    Key,
    /// Tokens of Entra ID.
    Identity,
}

impl Connection {
    /// What its requests are authorised by.
    pub fn authority(&self) -> Authority {
        if self.key.is_some() {
            Authority::Key
        } else if self.token.is_some() {
            Authority::Identity
        } else if self.sas.is_some() {
            Authority::Signature
        } else {
            Authority::Anonymous
        }
    }

    /// Signs with the key of the account; none when the connection has no key.
    pub fn issue(&self, sas: &ServiceSas) -> Option<SasToken> {
        self.key.as_ref().map(|key| key.issue(sas))
    }
}

#[cfg(test)]
mod tests {
    use azure_core::http::StatusCode;

    use super::*;
    use crate::connection::ConnectionOptions;
    use crate::connection_string::EMULATOR_ACCOUNT;
    use crate::credential::{AuthMode, resolve_credential};
    use crate::environment::Environment;
    use crate::location::BlobLocation;
    use crate::sas::SasResource;
    use crate::testing::{Stub, status};

    fn connection(mode: AuthMode, query: &str) -> Connection {
        let environment = Environment::from_pairs([("AZURE_STORAGE_USE_EMULATOR", "true")]);
        let text = format!("http://127.0.0.1:10000/{EMULATOR_ACCOUNT}/apps{query}");
        let parsed = BlobLocation::parse(&text, &environment).unwrap();
        let credential =
            resolve_credential(mode, &parsed.location, parsed.sas, &environment).unwrap();
        let stub = Stub::new(|_, _| Ok(status(StatusCode::Ok)));
        Connection::with_http_client(stub, &credential, &ConnectionOptions::default())
    }

    #[test]
    fn only_a_key_signs() {
        let container = SasResource::Container {
            container: "apps".to_owned(),
        };
        let sas = ServiceSas::under_policy(container, "nightly");
        let keyed = connection(AuthMode::Key, "");
        assert_eq!(keyed.authority(), Authority::Key);
        assert!(keyed.issue(&sas).is_some());
        let signed = connection(AuthMode::Sas, "?sv=1&sig=c2VjcmV0");
        assert_eq!(signed.authority(), Authority::Signature);
        assert!(signed.issue(&sas).is_none());
        let nobody = connection(AuthMode::Anonymous, "");
        assert_eq!(nobody.authority(), Authority::Anonymous);
        assert!(nobody.issue(&sas).is_none());
    }
}

//! How Azure is reached: endpoints, credentials, one HTTP transport, its policies, and redaction.
//!
//! A [`BlobLocation`] says where, [`resolve_credential`] says as whom, and a [`Connection`] carries every
//! request of a run: it owns the one connection pool, the retries, the limits and the meter. Errors come
//! back as [`AzureError`], with a hint of what to do next.
//!
//! This crate knows no blob SDK: `longshore-store` builds its clients on [`Connection::client_options`].

mod connection;
mod connection_string;
mod credential;
mod environment;
mod error;
mod location;
mod policy;
mod redact;
mod sas;
mod secret;
#[cfg(test)]
mod testing;
mod transport;

pub use connection::{Authority, Connection, ConnectionOptions, ReadGrant};
pub use connection_string::{ConnectionSecret, ConnectionString, ConnectionStringError};
pub use credential::{
    AuthMode, Credential, CredentialChoice, CredentialError, CredentialKind, PassedOver,
    ResolvedCredential, UnknownAuthMode, resolve_credential,
};
pub use environment::Environment;
pub use error::{AzureError, Cause, Missing, ServiceAnswer, UnreachableReason};
pub use location::{BlobLocation, Cloud, LocationError, ParsedLocation};
pub use policy::{
    AttemptDeadline, ExtraHeaders, MeterSnapshot, OperationClass, RequestMeter, header,
};
pub use redact::SafeUrl;
pub use sas::{
    BadAddresses, SasAddresses, SasPermissions, SasProtocol, SasResource, ServiceSas,
    UnknownPermission,
};
pub use secret::{AccountKey, SasToken, SecretError};

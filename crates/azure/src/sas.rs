//! Issuing shared access signatures with the account's key: service SAS, for a container, a directory or one blob.
//!
//! The string to sign is that of version 2020-12-06, the widest choice: every service since then takes it. It signs
//! values as they are and the query carries them encoded. What a signature opens is a matter of types, so that none can
//! be issued that the service would read otherwise. Whether somebody should have one is decided elsewhere.

mod limits;
mod permissions;
mod resource;
mod service;

pub use limits::{BadAddresses, SasAddresses, SasProtocol};
pub use permissions::{SasPermissions, UnknownPermission};
pub use resource::SasResource;
pub use service::ServiceSas;

#[cfg(test)]
mod tests;

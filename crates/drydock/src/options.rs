//! How a stand-in is started.

use std::net::{Ipv4Addr, SocketAddr};
use std::path::PathBuf;

/// How a stand-in is started.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct DrydockOptions {
    /// Where its account lives; created if it is not there.
    pub data: PathBuf,
    /// Where it listens; port 0 takes a free one.
    pub listen: SocketAddr,
    /// The account's name; none: the one that the data has, or [`crate::DEFAULT_ACCOUNT`].
    pub account: Option<String>,
    /// Whether containers may be opened to anonymous readers, as the account property `allowBlobPublicAccess` says.
    pub public_access: bool,
    /// Threads that serve; none: as many as there are processors.
    pub threads: Option<usize>,
}

impl DrydockOptions {
    /// A free port on loopback, and data in this directory.
    pub fn new(data: impl Into<PathBuf>) -> Self {
        Self {
            data: data.into(),
            listen: SocketAddr::from((Ipv4Addr::LOCALHOST, 0)),
            account: None,
            public_access: true,
            threads: None,
        }
    }

    /// Listens elsewhere.
    pub fn listen(mut self, listen: SocketAddr) -> Self {
        self.listen = listen;
        self
    }

    /// Calls the account so.
    pub fn account(mut self, name: impl Into<String>) -> Self {
        self.account = Some(name.into());
        self
    }

    /// Permits or forbids public access.
    pub fn public_access(mut self, permitted: bool) -> Self {
        self.public_access = permitted;
        self
    }

    /// Serves on so many threads.
    pub fn threads(mut self, threads: usize) -> Self {
        self.threads = Some(threads);
        self
    }
}

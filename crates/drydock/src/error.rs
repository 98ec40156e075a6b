//! Why a stand-in could not be started.

use std::net::SocketAddr;
use std::path::PathBuf;

/// Why a stand-in could not be started.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum DrydockError {
    /// Another process (or another stand-in of this one) serves the same data.
    #[error("another drydock is serving the data in `{path}`")]
    InUse {
        /// The data directory.
        path: PathBuf,
    },
    /// The data directory does not hold what was written there.
    #[error("the data directory is damaged at `{path}`")]
    Damaged {
        /// The damaged file.
        path: PathBuf,
        /// What is wrong with it.
        #[source]
        source: Box<dyn std::error::Error + Send + Sync>,
    },
    /// An account name that Azure would not take.
    #[error("not an account name (3 to 24 lower-case letters and digits): `{name}`")]
    AccountName {
        /// What was asked for.
        name: String,
    },
    /// The address cannot be listened on.
    #[error("cannot listen on {address}")]
    Listen {
        /// What was asked for.
        address: SocketAddr,
        /// Why not.
        #[source]
        source: std::io::Error,
    },
    /// A synthetic blob could not be made.
    #[error("a synthetic blob could not be made")]
    Seed(#[source] Box<dyn std::error::Error + Send + Sync>),
    /// The data directory could not be read or written.
    #[error("the data directory cannot be used")]
    Io(#[from] std::io::Error),
}

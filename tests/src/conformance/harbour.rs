//! Where the stores under test come from, and what they cannot do.

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use anyhow::Context;
use longshore_azure::{
    AuthMode, BlobLocation, Connection, ConnectionOptions, Environment, resolve_credential,
};
use longshore_store::{AzureStore, BlobStore, BlockLimits, DirectoryStore, MemoryStore};
use tempfile::TempDir;

/// What a store can do beyond what all can. A case asks less of a store that cannot, never nothing.
#[derive(Debug, Clone, Copy)]
pub struct Abilities {
    /// Segments of names may have more than 255 bytes.
    pub long_segments: bool,
    /// The number of blocks in a list is limited to this.
    pub committed_limit: Option<usize>,
    /// The number of staged blocks is limited to this, and it is small enough to be reached here.
    pub staged_limit: Option<usize>,
}

/// A place with stores of one kind.
pub trait Harbour: Sync {
    /// A container that nobody else uses, and that does not exist yet.
    ///
    /// # Errors
    ///
    /// Whatever keeps the store from being set up.
    fn store(&self) -> anyhow::Result<Arc<dyn BlobStore>>;

    /// What its stores can do.
    fn abilities(&self) -> Abilities;

    /// From now on listings have empty pages in between; false when this cannot be had here.
    ///
    /// # Errors
    ///
    /// Whatever keeps the place from being told.
    fn make_empty_pages(&self) -> anyhow::Result<bool> {
        Ok(false)
    }

    /// The next Put Blob arrives with a flipped bit; false when this cannot be had here.
    ///
    /// # Errors
    ///
    /// Whatever keeps the place from being told.
    fn damage_next_put(&self) -> anyhow::Result<bool> {
        Ok(false)
    }
}

/// Limits that a test reaches at once.
const LIMITS: BlockLimits = BlockLimits {
    committed: 5,
    staged: 7,
};

const LIMITED: Abilities = Abilities {
    long_segments: true,
    committed_limit: Some(LIMITS.committed),
    staged_limit: Some(LIMITS.staged),
};

/// Containers in memory.
#[derive(Debug, Default)]
pub struct MemoryHarbour;

impl Harbour for MemoryHarbour {
    fn store(&self) -> anyhow::Result<Arc<dyn BlobStore>> {
        Ok(Arc::new(MemoryStore::without_container(LIMITS)))
    }

    fn abilities(&self) -> Abilities {
        LIMITED
    }
}

/// Directories below a temporary one.
#[derive(Debug)]
pub struct DirectoryHarbour {
    folder: TempDir,
    next: AtomicU32,
}

impl DirectoryHarbour {
    /// A new temporary directory.
    ///
    /// # Errors
    ///
    /// When there is no place for it.
    pub fn new() -> anyhow::Result<Self> {
        Ok(Self {
            folder: tempfile::tempdir()?,
            next: AtomicU32::default(),
        })
    }
}

impl Harbour for DirectoryHarbour {
    fn store(&self) -> anyhow::Result<Arc<dyn BlobStore>> {
        let number = self.next.fetch_add(1, Ordering::Relaxed);
        let root = self.folder.path().join(number.to_string());
        Ok(Arc::new(DirectoryStore::with_limits(root, LIMITS)))
    }

    fn abilities(&self) -> Abilities {
        Abilities {
            long_segments: false,
            ..LIMITED
        }
    }
}

/// Containers of a blob service, reached as Longshore reaches Azure.
pub struct AzureHarbour {
    service: String,
    secret: Secret,
}

/// How the service is asked.
enum Secret {
    ConnectionString(String),
    Sas(String),
}

impl fmt::Debug for AzureHarbour {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AzureHarbour")
            .field("service", &self.service)
            .finish_non_exhaustive()
    }
}

impl AzureHarbour {
    /// With the account's key, at the URL of the account.
    pub fn with_key(service: &str, connection_string: &str) -> Self {
        Self {
            service: service.to_owned(),
            secret: Secret::ConnectionString(connection_string.to_owned()),
        }
    }

    /// With a shared access signature of the account.
    pub fn with_sas(service: &str, sas: &str) -> Self {
        Self {
            service: service.to_owned(),
            secret: Secret::Sas(sas.to_owned()),
        }
    }

    /// The store of one container.
    ///
    /// # Errors
    ///
    /// Whatever is wrong with location, credential or connection.
    pub fn container(&self, name: &str) -> anyhow::Result<AzureStore> {
        let service = self.service.trim_end_matches('/');
        let (text, environment) = match &self.secret {
            Secret::ConnectionString(secret) => (
                format!("{service}/{name}"),
                Environment::from_pairs([("AZURE_STORAGE_CONNECTION_STRING", secret.as_str())]),
            ),
            Secret::Sas(sas) => (
                format!("{service}/{name}?{}", sas.trim_start_matches('?')),
                Environment::default(),
            ),
        };
        let parsed = BlobLocation::parse(&text, &environment).context("the location")?;
        let credential =
            resolve_credential(AuthMode::Auto, &parsed.location, parsed.sas, &environment)
                .context("the credential")?;
        let connection = Connection::new(&credential, &ConnectionOptions::default())
            .context("the connection")?;
        Ok(AzureStore::new(&parsed.location, &connection)?)
    }
}

impl Harbour for AzureHarbour {
    fn store(&self) -> anyhow::Result<Arc<dyn BlobStore>> {
        static NEXT: AtomicU32 = AtomicU32::new(0);
        let number = NEXT.fetch_add(1, Ordering::Relaxed);
        Ok(Arc::new(self.container(&format!("case-{number}"))?))
    }

    fn abilities(&self) -> Abilities {
        Abilities {
            long_segments: true,
            committed_limit: Some(50_000),
            staged_limit: None,
        }
    }
}

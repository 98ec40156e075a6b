//! Where the stores under test come from, and what they cannot do.

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use anyhow::Context;
use longshore_azure::{
    AuthMode, BlobLocation, Connection, ConnectionOptions, Environment, resolve_credential,
};
use longshore_drydock::{Control, Drydock, DrydockOptions, Fault, Operation};
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
    /// Where it is laxer than the service.
    pub laxities: &'static [Laxity],
}

impl Abilities {
    pub(super) fn is_lax(&self, laxity: Laxity) -> bool {
        self.laxities.contains(&laxity)
    }
}

/// Where an emulator is known to differ from the service. Cases assert the difference, so that its end is noticed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Laxity {
    /// Put Blob leaves staged blocks where they are.
    PutKeepsStaged,
    /// A blob with nothing but staged blocks can be deleted.
    DeletesStaged,
    /// A blob with nothing but staged blocks has a version, as if it were one.
    VersionsOfStaged,
    /// Whole blobs are not copied.
    NoPutFrom,
    /// Nobody tells the checksum of a range.
    NoRangeChecksum,
    /// A block may be copied of a range that begins where the source ends.
    CopiesBeyondTheEnd,
    /// A block may be copied under an id of another length than those of committed blocks.
    MixesBlockIds,
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
    laxities: &[],
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
    abilities: Abilities,
}

/// What the service can do.
const SERVICE: Abilities = Abilities {
    long_segments: true,
    committed_limit: Some(50_000),
    staged_limit: None,
    laxities: &[],
};

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
            abilities: SERVICE,
        }
    }

    /// With a shared access signature of the account.
    pub fn with_sas(service: &str, sas: &str) -> Self {
        Self {
            service: service.to_owned(),
            secret: Secret::Sas(sas.to_owned()),
            abilities: SERVICE,
        }
    }

    /// The same, of Azurite, as it was found to be.
    pub fn of_azurite(self) -> Self {
        Self {
            abilities: Abilities {
                committed_limit: None,
                laxities: &[
                    Laxity::PutKeepsStaged,
                    Laxity::DeletesStaged,
                    Laxity::VersionsOfStaged,
                    Laxity::NoPutFrom,
                    Laxity::NoRangeChecksum,
                    Laxity::CopiesBeyondTheEnd,
                    Laxity::MixesBlockIds,
                ],
                ..SERVICE
            },
            ..self
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
        let number: u64 = rand::random();
        Ok(Arc::new(self.container(&format!("case-{number:016x}"))?))
    }

    fn abilities(&self) -> Abilities {
        self.abilities
    }
}

/// A stand-in of its own, and containers in it.
#[derive(Debug)]
pub struct DrydockHarbour {
    harbour: AzureHarbour,
    drydock: Drydock,
    /// Goes last: the stand-in writes to it until it has stopped.
    _folder: TempDir,
}

impl DrydockHarbour {
    /// Asked with the key of the account.
    ///
    /// # Errors
    ///
    /// When the stand-in does not start.
    pub async fn with_key() -> anyhow::Result<Self> {
        Self::start(|drydock| AzureHarbour::with_key(drydock.url(), &drydock.connection_string()))
            .await
    }

    /// Asked with a shared access signature.
    ///
    /// # Errors
    ///
    /// When the stand-in does not start.
    pub async fn with_sas() -> anyhow::Result<Self> {
        Self::start(|drydock| {
            let sas = drydock.account_sas("rwdlac", Duration::from_hours(1));
            AzureHarbour::with_sas(drydock.url(), sas.expose())
        })
        .await
    }

    /// Asked with the key of the account, and every n-th request of any kind meets this fault.
    ///
    /// # Errors
    ///
    /// When the stand-in does not start.
    pub async fn in_bad_weather(fault: Fault, every: u64) -> anyhow::Result<Self> {
        let harbour = Self::with_key().await?;
        harbour.control().add_fault(fault.every(every));
        Ok(harbour)
    }

    async fn start(harbour: impl FnOnce(&Drydock) -> AzureHarbour) -> anyhow::Result<Self> {
        let folder = tempfile::tempdir()?;
        let drydock = Drydock::start(DrydockOptions::new(folder.path())).await?;
        Ok(Self {
            harbour: harbour(&drydock),
            drydock,
            _folder: folder,
        })
    }

    /// The handle to its faults and counters.
    pub fn control(&self) -> Control {
        self.drydock.control()
    }
}

impl Harbour for DrydockHarbour {
    fn store(&self) -> anyhow::Result<Arc<dyn BlobStore>> {
        self.harbour.store()
    }

    fn abilities(&self) -> Abilities {
        self.harbour.abilities()
    }

    fn make_empty_pages(&self) -> anyhow::Result<bool> {
        self.control().set_empty_pages(true);
        Ok(true)
    }

    fn damage_next_put(&self) -> anyhow::Result<bool> {
        if !self.control().faults().is_empty() {
            // In bad weather the damaged attempt may fail otherwise first, and the next one arrives whole.
            return Ok(false);
        }
        let fault = Fault::corrupt(2).on(Operation::PutBlob).nth(1);
        self.control().add_fault(fault);
        Ok(true)
    }
}

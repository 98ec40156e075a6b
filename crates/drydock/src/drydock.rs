//! A running stand-in.

use std::fs::File;
use std::net::{SocketAddr, TcpListener};
use std::path::Path;
use std::sync::{Arc, Weak};
use std::thread::JoinHandle;
use std::time::{Duration, SystemTime};

use tokio::sync::oneshot;

use crate::call::Harbour;
use crate::control::Control;
use crate::error::DrydockError;
use crate::examples;
use crate::key::{Account, AccountKey};
use crate::options::DrydockOptions;
use crate::sas::{self, SasToken};
use crate::seeding::{Seed, SeedError, Sower};
use crate::server;
use crate::storage::{OpenError, Store};

/// A running stand-in. Dropped or [shut down](Drydock::shutdown) it stops, and its data stay where they are.
///
/// It serves on threads of its own, so that a test or a program that blocks does not block it.
///
/// ```
/// use longshore_drydock::{Drydock, DrydockOptions};
///
/// # tokio_test(async {
/// let folder = tempfile::tempdir()?;
/// let drydock = Drydock::start(DrydockOptions::new(folder.path())).await?;
/// assert!(drydock.url().ends_with("/drydock"));
/// drydock.shutdown().await;
/// # Ok(()) });
/// # fn tokio_test(test: impl Future<Output = Result<(), Box<dyn std::error::Error>>>) {
/// #     tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(test).unwrap();
/// # }
/// ```
#[derive(Debug)]
pub struct Drydock {
    account: Account,
    address: SocketAddr,
    url: String,
    control: Control,
    /// Not held: the data must be free when the serving ends.
    harbour: Weak<Harbour>,
    serving: Option<Serving>,
}

#[derive(Debug)]
struct Serving {
    stop: oneshot::Sender<()>,
    thread: JoinHandle<()>,
}

impl Drydock {
    /// Opens the data and serves them.
    ///
    /// # Errors
    ///
    /// [`DrydockError::InUse`] if somebody else serves these data, [`DrydockError::Damaged`] if they cannot be
    /// understood, [`DrydockError::Listen`] if the port is taken, [`DrydockError::AccountName`] if Azure would not
    /// take the name, [`DrydockError::Io`] if the directory cannot be used.
    pub async fn start(options: DrydockOptions) -> Result<Self, DrydockError> {
        // Reading a large journal takes seconds.
        tokio::task::spawn_blocking(move || Self::start_blocking(&options))
            .await
            .unwrap_or_else(|panicked| Err(DrydockError::Io(std::io::Error::other(panicked))))
    }

    fn start_blocking(options: &DrydockOptions) -> Result<Self, DrydockError> {
        fs_err::create_dir_all(&options.data)?;
        let lock = lock(&options.data)?;
        let account = Account::open(&options.data, options.account.as_deref())?;
        let control = Control::default();
        let store = Store::open(&options.data, control.lease_time().clone()).map_err(damaged)?;
        let (listener, address) = listen(options.listen)?;
        let url = format!("http://{address}/{}", account.name);
        let harbour = Arc::new(Harbour {
            account: account.clone(),
            store,
            control: control.clone(),
            public_access: options.public_access,
            address,
            url: url.clone(),
        });
        let seeded = Arc::downgrade(&harbour);
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(options.threads.unwrap_or_else(processors))
            .thread_name("drydock")
            .enable_all()
            .build()?;
        let (stop, stopped) = oneshot::channel();
        let thread = std::thread::Builder::new()
            .name("drydock-main".to_owned())
            .spawn(move || {
                runtime.block_on(server::serve(listener, harbour, stopped));
                // Ends every connection, and with the last of them the store.
                drop(runtime);
                drop(lock);
            })?;
        Ok(Self {
            account,
            address,
            url,
            control,
            harbour: seeded,
            serving: Some(Serving { stop, thread }),
        })
    }

    /// The service's URL, `http://127.0.0.1:PORT/ACCOUNT`.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// The account's name.
    pub fn account(&self) -> &str {
        &self.account.name
    }

    /// The account's key.
    pub fn key(&self) -> &AccountKey {
        &self.account.key
    }

    /// A connection string with the key.
    pub fn connection_string(&self) -> String {
        format!(
            "DefaultEndpointsProtocol=http;AccountName={};AccountKey={};BlobEndpoint={};",
            self.account.name,
            self.account.key.expose(),
            self.url
        )
    }

    /// The handle to its faults and counters.
    pub fn control(&self) -> Control {
        self.control.clone()
    }

    /// A SAS of the account for blobs, containers and the service, valid from now on.
    ///
    /// `permissions` are the letters of `sp`, for example `rwdlac`.
    pub fn account_sas(&self, permissions: &str, valid: Duration) -> SasToken {
        let expiry = SystemTime::now() + valid;
        sas::account_sas(&self.account.name, &self.account.key, permissions, expiry)
    }

    /// A SAS of one container, valid from now on.
    ///
    /// `permissions` are the letters of `sp`, for example `rl`.
    pub fn container_sas(&self, container: &str, permissions: &str, valid: Duration) -> SasToken {
        let expiry = SystemTime::now() + valid;
        sas::container_sas(
            &self.account.name,
            &self.account.key,
            container,
            permissions,
            expiry,
        )
    }

    /// Makes synthetic blobs, many at once, and tells how many. They cost what the index needs and no content.
    ///
    /// # Errors
    ///
    /// [`DrydockError::Seed`] at the first that cannot be made; those before it may have been.
    pub fn seed(&self, seeds: impl IntoIterator<Item = Seed>) -> Result<u64, DrydockError> {
        let failed = |error: SeedError| DrydockError::Seed(Box::new(error));
        let Some(harbour) = self.harbour.upgrade() else {
            return Ok(0);
        };
        let mut sower = Sower::new(&harbour.store);
        for seed in seeds {
            sower.take(seed).map_err(failed)?;
        }
        sower.finish().map_err(failed)
    }

    /// Ready commands for azcopy, rclone, az, curl and Python. They hold the key or signatures by it.
    pub fn examples(&self, container: &str) -> String {
        examples::commands(self, container)
    }

    /// Stops serving, and returns when the data are free for the next one.
    pub async fn shutdown(mut self) {
        if let Some(serving) = self.serving.take() {
            // A panic of the serving thread was reported by it.
            let _ = tokio::task::spawn_blocking(move || serving.end()).await;
        }
    }
}

impl Drop for Drydock {
    fn drop(&mut self) {
        if let Some(serving) = self.serving.take() {
            serving.end();
        }
    }
}

impl Serving {
    fn end(self) {
        // The thread may have ended by itself.
        let _ = self.stop.send(());
        let _ = self.thread.join();
    }
}

fn processors() -> usize {
    std::thread::available_parallelism().map_or(2, usize::from)
}

fn listen(wanted: SocketAddr) -> Result<(TcpListener, SocketAddr), DrydockError> {
    let open = || {
        let listener = TcpListener::bind(wanted)?;
        listener.set_nonblocking(true)?;
        let address = listener.local_addr()?;
        Ok((listener, address))
    };
    open().map_err(|source| DrydockError::Listen {
        address: wanted,
        source,
    })
}

/// Takes the data for this process; the lock goes with the file.
fn lock(folder: &Path) -> Result<File, DrydockError> {
    let file = File::create(folder.join("lock"))?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(std::fs::TryLockError::WouldBlock) => Err(DrydockError::InUse {
            path: folder.to_owned(),
        }),
        Err(std::fs::TryLockError::Error(error)) => Err(error.into()),
    }
}

fn damaged(error: OpenError) -> DrydockError {
    match error {
        OpenError::Io(error) => DrydockError::Io(error),
        OpenError::Damaged { path, source } => DrydockError::Damaged {
            path,
            source: Box::new(source),
        },
    }
}

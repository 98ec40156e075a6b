//! A stand-in, a source directory and a home: all that a run of the binary needs.

use std::path::{Path, PathBuf};

use longshore_drydock::{Control, Counters, Drydock, DrydockOptions, Operation};
use tempfile::TempDir;
use tokio::runtime::Runtime;

use crate::binary::{Ran, Run};

/// The container that runs write to.
pub const CONTAINER: &str = "library";

/// A place to stage a library in.
#[derive(Debug)]
pub struct Pier {
    runtime: Runtime,
    drydock: Option<Drydock>,
    folder: TempDir,
}

impl Pier {
    /// An empty source and an empty stand-in that has [`CONTAINER`].
    ///
    /// # Panics
    ///
    /// When there is no place for it.
    pub fn new() -> Self {
        let folder = tempfile::tempdir().expect("a temporary directory");
        for name in ["source", "home"] {
            fs_err::create_dir(folder.path().join(name)).expect("a directory");
        }
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(2)
            .enable_all()
            .build()
            .expect("a runtime");
        let mut pier = Self {
            runtime,
            drydock: None,
            folder,
        };
        pier.launch();
        pier.create_container(CONTAINER);
        pier
    }

    /// Starts the stand-in, on the data that it had.
    fn launch(&mut self) {
        let options = DrydockOptions::new(self.folder.path().join("data"));
        let drydock = self
            .runtime
            .block_on(Drydock::start(options))
            .expect("the stand-in starts");
        self.drydock = Some(drydock);
    }

    fn create_container(&self, name: &str) {
        let url = format!(
            "{}/{name}?restype=container&{}",
            self.drydock().url(),
            self.sas("racwdl")
        );
        let request = reqwest::Client::new()
            .put(url)
            .header("content-length", "0");
        let answer = self
            .runtime
            .block_on(request.send())
            .expect("the stand-in answers");
        assert!(answer.status().is_success(), "{}", answer.status());
        self.control().reset_counters();
    }

    /// The stand-in.
    ///
    /// # Panics
    ///
    /// Never: it is there from the beginning.
    pub fn drydock(&self) -> &Drydock {
        self.drydock.as_ref().expect("the stand-in is running")
    }

    /// The faults and counters of the stand-in.
    pub fn control(&self) -> Control {
        self.drydock().control()
    }

    /// What was asked of the stand-in so far.
    pub fn counters(&self) -> Counters {
        self.control().counters()
    }

    /// What was asked so far of one operation.
    pub fn requests(&self, operation: Operation) -> u64 {
        self.counters().requests(operation)
    }

    /// A shared access signature of the account.
    pub fn sas(&self, permissions: &str) -> String {
        let hour = std::time::Duration::from_hours(1);
        self.drydock()
            .account_sas(permissions, hour)
            .expose()
            .to_owned()
    }

    /// Where the library goes.
    pub fn destination(&self) -> String {
        format!("{}/{CONTAINER}", self.drydock().url())
    }

    /// The source directory.
    pub fn source(&self) -> PathBuf {
        self.folder.path().join("source")
    }

    /// The folder that holds all of this.
    pub fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// Writes a file of the source.
    ///
    /// # Panics
    ///
    /// When it cannot be written.
    pub fn write(&self, name: &str, bytes: impl AsRef<[u8]>) {
        let path = self.source().join(name);
        let parent = path.parent().expect("a parent");
        fs_err::create_dir_all(parent).expect("a directory");
        fs_err::write(path, bytes).expect("a file");
    }

    /// `longshore sync SOURCE DESTINATION --output json` and these arguments.
    pub fn sync(&self, arguments: &[&str]) -> Run {
        self.sync_to(&self.destination(), arguments)
    }

    /// The same to another destination.
    ///
    /// # Panics
    ///
    /// When the system's temporary directory is not Unicode.
    pub fn sync_to(&self, destination: &str, arguments: &[&str]) -> Run {
        let source = self.source();
        let source = source.to_str().expect("a path in Unicode");
        self.longshore(&[&["sync", source, destination], arguments].concat())
    }

    /// `longshore` with these arguments and `--output json`, signed in to the stand-in.
    pub fn longshore(&self, arguments: &[&str]) -> Run {
        let home = self.folder.path().join("home");
        Run::new(&home, arguments)
            .env("LONGSHORE_OUTPUT", "json")
            .env("AZURE_STORAGE_ACCOUNT", self.drydock().account())
            .env("AZURE_STORAGE_KEY", &self.drydock().key().expose())
    }

    /// Syncs, and expects it to go well.
    ///
    /// # Panics
    ///
    /// When it does not.
    pub fn synced(&self) -> Ran {
        let ran = self.sync(&[]).run();
        assert_eq!(ran.code, Some(0), "{}{}", ran.stdout, ran.stderr);
        ran
    }

    /// The bytes of a blob; none when there is no such blob.
    ///
    /// # Panics
    ///
    /// When the stand-in does not answer.
    pub fn blob(&self, name: &str) -> Option<Vec<u8>> {
        let url = format!("{}/{name}?{}", self.destination(), self.sas("r"));
        self.runtime.block_on(async {
            let answer = reqwest::get(url).await.expect("the stand-in answers");
            match answer.status().as_u16() {
                404 => None,
                200 => Some(answer.bytes().await.expect("a whole body").to_vec()),
                status => panic!("status {status}"),
            }
        })
    }

    /// Makes sure that the blobs are the files, byte by byte.
    ///
    /// # Panics
    ///
    /// When they are not.
    pub fn assert_staged(&self, names: &[&str]) {
        for name in names {
            let file = fs_err::read(self.source().join(name)).expect("a file");
            assert!(self.blob(name) == Some(file), "`{name}` differs");
        }
    }
}

impl Default for Pier {
    fn default() -> Self {
        Self::new()
    }
}

impl Drop for Pier {
    fn drop(&mut self) {
        if let Some(drydock) = self.drydock.take() {
            self.runtime.block_on(drydock.shutdown());
        }
    }
}

/// Bytes that do not repeat, the same for the same seed.
pub fn noise(seed: u64, length: usize) -> Vec<u8> {
    use rand::{RngCore, SeedableRng};

    let mut bytes = vec![0; length];
    rand::rngs::SmallRng::seed_from_u64(seed).fill_bytes(&mut bytes);
    bytes
}

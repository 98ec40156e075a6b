//! Two ends of a run of any direction, and what they hold.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use futures::TryStreamExt;
use longshore_store::{
    BlobStore, BlobStoreExt, CountStore, Counts, DeleteOptions, Fault, FaultStore, ListOptions,
    MemoryStore, WriteOptions,
};
use longshore_sync::{
    Apply, CachePlace, Cancel, DeletePolicy, Direction, Header, MaxDelete, NoReporter, Operation,
    Place, PlanReader, Shown, Summary, Sync, SyncError, SyncOptions,
};
use tempfile::TempDir;

/// Names and what stands under them.
pub(crate) type Tree = BTreeMap<String, Vec<u8>>;

/// A source that changes, and a destination that is to follow.
pub(crate) struct Ends {
    pub(crate) direction: Direction,
    pub(crate) files: TempDir,
    pub(crate) here: MemoryStore,
    pub(crate) there: MemoryStore,
    pub(crate) target: TempDir,
    plans: TempDir,
}

/// What came of one run, and what it asked the destination for.
pub(crate) struct Went {
    pub(crate) outcome: Result<Summary, SyncError>,
    pub(crate) counts: Counts,
}

/// What everything is allowed to do.
pub(crate) fn all_allowed() -> SyncOptions {
    SyncOptions {
        delete: DeletePolicy::Unmanaged,
        max_delete: MaxDelete::Percent(100),
        cache: CachePlace::Off,
        ..SyncOptions::default()
    }
}

impl Ends {
    pub(crate) fn new(direction: Direction) -> Self {
        let dir = || tempfile::tempdir().unwrap();
        Self {
            direction,
            files: dir(),
            here: MemoryStore::new(),
            there: MemoryStore::new(),
            target: dir(),
            plans: dir(),
        }
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.files.path().join(name)
    }

    pub(crate) fn write(&self, name: &str, bytes: impl AsRef<[u8]>) {
        write(&self.path(name), bytes.as_ref());
    }

    pub(crate) fn remove(&self, name: &str) {
        let _ = fs_err::remove_file(self.path(name));
    }

    /// Makes the source what the files are: they are the source themselves, or are staged into it.
    pub(crate) async fn settle(&self) {
        if self.direction != Direction::Up {
            let destination = Place::container(Arc::new(self.here.clone()), "");
            let sync = Sync::new(
                &Place::directory(self.files.path()),
                &destination,
                all_allowed(),
            );
            let run = sync.unwrap().run(Arc::new(NoReporter), Cancel::new());
            assert_eq!(run.await.unwrap().failed, 0);
        }
    }

    fn source(&self) -> Place {
        match self.direction {
            Direction::Up => Place::directory(self.files.path()),
            _ => Place::container(Arc::new(self.here.clone()), ""),
        }
    }

    fn destination(
        &self,
        faults: Vec<Fault>,
    ) -> (Place, Option<CountStore<FaultStore<MemoryStore>>>) {
        match self.direction {
            Direction::Down => (Place::directory(self.target.path()), None),
            _ => {
                let store = CountStore::new(FaultStore::new(self.there.clone(), faults));
                (
                    Place::container(Arc::new(store.clone()), "lib/"),
                    Some(store),
                )
            }
        }
    }

    /// Source and destination, the container among them with faults.
    fn places(
        &self,
        faults: Vec<Fault>,
    ) -> (Place, Place, Option<CountStore<FaultStore<MemoryStore>>>) {
        if self.direction == Direction::Down {
            let store = CountStore::new(FaultStore::new(self.here.clone(), faults));
            let source = Place::container(Arc::new(store.clone()), "");
            return (source, self.destination(Vec::new()).0, Some(store));
        }
        let (destination, store) = self.destination(faults);
        (self.source(), destination, store)
    }

    pub(crate) async fn sync(&self, options: SyncOptions, faults: Vec<Fault>) -> Went {
        let (source, destination, store) = self.places(faults);
        let sync = Sync::new(&source, &destination, options).unwrap();
        let outcome = sync.run(Arc::new(NoReporter), Cancel::new()).await;
        let counts = store.map(|store| store.snapshot()).unwrap_or_default();
        Went { outcome, counts }
    }

    /// Makes a plan and keeps it in a file.
    pub(crate) async fn plan(&self, options: SyncOptions) -> Result<PathBuf, SyncError> {
        let (source, destination, _) = self.places(Vec::new());
        let sync = Sync::new(&source, &destination, options).unwrap();
        let shown = Shown::default();
        let (mut plan, _) = sync
            .plan(shown, Arc::new(NoReporter), Cancel::new())
            .await?;
        let path = self.plans.path().join("plan.ndjson");
        plan.save(&path)?;
        Ok(path)
    }

    pub(crate) async fn apply(&self, plan: &Path, faults: Vec<Fault>) -> Went {
        self.apply_with(plan, faults, Cancel::new()).await
    }

    pub(crate) async fn apply_with(&self, plan: &Path, faults: Vec<Fault>, cancel: Cancel) -> Went {
        let (source, destination, store) = self.places(faults);
        let reader = PlanReader::open(plan).unwrap();
        let apply = Apply::new(reader, &source, &destination, all_allowed()).unwrap();
        let outcome = apply.run(Arc::new(NoReporter), cancel).await;
        let counts = store.map(|store| store.snapshot()).unwrap_or_default();
        Went { outcome, counts }
    }

    /// What the files are.
    pub(crate) fn wanted(&self) -> Tree {
        read_tree(self.files.path())
    }

    /// What the destination holds.
    pub(crate) async fn held(&self) -> Tree {
        if self.direction == Direction::Down {
            return read_tree(self.target.path());
        }
        let blobs = self.there.list(ListOptions::default());
        let names: Vec<String> = blobs.map_ok(|blob| blob.name).try_collect().await.unwrap();
        let mut tree = Tree::new();
        for name in names {
            let bytes = self
                .there
                .read(&name.as_str().try_into().unwrap())
                .await
                .unwrap();
            let relative = name.strip_prefix("lib/").unwrap_or(&name);
            tree.insert(relative.to_owned(), bytes.to_vec());
        }
        tree
    }

    /// Writes into the destination as somebody else.
    pub(crate) async fn interfere(&self, name: &str, bytes: &'static [u8]) {
        match self.direction {
            Direction::Down => write(&self.target.path().join(name), bytes),
            _ => {
                let name = format!("lib/{name}");
                let name = name.as_str().try_into().unwrap();
                self.there
                    .put(&name, bytes.into(), WriteOptions::default())
                    .await
                    .unwrap();
            }
        }
    }

    /// Deletes in the destination as somebody else.
    pub(crate) async fn take_away(&self, name: &str) {
        match self.direction {
            Direction::Down => fs_err::remove_file(self.target.path().join(name)).unwrap(),
            _ => {
                let name = format!("lib/{name}");
                let name = name.as_str().try_into().unwrap();
                self.there
                    .delete(&name, DeleteOptions::default())
                    .await
                    .unwrap();
            }
        }
    }
}

/// The lines of a plan.
pub(crate) fn lines(plan: &Path) -> (Header, Vec<Operation>) {
    let reader = PlanReader::open(plan).unwrap();
    let header = reader.header().clone();
    (header, reader.map(Result::unwrap).collect())
}

fn write(path: &Path, bytes: &[u8]) {
    fs_err::create_dir_all(path.parent().unwrap()).unwrap();
    fs_err::write(path, bytes).unwrap();
}

fn read_tree(root: &Path) -> Tree {
    fn walk(root: &Path, directory: &Path, tree: &mut Tree) {
        for entry in fs_err::read_dir(directory).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                walk(root, &path, tree);
            } else {
                let name = path.strip_prefix(root).unwrap().to_str().unwrap();
                tree.insert(name.to_owned(), fs_err::read(&path).unwrap());
            }
        }
    }
    let mut tree = Tree::new();
    walk(root, root, &mut tree);
    tree
}

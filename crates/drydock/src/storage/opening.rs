//! Opening a data directory: replaying its journal, forgetting what is too old, and tidying up.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, Weak};
use std::time::{Duration, SystemTime};

use super::blob::{Blob, Block, BlockId, Content, Entry};
use super::blobs::{BlobAddress, blob_record, block_record};
use super::container::Container;
use super::journal::{Journal, JournalError, Rewrite};
use super::lease::Lease;
use super::leases::lease_record;
use super::record::{BlockRecord, ContentRecord, Head, Record};
use super::stamp::Clock;
use super::vault::{Extent, Place, Vault};
use super::{State, Store};
use crate::time::LeaseTime;

/// The service forgets uncommitted blocks a week after the last one came.
const STAGED_LIFETIME: Duration = Duration::from_hours(7 * 24);

/// A journal is written anew when it holds this many records more than twice what is needed.
const TOLERATED_GARBAGE: usize = 1000;

/// Why a data directory could not be opened.
#[derive(Debug, thiserror::Error)]
pub(crate) enum OpenError {
    /// Reading or writing failed.
    #[error(transparent)]
    Io(#[from] std::io::Error),
    /// The journal does not hold what was written.
    #[error("the journal `{path}` cannot be read")]
    Damaged {
        path: PathBuf,
        #[source]
        source: JournalError,
    },
}

impl Store {
    /// Opens the data under `root`, which the caller has locked.
    pub(crate) fn open(root: &Path, lease_time: LeaseTime) -> Result<Self, OpenError> {
        fs_err::create_dir_all(root)?;
        let vault = Vault::open(&root.join("content"))?;
        let path = root.join("journal");
        let mut replay = Replay {
            vault: Arc::clone(&vault),
            clock: Clock::default(),
            containers: BTreeMap::new(),
            service: None,
            extents: HashMap::new(),
            records: 0,
        };
        let journal = Journal::open(&path, |record| replay.apply(record)).map_err(|source| {
            let path = path.clone();
            OpenError::Damaged { path, source }
        })?;
        let (clock, records) = (replay.clock, replay.records);
        let mut state = State {
            containers: replay.containers,
            service: replay.service,
            journal,
        };
        let forgotten = state.forget_old_blocks(SystemTime::now());
        let needed = state.records();
        if forgotten || records > 2 * needed + TOLERATED_GARBAGE {
            state.journal = state.rewrite(&path)?;
        }
        vault.sweep(&state.own_files())?;
        Ok(Self {
            vault,
            clock,
            lease_time,
            state: Mutex::new(state),
        })
    }
}

/// The index while it is being filled.
struct Replay {
    vault: Arc<Vault>,
    clock: Clock,
    containers: BTreeMap<String, Container>,
    service: Option<String>,
    /// Those that something holds. Copies share extents, and each place must be one of them: it is given back when the
    /// last holder is gone.
    extents: HashMap<Place, Weak<Extent>>,
    records: usize,
}

impl Replay {
    fn apply(&mut self, record: Record<'_>) {
        self.records += 1;
        match record {
            Record::Container { container, info } => {
                self.clock.saw(info.modified);
                if let Some(existing) = self.containers.get_mut(container.as_ref()) {
                    existing.info = info;
                } else {
                    let blobs = BTreeMap::new();
                    let created = Container {
                        info,
                        lease: None,
                        blobs,
                    };
                    self.containers.insert(container.into_owned(), created);
                }
            }
            Record::DropContainer { container } => {
                self.containers.remove(container.as_ref());
            }
            Record::Blob {
                container,
                name,
                head,
                content,
            } => self.blob(&container, &name, head, content),
            Record::Head {
                container,
                name,
                head,
            } => self.head(&container, &name, head),
            Record::Block {
                container,
                name,
                at,
                block,
            } => self.block(&container, &name, at, block),
            Record::DropBlob { container, name } => {
                if let Some(container) = self.containers.get_mut(container.as_ref()) {
                    container.blobs.remove(name.as_ref());
                }
            }
            Record::Lease {
                container,
                name,
                lease,
            } => self.lease(&container, name.as_deref(), lease),
            Record::Service { xml } => self.service = Some(xml.into_owned()),
        }
    }

    fn blob(&mut self, container: &str, name: &str, head: Head, content: ContentRecord) {
        self.clock.saw(head.modified);
        let content = self.content(content);
        let Some(container) = self.containers.get_mut(container) else {
            return;
        };
        let blob = Arc::new(Blob {
            created: head.created,
            modified: head.modified,
            length: content.extents().iter().map(|extent| extent.length()).sum(),
            attributes: head.attributes,
            content,
        });
        let entry = container.blobs.entry(name.into()).or_default();
        entry.committed = Some(blob);
        entry.staged = None;
    }

    fn content(&mut self, record: ContentRecord) -> Content {
        match record {
            ContentRecord::Empty => Content::Empty,
            ContentRecord::Whole(place, length) => Content::Whole(self.extent(place, length)),
            ContentRecord::Joined(places) => {
                let extents = places.into_iter();
                Content::Joined(
                    extents
                        .map(|(place, length)| self.extent(place, length))
                        .collect(),
                )
            }
            ContentRecord::Blocks(records) => {
                let blocks = records.into_iter();
                let blocks = blocks.map(|BlockRecord(id, place, length)| Block {
                    id: decode_id(&id),
                    extent: self.extent(place, length),
                });
                Content::Blocks(blocks.collect())
            }
        }
    }

    /// The extent of a place: the one that something holds already, or a new one.
    fn extent(&mut self, place: Place, length: u64) -> Arc<Extent> {
        let known = self.extents.get(&place).and_then(Weak::upgrade);
        known.unwrap_or_else(|| {
            let extent = self.vault.adopt(place, length);
            self.extents.insert(place, Arc::downgrade(&extent));
            extent
        })
    }

    fn lease(&mut self, container: &str, name: Option<&str>, lease: Option<Lease>) {
        let Some(container) = self.containers.get_mut(container) else {
            return;
        };
        let Some(name) = name else {
            container.lease = lease;
            return;
        };
        if let Some(entry) = container.blobs.get_mut(name) {
            entry.lease = lease.map(Box::new);
        }
    }

    fn head(&mut self, container: &str, name: &str, head: Head) {
        self.clock.saw(head.modified);
        let entry = self
            .containers
            .get_mut(container)
            .and_then(|container| container.blobs.get_mut(name));
        if let Some(Some(blob)) = entry.map(|entry| &mut entry.committed) {
            *blob = Arc::new(Blob {
                created: head.created,
                modified: head.modified,
                length: blob.length,
                attributes: head.attributes,
                content: blob.content.clone(),
            });
        }
    }

    fn block(&mut self, container: &str, name: &str, at: super::Stamp, block: BlockRecord) {
        self.clock.saw(at);
        let BlockRecord(id, place, length) = block;
        let extent = self.extent(place, length);
        if let Some(container) = self.containers.get_mut(container) {
            let entry = container.blobs.entry(name.into()).or_default();
            entry.stage(at, decode_id(&id), extent);
        }
    }
}

/// Where the content under a name lies.
fn places(entry: &Entry) -> impl Iterator<Item = Place> {
    let committed = entry
        .committed
        .iter()
        .flat_map(|blob| blob.content.extents());
    let staged = entry
        .staged
        .iter()
        .flat_map(|staged| staged.blocks.values().map(Arc::clone));
    committed.chain(staged).map(|extent| extent.place())
}

fn decode_id(id: &str) -> BlockId {
    hex::decode(id).unwrap_or_default().into()
}

impl State {
    /// Drops blocks that nobody committed for a week.
    fn forget_old_blocks(&mut self, now: SystemTime) -> bool {
        let mut forgotten = false;
        for container in self.containers.values_mut() {
            container.blobs.retain(|_, entry| {
                let old = entry
                    .staged
                    .as_ref()
                    .is_some_and(|staged| staged.touched.age(now) > STAGED_LIFETIME);
                if old {
                    entry.staged = None;
                    forgotten = true;
                }
                entry.committed.is_some() || entry.staged.is_some()
            });
        }
        forgotten
    }

    /// How many records a fresh journal would need.
    fn records(&self) -> usize {
        let of_entry = |entry: &Entry| {
            let staged = entry
                .staged
                .as_ref()
                .map_or(0, |staged| staged.blocks.len());
            staged + usize::from(entry.committed.is_some()) + usize::from(entry.lease.is_some())
        };
        let of_container = |container: &Container| {
            let blobs = container.blobs.values().map(of_entry);
            1 + usize::from(container.lease.is_some()) + blobs.sum::<usize>()
        };
        self.containers.values().map(of_container).sum()
    }

    fn rewrite(&self, path: &Path) -> std::io::Result<Journal> {
        let mut journal = Rewrite::start(path)?;
        if let Some(xml) = &self.service {
            journal.append(&Record::Service { xml: xml.into() })?;
        }
        for (container_name, container) in &self.containers {
            journal.append(&Record::Container {
                container: container_name.into(),
                info: container.info.clone(),
            })?;
            if let Some(lease) = &container.lease {
                journal.append(&lease_record(container_name, None, Some(lease)))?;
            }
            for (name, entry) in &container.blobs {
                let address = BlobAddress {
                    container: container_name.clone(),
                    name: name.to_string(),
                };
                rewrite_entry(&mut journal, &address, entry)?;
            }
        }
        journal.finish()
    }

    /// The content files that are in use.
    fn own_files(&self) -> HashSet<u64> {
        let entries = self
            .containers
            .values()
            .flat_map(|container| container.blobs.values());
        entries
            .flat_map(places)
            .filter_map(|place| match place {
                Place::Own(file) => Some(file),
                Place::Pack(..) | Place::Zeros(_) => None,
            })
            .collect()
    }
}

fn rewrite_entry(
    journal: &mut Rewrite,
    address: &BlobAddress,
    entry: &Entry,
) -> std::io::Result<()> {
    if let Some(blob) = &entry.committed {
        journal.append(&blob_record(address, blob))?;
    }
    if let Some(lease) = &entry.lease {
        let record = lease_record(&address.container, Some(&address.name), Some(lease));
        journal.append(&record)?;
    }
    if let Some(staged) = &entry.staged {
        for (id, extent) in &staged.blocks {
            journal.append(&Record::Block {
                container: (&address.container).into(),
                name: (&address.name).into(),
                at: staged.touched,
                block: block_record(id, extent),
            })?;
        }
    }
    Ok(())
}

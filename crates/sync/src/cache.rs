//! Digests of files that did not change since they were taken, so that an unchanged library is not read again.
//!
//! A redb database outside the source, one for each source directory. It is only ever a shortcut: an entry counts
//! when file identity, size, mtime and ctime are all as they were, and when the file had rested for a while before
//! the digest was taken (two writes within one tick of the clock leave the same times). A database that is broken,
//! deleted, of another version or in use by another run costs reading time and nothing else.

mod record;

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use fs_err as fs;
use longshore_content::Digests;
use redb::{
    Database, DatabaseError, ReadOnlyTable, ReadableDatabase, ReadableTableMetadata,
    TableDefinition, TableError,
};

use crate::CachePlace;
use crate::platform::{Nanoseconds, Stamp};
use record::{KEY_LENGTH, Record, VALUE_LENGTH, key};

type Key = [u8; KEY_LENGTH];
type Value = [u8; VALUE_LENGTH];
type Definition = TableDefinition<'static, Key, Value>;

/// The version is in the name: another one is another table.
const TABLE: Definition = TableDefinition::new("digests-1");

/// How many entries one transaction writes, and how long the first of them waits for the others.
const BATCH: usize = 4096;
const LATEST: Duration = Duration::from_secs(2);

/// So many parcels of entries may wait for it.
const AHEAD: usize = 64;

/// What the database may hold in memory, in bytes.
const MEMORY: usize = 4 << 20;

/// A look-up passes by so many entries that nobody asked for before it starts anew at the next that is wanted.
const OTHERS_PASSED: usize = 8;

/// A database with so many more entries than the source has files is begun anew.
const STALE_FACTOR: u64 = 4;
const STALE_SLACK: u64 = 10_000;

/// Why there is no cache.
#[derive(Debug, thiserror::Error)]
pub(crate) enum CacheError {
    #[error("there is no cache directory for this user")]
    NoDirectory,
    #[error("another run is using it")]
    InUse,
    #[error(transparent)]
    Io(#[from] std::io::Error),
    #[error(transparent)]
    Redb(#[from] redb::Error),
}

/// The digests of one source directory.
#[derive(Debug)]
pub(crate) struct DigestCache {
    database: Database,
    path: PathBuf,
    damaged: Arc<AtomicBool>,
}

impl DigestCache {
    /// Opens the cache for `source`; none when it is switched off.
    pub(crate) fn open(place: &CachePlace, source: &Path) -> Result<Option<Self>, CacheError> {
        let directory = match place {
            CachePlace::Off => return Ok(None),
            CachePlace::Directory(directory) => directory.clone(),
            CachePlace::User => user_directory().ok_or(CacheError::NoDirectory)?,
        };
        fs::create_dir_all(&directory)?;
        let path = directory.join(file_name(source));
        let database = open_or_begin_anew(&path)?;
        Ok(Some(Self {
            database,
            path,
            damaged: Arc::default(),
        }))
    }

    /// What was remembered when this was called.
    pub(crate) fn reader(&self) -> Option<Reader> {
        let open = || self.database.begin_read().ok()?.open_table(TABLE).ok();
        let table = unless_damaged(&self.damaged, open)??;
        Some(Reader {
            table,
            damaged: Arc::clone(&self.damaged),
        })
    }

    /// Starts the thread that notes down new digests.
    pub(crate) fn into_writer(self) -> Writer {
        let (sender, receiver) = sync_channel(AHEAD);
        let thread = std::thread::spawn(move || {
            let write = || write_all(&self.database, &receiver);
            if let Some(Err(error)) = unless_damaged(&self.damaged, write) {
                tracing::debug!(%error, "the digest cache could not be written");
            }
            // Senders must not block on a thread that has given up.
            receiver.iter().for_each(drop);
            self
        });
        Writer { sender, thread }
    }

    /// Drops what is of no use: all of it when it is damaged, or has entries of files long gone.
    fn tidy(self, files: Option<u64>) {
        let stale = |files| is_stale(&self.database, files).unwrap_or_default();
        let stale = files
            .is_some_and(|files| unless_damaged(&self.damaged, || stale(files)).unwrap_or(true));
        if stale || self.damaged.load(Ordering::Relaxed) {
            drop(self.database);
            if let Err(error) = fs::remove_file(&self.path) {
                tracing::debug!(%error, "the digest cache could not be begun anew");
            }
        }
    }
}

/// Does something with the database, which panics when its pages are damaged: they are not checked when they are read.
fn unless_damaged<T>(damaged: &AtomicBool, work: impl FnOnce() -> T) -> Option<T> {
    if damaged.load(Ordering::Relaxed) {
        return None;
    }
    let outcome = catch_unwind(AssertUnwindSafe(work));
    if outcome.is_err() {
        damaged.store(true, Ordering::Relaxed);
    }
    outcome.ok()
}

/// Where caches live: `$XDG_CACHE_HOME/longshore` and what takes its place elsewhere.
pub(crate) fn user_directory() -> Option<PathBuf> {
    use etcetera::BaseStrategy;

    let base = etcetera::choose_base_strategy().ok()?;
    Some(base.cache_dir().join("longshore").join("digests"))
}

fn file_name(source: &Path) -> String {
    let source = fs::canonicalize(source).unwrap_or_else(|_| source.to_owned());
    let digest = <sha2::Sha256 as sha2::Digest>::digest(source.as_os_str().as_encoded_bytes());
    format!("{}.redb", hex::encode(&digest[..16]))
}

/// Whatever is wrong with the file, a new one is right: there is nothing in it that cannot be read again.
fn open_or_begin_anew(path: &Path) -> Result<Database, CacheError> {
    let mut builder = Database::builder();
    builder.set_cache_size(MEMORY);
    match unless_damaged(&AtomicBool::new(false), || builder.create(path)) {
        Some(Ok(database)) => Ok(database),
        Some(Err(DatabaseError::DatabaseAlreadyOpen)) => Err(CacheError::InUse),
        _ => {
            tracing::debug!("the digest cache is begun anew");
            fs::remove_file(path)?;
            builder
                .create(path)
                .map_err(|error| CacheError::Redb(error.into()))
        }
    }
}

/// Looks digests up, as they were remembered when it was made, for as long as the cache or its writer is there.
pub(crate) struct Reader {
    table: ReadOnlyTable<Key, Value>,
    damaged: Arc<AtomicBool>,
}

impl std::fmt::Debug for Reader {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Reader").finish_non_exhaustive()
    }
}

impl Reader {
    /// The digests of each of these files in this very state.
    ///
    /// Files of one directory mostly have neighbouring keys, so one scan finds many of them.
    pub(crate) fn find(&self, stamps: &[Stamp]) -> Vec<Option<Digests>> {
        let mut found = vec![None; stamps.len()];
        let mut wanted: Vec<_> = stamps
            .iter()
            .map(|stamp| key(stamp.identity))
            .zip(0..)
            .collect();
        wanted.sort_unstable();
        let take = |at: usize, value| {
            found[at] = Record::decode(&value).and_then(|record| record.digests_for(&stamps[at]));
        };
        unless_damaged(&self.damaged, || self.scan(&wanted, take).ok());
        found
    }

    /// Hands out the values of those of the sorted keys that are there.
    fn scan(
        &self,
        mut wanted: &[(Key, usize)],
        mut take: impl FnMut(usize, Value),
    ) -> Result<(), redb::StorageError> {
        while let Some(((first, _), others)) = wanted.split_first() {
            let before = wanted.len();
            let mut others_passed = 0;
            for entry in self.table.range(*first..)? {
                let (key, value) = entry?;
                let behind = wanted.iter().take_while(|(it, _)| *it < key.value());
                wanted = &wanted[behind.count()..];
                others_passed += 1;
                while let Some(((_, at), rest)) = wanted
                    .split_first()
                    .filter(|((it, _), _)| *it == key.value())
                {
                    take(*at, value.value());
                    wanted = rest;
                    others_passed = 0;
                }
                if wanted.is_empty() || others_passed > OTHERS_PASSED {
                    break;
                }
            }
            if wanted.len() == before {
                wanted = others;
            }
        }
        Ok(())
    }
}

/// Notes digests down.
#[derive(Debug)]
pub(crate) struct Writer {
    sender: SyncSender<Vec<Entry>>,
    thread: JoinHandle<DigestCache>,
}

/// A file in some state, and its digests.
pub(crate) type Entry = (Stamp, Record);

/// A handle to note digests down with.
#[derive(Debug, Clone)]
pub(crate) struct Notes(SyncSender<Vec<Entry>>);

impl Notes {
    /// That the file in this state had these digests when it was opened.
    pub(crate) fn entry(stamp: &Stamp, taken: Nanoseconds, digests: Digests) -> Entry {
        (*stamp, Record::new(stamp, digests, taken))
    }

    /// Remembers entries, many at a time where there are many: each time wakes a thread. May wait for the disk.
    pub(crate) fn remember(&self, entries: Vec<Entry>) {
        // A closed channel costs a digest next time, and nothing now.
        let _ = self.0.send(entries);
    }
}

impl Writer {
    pub(crate) fn notes(&self) -> Notes {
        Notes(self.sender.clone())
    }

    /// Writes what is left, once every [`Notes`] is gone. `files` is what the source holds, when it was seen whole.
    pub(crate) fn finish(self, files: Option<u64>) {
        drop(self.sender);
        if let Ok(cache) = self.thread.join() {
            cache.tidy(files);
        }
    }
}

/// Writes what comes, many entries at a time, but none later than a little while after it came.
fn write_all(database: &Database, receiver: &Receiver<Vec<Entry>>) -> Result<(), redb::Error> {
    while let Ok(first) = receiver.recv() {
        let transaction = database.begin_write()?;
        {
            let mut table = transaction.open_table(TABLE)?;
            let until = Instant::now() + LATEST;
            let (mut next, mut written) = (Some(first), 0);
            while let Some(entries) = next {
                written += entries.len();
                for (stamp, record) in entries {
                    table.insert(key(stamp.identity), record.encode())?;
                }
                let left = until.saturating_duration_since(Instant::now());
                next = (written < BATCH)
                    .then(|| receiver.recv_timeout(left).ok())
                    .flatten();
            }
        }
        transaction.commit()?;
    }
    Ok(())
}

fn is_stale(database: &Database, files: u64) -> Result<bool, redb::Error> {
    let table = match database.begin_read()?.open_table(TABLE) {
        Ok(table) => table,
        Err(TableError::TableDoesNotExist(_)) => return Ok(false),
        Err(error) => return Err(error.into()),
    };
    Ok(table.len()? > files * STALE_FACTOR + STALE_SLACK)
}

#[cfg(test)]
mod tests;

//! Where the bytes of blobs and blocks lie: small bodies one after the other in pack files, each large one in a file
//! of its own.
//!
//! The vault knows nothing of names. It hands out [`Extent`]s, and an extent that nobody holds any more gives its
//! space back: a large file is removed at once, a pack when its last extent is gone. The exception is a vault that is
//! still being filled from the journal or is already closing, where letting go says nothing about the data.

use std::collections::{HashMap, HashSet};
use std::fs::File;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use serde::{Deserialize, Serialize};

use super::platform;

/// Bodies up to this size are collected in memory and go into a pack; larger ones stream into a file.
pub(crate) const SMALL: u64 = 256 * 1024;

/// A pack is closed when it has grown beyond this.
const PACK_SIZE: u64 = 64 * 1024 * 1024;

/// Where an extent lies, as the journal writes it down.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub(crate) enum Place {
    /// In a pack, at an offset.
    #[serde(rename = "p")]
    Pack(u32, u32),
    /// In a file of its own.
    #[serde(rename = "f")]
    Own(u64),
    /// Nowhere: so many zero bytes, made when they are read.
    #[serde(rename = "z")]
    Zeros(u64),
}

/// The folder with the content of one account.
#[derive(Debug)]
pub(crate) struct Vault {
    root: PathBuf,
    /// Whether an extent that is let go gives its space back.
    reclaiming: AtomicBool,
    next_file: AtomicU64,
    packs: Mutex<Packs>,
}

#[derive(Debug, Default)]
struct Packs {
    active: Option<Active>,
    next: u32,
    /// The extents that are alive, by pack.
    alive: HashMap<u32, u64>,
}

#[derive(Debug)]
struct Active {
    pack: u32,
    file: Arc<File>,
    end: u64,
}

/// Some bytes on disk, alive as long as somebody holds them.
#[derive(Debug)]
pub(crate) struct Extent {
    place: Place,
    length: u64,
    vault: Arc<Vault>,
}

impl Vault {
    /// Opens the folder; nothing is given back before [`Vault::sweep`].
    pub(crate) fn open(root: &Path) -> io::Result<Arc<Self>> {
        fs_err::create_dir_all(root)?;
        Ok(Arc::new(Self {
            root: root.to_owned(),
            reclaiming: AtomicBool::new(false),
            next_file: AtomicU64::new(0),
            packs: Mutex::default(),
        }))
    }

    /// Takes an extent over from the journal.
    pub(crate) fn adopt(self: &Arc<Self>, place: Place, length: u64) -> Arc<Extent> {
        if let Place::Pack(pack, _) = place {
            *self.packs().alive.entry(pack).or_default() += 1;
        }
        self.extent(place, length)
    }

    /// Removes every file that no extent names, and starts giving space back.
    ///
    /// `own` are the files of extents outside packs.
    pub(crate) fn sweep(&self, own: &HashSet<u64>) -> io::Result<()> {
        let mut packs = self.packs();
        packs.alive.retain(|_, extents| *extents > 0);
        let (mut last_pack, mut last_file) = (0, 0);
        for entry in fs_err::read_dir(&self.root)? {
            let entry = entry?;
            let keep = match parse(&entry.file_name().to_string_lossy()) {
                Some(Place::Pack(pack, _)) => {
                    last_pack = last_pack.max(pack + 1);
                    packs.alive.contains_key(&pack)
                }
                Some(Place::Own(file)) => {
                    last_file = last_file.max(file + 1);
                    own.contains(&file)
                }
                Some(Place::Zeros(_)) | None => true,
            };
            if !keep {
                fs_err::remove_file(entry.path())?;
            }
        }
        packs.next = last_pack;
        self.next_file.store(last_file, Ordering::Relaxed);
        self.reclaiming.store(true, Ordering::Release);
        Ok(())
    }

    /// From now on letting an extent go leaves its bytes where they are.
    pub(crate) fn close(&self) {
        self.reclaiming.store(false, Ordering::Release);
    }

    /// Appends a small body to the pack in use.
    pub(crate) fn put_small(self: &Arc<Self>, bytes: &[u8]) -> io::Result<Arc<Extent>> {
        let length = bytes.len() as u64;
        let (file, pack, offset) = self.reserve(length)?;
        let extent = self.extent(Place::Pack(pack, offset), length);
        platform::write_all_at(&file, bytes, u64::from(offset))?;
        Ok(extent)
    }

    /// Starts a file for one large body of `length` bytes.
    pub(crate) fn put_large(self: &Arc<Self>, length: u64) -> io::Result<LargeWriter> {
        let number = self.next_file.fetch_add(1, Ordering::Relaxed);
        let file = File::create_new(self.own_path(number))?;
        Ok(LargeWriter {
            file,
            extent: self.extent(Place::Own(number), length),
        })
    }

    /// Starts a body of any size.
    pub(crate) fn put(self: &Arc<Self>, length: u64) -> io::Result<ExtentWriter> {
        Ok(if length <= SMALL {
            ExtentWriter::Small(Arc::clone(self), Vec::new())
        } else {
            ExtentWriter::Large(self.put_large(length)?)
        })
    }

    /// So many zero bytes, which take no space.
    pub(crate) fn zeros(self: &Arc<Self>, length: u64) -> Arc<Extent> {
        self.extent(Place::Zeros(length), length)
    }

    fn reserve(&self, length: u64) -> io::Result<(Arc<File>, u32, u32)> {
        let mut packs = self.packs();
        if packs
            .active
            .as_ref()
            .is_some_and(|active| active.end + length > PACK_SIZE)
        {
            self.retire(&mut packs);
        }
        let active = match packs.active.take() {
            Some(active) => active,
            None => self.start_pack(&mut packs)?,
        };
        let active = packs.active.insert(active);
        let (file, pack, offset) = (Arc::clone(&active.file), active.pack, active.end);
        active.end += length;
        *packs.alive.entry(pack).or_default() += 1;
        let offset = u32::try_from(offset).map_err(io::Error::other)?;
        Ok((file, pack, offset))
    }

    fn start_pack(&self, packs: &mut Packs) -> io::Result<Active> {
        let pack = packs.next;
        let file = File::create_new(self.pack_path(pack))?;
        packs.next += 1;
        Ok(Active {
            pack,
            file: Arc::new(file),
            end: 0,
        })
    }

    /// Closes the pack in use; it may have died already.
    fn retire(&self, packs: &mut Packs) {
        let Some(active) = packs.active.take() else {
            return;
        };
        if packs.alive.get(&active.pack) == Some(&0) {
            packs.alive.remove(&active.pack);
            remove(&self.pack_path(active.pack));
        }
    }

    fn release(&self, place: Place) {
        let reclaiming = self.reclaiming.load(Ordering::Acquire);
        match place {
            Place::Own(file) if reclaiming => remove(&self.own_path(file)),
            Place::Own(_) | Place::Zeros(_) => {}
            Place::Pack(pack, _) => {
                let mut packs = self.packs();
                let Some(alive) = packs.alive.get_mut(&pack) else {
                    return;
                };
                *alive -= 1;
                let dead = *alive == 0;
                let active = packs
                    .active
                    .as_ref()
                    .is_some_and(|active| active.pack == pack);
                if dead && !active && reclaiming {
                    packs.alive.remove(&pack);
                    remove(&self.pack_path(pack));
                }
            }
        }
    }

    fn extent(self: &Arc<Self>, place: Place, length: u64) -> Arc<Extent> {
        Arc::new(Extent {
            place,
            length,
            vault: Arc::clone(self),
        })
    }

    fn pack_path(&self, pack: u32) -> PathBuf {
        self.root.join(format!("{pack:08x}.pack"))
    }

    fn own_path(&self, file: u64) -> PathBuf {
        self.root.join(format!("{file:016x}.block"))
    }

    fn packs(&self) -> std::sync::MutexGuard<'_, Packs> {
        self.packs.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn remove(path: &Path) {
    if let Err(error) = fs_err::remove_file(path) {
        // The next start sweeps it.
        tracing::warn!(%error, "content that is no longer needed could not be removed");
    }
}

fn parse(file_name: &str) -> Option<Place> {
    if let Some(pack) = file_name.strip_suffix(".pack") {
        return Some(Place::Pack(u32::from_str_radix(pack, 16).ok()?, 0));
    }
    let file = file_name.strip_suffix(".block")?;
    Some(Place::Own(u64::from_str_radix(file, 16).ok()?))
}

impl Extent {
    /// Where the bytes lie.
    pub(crate) fn place(&self) -> Place {
        self.place
    }

    /// How many bytes there are.
    pub(crate) fn length(&self) -> u64 {
        self.length
    }

    /// Opens the bytes for reading.
    pub(crate) fn open(self: &Arc<Self>) -> io::Result<ExtentReader> {
        let (path, base) = match self.place {
            Place::Pack(pack, offset) => (Some(self.vault.pack_path(pack)), u64::from(offset)),
            Place::Own(file) => (Some(self.vault.own_path(file)), 0),
            Place::Zeros(_) => (None, 0),
        };
        Ok(ExtentReader {
            file: path.map(File::open).transpose()?,
            base,
            _extent: Arc::clone(self),
        })
    }
}

impl Drop for Extent {
    fn drop(&mut self) {
        self.vault.release(self.place);
    }
}

/// An open extent; holding it keeps the bytes alive.
#[derive(Debug)]
pub(crate) struct ExtentReader {
    /// None: the bytes are zeros.
    file: Option<File>,
    base: u64,
    _extent: Arc<Extent>,
}

impl ExtentReader {
    /// Fills `buffer` with the bytes at `offset` of the extent.
    pub(crate) fn read_exact_at(&self, mut buffer: &mut [u8], mut offset: u64) -> io::Result<()> {
        let Some(file) = &self.file else {
            buffer.fill(0);
            return Ok(());
        };
        while !buffer.is_empty() {
            let read = platform::read_at(file, buffer, self.base + offset)?;
            if read == 0 {
                return Err(io::ErrorKind::UnexpectedEof.into());
            }
            buffer = &mut buffer[read..];
            offset += read as u64;
        }
        Ok(())
    }
}

/// A large body on its way to disk; dropped before [`LargeWriter::finish`] it leaves nothing behind.
#[derive(Debug)]
pub(crate) struct LargeWriter {
    file: File,
    extent: Arc<Extent>,
}

impl LargeWriter {
    /// Appends a piece.
    pub(crate) fn write(&mut self, piece: &[u8]) -> io::Result<()> {
        io::Write::write_all(&mut self.file, piece)
    }

    /// All the announced bytes were written.
    pub(crate) fn finish(self) -> Arc<Extent> {
        self.extent
    }
}

/// A body of any size on its way to disk.
#[derive(Debug)]
pub(crate) enum ExtentWriter {
    /// It is collected first.
    Small(Arc<Vault>, Vec<u8>),
    /// It goes into a file of its own.
    Large(LargeWriter),
}

impl ExtentWriter {
    /// Appends a piece.
    pub(crate) fn write(&mut self, piece: &[u8]) -> io::Result<()> {
        match self {
            Self::Small(_, bytes) => bytes.extend_from_slice(piece),
            Self::Large(writer) => writer.write(piece)?,
        }
        Ok(())
    }

    /// All the announced bytes were written; none if there are none.
    pub(crate) fn finish(self) -> io::Result<Option<Arc<Extent>>> {
        match self {
            Self::Small(_, bytes) if bytes.is_empty() => Ok(None),
            Self::Small(vault, bytes) => vault.put_small(&bytes).map(Some),
            Self::Large(writer) => Ok(Some(writer.finish())),
        }
    }
}

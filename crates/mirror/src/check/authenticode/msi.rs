//! Packages of Windows Installer: where the signature is, and what it is over.
//!
//! A package is a small file system in a file. Its digest is over the contents of all streams, in the order of their
//! names, and the class of each storage; where a second stream says so, over names, sizes and times too.

use std::io::{self, Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use aws_lc_rs::digest::{Context, Digest};
use cfb::{CompoundFile, Entry};

use super::algorithm::DigestAlgorithm;
use super::fault::Fault;

/// What every compound file begins with.
pub(super) const MAGIC: [u8; 8] = [0xd0, 0xcf, 0x11, 0xe0, 0xa1, 0xb1, 0x1a, 0xe1];

const SIGNATURE: &str = "\u{5}DigitalSignature";
const EXTENDED: &str = "\u{5}MsiDigitalSignatureEx";

/// No honest signature comes near it.
const MAX_SIGNATURE: u64 = 16 << 20;

/// Packages nest a storage or two.
const MAX_DEPTH: usize = 32;

/// From the beginning of the format's time to that of Unix, in its steps of 100 ns.
const EPOCH: u128 = 11_644_473_600 * 10_000_000;

/// A package, opened.
#[derive(Debug)]
pub(super) struct Package<F> {
    file: CompoundFile<F>,
    length: u64,
}

impl<F: Read + Seek> Package<F> {
    pub(super) fn open(mut file: F) -> Result<Self, Fault> {
        let length = file.seek(SeekFrom::End(0))?;
        check_tables(&mut file, length)?;
        let file = CompoundFile::open(file)?;
        Ok(Self { file, length })
    }

    /// The signature in the package, if there is one.
    pub(super) fn signature(&mut self) -> Result<Option<Vec<u8>>, Fault> {
        self.small_stream(SIGNATURE)
    }

    /// Whether names, sizes and times are signed too.
    pub(super) fn is_extended(&self) -> bool {
        self.file.is_stream(at_root(EXTENDED))
    }

    /// The digest of the package without its signature.
    pub(super) fn digest(&mut self, algorithm: DigestAlgorithm) -> Result<Digest, Fault> {
        let tree = self.tree()?;
        let mut context = algorithm.start();
        if self.is_extended() {
            let mut metadata = algorithm.start();
            tree.feed_metadata(&mut metadata);
            context.update(metadata.finish().as_ref());
        }
        self.feed(&tree, &mut context)?;
        Ok(context.finish())
    }

    /// The storages and streams that are signed; refused when they claim more than the file can hold.
    fn tree(&self) -> Result<Node, Fault> {
        let mut root = self.node(self.file.root_entry(), 0)?;
        root.children
            .retain(|child| ![SIGNATURE, EXTENDED].contains(&child.entry.name()));
        if root.size() > self.length {
            return Err(Fault::malformed("its streams are larger than the file"));
        }
        Ok(root)
    }

    fn node(&self, entry: Entry, depth: usize) -> Result<Node, Fault> {
        if depth > MAX_DEPTH {
            return Err(Fault::malformed("its storages are nested too deep"));
        }
        let mut children = Vec::new();
        if !entry.is_stream() {
            for child in self.file.read_storage(entry.path())? {
                children.push(self.node(child, depth + 1)?);
            }
        }
        children.sort_by_cached_key(|child| utf16(child.entry.name()));
        Ok(Node { entry, children })
    }

    fn feed(&mut self, node: &Node, context: &mut Context) -> Result<(), Fault> {
        if node.entry.is_stream() {
            let stream = self.file.open_stream(node.entry.path())?;
            let read = io::copy(&mut stream.take(node.entry.len()), &mut Feed(context))?;
            if read < node.entry.len() {
                return Err(Fault::malformed("one of its streams ends early"));
            }
            return Ok(());
        }
        for child in &node.children {
            self.feed(child, context)?;
        }
        context.update(&node.entry.clsid().to_bytes_le());
        Ok(())
    }

    fn small_stream(&mut self, name: &str) -> Result<Option<Vec<u8>>, Fault> {
        let path = at_root(name);
        if !self.file.is_stream(&path) {
            return Ok(None);
        }
        let stream = self.file.open_stream(&path)?;
        if stream.len() > MAX_SIGNATURE {
            return Err(Fault::malformed("the signature is too large"));
        }
        let mut bytes = Vec::new();
        stream.take(MAX_SIGNATURE).read_to_end(&mut bytes)?;
        Ok(Some(bytes))
    }
}

/// A storage with what is in it, or a stream.
#[derive(Debug)]
struct Node {
    entry: Entry,
    children: Vec<Self>,
}

impl Node {
    /// How many bytes all streams hold.
    fn size(&self) -> u64 {
        let below = self.children.iter().map(Self::size);
        let own = if self.entry.is_stream() {
            self.entry.len()
        } else {
            0
        };
        below.fold(own, u64::saturating_add)
    }

    /// Names, classes, sizes, flags and times, as the extended signature is over them.
    fn feed_metadata(&self, context: &mut Context) {
        let entry = &self.entry;
        if !entry.is_root() {
            context.update(&utf16(entry.name()));
        }
        if entry.is_stream() {
            // The low half of the size is what is signed.
            context.update(&entry.len().to_le_bytes()[..4]);
        } else {
            context.update(&entry.clsid().to_bytes_le());
        }
        context.update(&entry.state_bits().to_le_bytes());
        if !entry.is_root() {
            context.update(&file_time(entry.created()).to_le_bytes());
            context.update(&file_time(entry.modified()).to_le_bytes());
        }
        for child in &self.children {
            child.feed_metadata(context);
        }
    }
}

/// A digest that bytes are written to.
struct Feed<'a>(&'a mut Context);

impl io::Write for Feed<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.update(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

fn at_root(name: &str) -> PathBuf {
    Path::new("/").join(name)
}

/// A name as it stands in the file, which is also what names are ordered by.
fn utf16(name: &str) -> Vec<u8> {
    name.encode_utf16().flat_map(u16::to_le_bytes).collect()
}

/// A time as it stands in the file: in steps of 100 ns since 1601.
fn file_time(time: SystemTime) -> u64 {
    let steps = match time.duration_since(SystemTime::UNIX_EPOCH) {
        Ok(after) => EPOCH + after.as_nanos() / 100,
        Err(before) => EPOCH.saturating_sub(before.duration().as_nanos() / 100),
    };
    u64::try_from(steps).unwrap_or(u64::MAX)
}

/// Refuses a file whose list of allocation tables is longer than the file needs: reading them costs memory, and a
/// list may name one table many times.
fn check_tables(file: &mut (impl Read + Seek), length: u64) -> Result<(), Fault> {
    let mut header = [0; 512];
    file.seek(SeekFrom::Start(0))?;
    file.read_exact(&mut header)?;
    let sector: u64 = match header[0x1e] {
        9 => 512,
        12 => 4096,
        _ => return Err(Fault::malformed("its sectors have an unknown size")),
    };
    let needed = length / sector / (sector / 4) + 1;
    let lists = needed / (sector / 4 - 1) + 2;
    let mut next = u32_at(&header, 0x44);
    for _ in 0..lists {
        let place = (u64::from(next) + 1) * sector;
        if place + sector > length {
            return Ok(());
        }
        let mut last = [0; 4];
        file.seek(SeekFrom::Start(place + sector - 4))?;
        file.read_exact(&mut last)?;
        next = u32::from_le_bytes(last);
    }
    Err(Fault::malformed(
        "its allocation tables are larger than the file needs",
    ))
}

fn u32_at(header: &[u8; 512], at: usize) -> u32 {
    u32::from_le_bytes([header[at], header[at + 1], header[at + 2], header[at + 3]])
}

//! The files that are sent: made from a seed, so that every machine measures the same bytes.

use std::io::Write;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use anyhow::Result;
use rand::rngs::StdRng;
use rand::{RngCore, SeedableRng};

use crate::scenario::Series;

/// How many files share a folder: 50,000 files make 500 folders.
const FILES_A_FOLDER: u64 = 100;

/// How many folders share one of the million's folders.
const FOLDERS_A_FOLDER: u64 = 100;

/// How large a file of the million is, in bytes.
const TINY: u64 = 100;

/// How large the trees are.
#[derive(Debug, Clone, Copy, clap::Args)]
pub(crate) struct Shape {
    /// The size of the large file in MiB.
    #[arg(long, default_value_t = 1024)]
    pub(crate) large_mib: u64,
    /// How many small files there are; 50,000 unless said, and 1,000,000 in `million`.
    #[arg(long)]
    pub(crate) files: Option<u64>,
    /// The size of a small file in KiB.
    #[arg(long, default_value_t = 8)]
    pub(crate) small_kib: u64,
}

/// A tree of files on disk.
#[derive(Debug)]
pub(crate) struct Source {
    folder: PathBuf,
    files: Vec<PathBuf>,
}

impl Source {
    /// Writes the tree of `series` below `parent`.
    pub(crate) fn make(series: Series, shape: Shape, parent: &Path) -> Result<Self> {
        let mut source = match series {
            Series::Large => Self::in_folder(parent.join("large")),
            Series::Small => Self::in_folder(parent.join("small")),
            Series::Million => Self::in_folder(parent.join("million")),
        };
        match series {
            Series::Large => source.write("image.bin".into(), 1, shape.large_mib << 20)?,
            Series::Small => {
                for at in 0..shape.files.unwrap_or(50_000) {
                    let name = format!("{:03}/{:05}.bin", at / FILES_A_FOLDER, at);
                    source.write(name.into(), at, shape.small_kib << 10)?;
                }
            }
            Series::Million => {
                for at in 0..shape.files.unwrap_or(1_000_000) {
                    let folder = at / FILES_A_FOLDER;
                    let name = format!("{:03}/{folder:05}/{at:07}.bin", folder / FOLDERS_A_FOLDER);
                    source.write(name.into(), at, TINY)?;
                }
            }
        }
        Ok(source)
    }

    const fn in_folder(folder: PathBuf) -> Self {
        Self {
            folder,
            files: Vec::new(),
        }
    }

    fn write(&mut self, name: PathBuf, seed: u64, size: u64) -> Result<()> {
        const PIECE: u64 = 1 << 20;
        let path = self.folder.join(name);
        if let Some(folder) = path.parent() {
            fs_err::create_dir_all(folder)?;
        }
        let mut random = StdRng::seed_from_u64(seed);
        let mut file = fs_err::File::create(&path)?;
        let mut left = size;
        while left > 0 {
            let mut piece = vec![0; usize::try_from(left.min(PIECE))?];
            random.fill_bytes(&mut piece);
            file.write_all(&piece)?;
            left -= piece.len() as u64;
        }
        self.files.push(path);
        Ok(())
    }

    /// The folder that holds the tree.
    pub(crate) fn folder(&self) -> &Path {
        &self.folder
    }

    /// How many files there are.
    pub(crate) fn count(&self) -> u64 {
        self.files.len() as u64
    }

    /// Gives every file the present as its modification time, as a checkout does.
    pub(crate) fn touch(&self) -> Result<()> {
        let now = SystemTime::now();
        for path in &self.files {
            let file = fs_err::OpenOptions::new().write(true).open(path)?;
            file.file().set_modified(now)?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SHAPE: Shape = Shape {
        large_mib: 1,
        files: Some(101),
        small_kib: 2,
    };

    #[test]
    fn the_same_seed_makes_the_same_bytes() {
        let (one, two) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        let one = Source::make(Series::Small, SHAPE, one.path()).unwrap();
        let two = Source::make(Series::Small, SHAPE, two.path()).unwrap();
        assert_eq!(one.count(), 101);
        let bytes = |source: &Source, at: usize| fs_err::read(&source.files[at]).unwrap();
        assert_eq!(bytes(&one, 100), bytes(&two, 100));
        assert_ne!(bytes(&one, 99), bytes(&one, 100));
        assert_eq!(bytes(&one, 0).len(), 2048);
        assert!(one.files[100].ends_with("001/00100.bin"));
    }

    #[test]
    fn a_million_files_have_two_levels_of_folders() {
        let folder = tempfile::tempdir().unwrap();
        let source = Source::make(Series::Million, SHAPE, folder.path()).unwrap();
        assert_eq!(source.count(), 101);
        assert!(source.files[100].ends_with("000/00001/0000100.bin"));
        assert_eq!(fs_err::metadata(&source.files[0]).unwrap().len(), TINY);
    }

    #[test]
    fn touching_changes_times_and_no_bytes() {
        let folder = tempfile::tempdir().unwrap();
        let source = Source::make(Series::Large, SHAPE, folder.path()).unwrap();
        let path = &source.files[0];
        let before = fs_err::read(path).unwrap();
        let file = fs_err::OpenOptions::new().write(true).open(path).unwrap();
        file.file().set_modified(SystemTime::UNIX_EPOCH).unwrap();
        source.touch().unwrap();
        let modified = fs_err::metadata(path).unwrap().modified().unwrap();
        assert!(modified > SystemTime::UNIX_EPOCH);
        assert_eq!(fs_err::read(path).unwrap(), before);
    }
}

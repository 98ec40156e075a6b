//! A sample library: real installers, gathered by the ordinary package clients.
//!
//! Running it again keeps what is there in the right size. A client that fails is named, and the library goes on with
//! what the others have; when a library has no large file then, the Rust toolchain that is on the machine for certain
//! stands in with its own executables.

mod catalogue;
mod clients;
mod toolchain;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::{Context, Result, ensure};

use self::catalogue::Item;

/// A client that failed so often in a row is not asked again: the network is down, or it is not installed.
const PATIENCE: u32 = 2;

/// Which library is wanted.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Choice {
    pub(crate) small: bool,
    pub(crate) offline: bool,
}

/// Fills `directory`; fails only when nothing at all could be had.
pub(crate) fn run(directory: &Path, choice: Choice) -> Result<ExitCode> {
    fs_err::create_dir_all(directory)?;
    let directory = fs_err::canonicalize(directory)?;
    let items = catalogue::items(choice.small);
    let had = if choice.offline {
        Vec::new()
    } else {
        gather_all(&directory, items, clients::gather)
    };
    if !is_enough(&had, choice) {
        println!(
            "taking the executables of this Rust toolchain: the package clients gave no library"
        );
        toolchain::copy(&directory, choice.small)?;
    }
    let files = files_below(&directory)?;
    ensure!(!files.is_empty(), "nothing could be gathered");
    println!("{}: {}", directory.display(), summary(&files));
    Ok(ExitCode::SUCCESS)
}

/// Whether the items make a library that shows what it has to: a large library has a large file.
fn is_enough(had: &[&Item], choice: Choice) -> bool {
    if choice.small {
        !had.is_empty()
    } else {
        had.iter().any(|item| item.size >= catalogue::LARGE)
    }
}

/// Gathers what is missing and gives back what is there in the end.
fn gather_all<'a>(
    directory: &Path,
    items: impl IntoIterator<Item = &'a Item>,
    gather: impl Fn(&Item, &Path) -> Result<()>,
) -> Vec<&'a Item> {
    let mut failures = BTreeMap::new();
    let mut had = Vec::new();
    for item in items {
        let to = directory.join(item.path());
        let client = item.source.client();
        let failed = failures.entry(client).or_insert(0);
        if check_size(&to, item.size).is_ok() {
            println!("kept     {}", item.path());
            had.push(item);
        } else if *failed >= PATIENCE {
            println!("missing  {}: {client} is not asked again", item.path());
        } else if let Err(error) = gather_one(item, &to, &gather) {
            *failed += 1;
            println!("missing  {}: {error:#}", item.path());
        } else {
            *failed = 0;
            println!("gathered {}", item.path());
            had.push(item);
        }
    }
    had
}

/// Gathers beside the library, so that a stopped run leaves no half file in it.
fn gather_one(item: &Item, to: &Path, gather: impl Fn(&Item, &Path) -> Result<()>) -> Result<()> {
    let folder = to.parent().context("an item has a folder")?;
    fs_err::create_dir_all(folder)?;
    let scratch = tempfile::Builder::new()
        .prefix("sample-library-")
        .tempdir()?;
    gather(item, scratch.path())?;
    let from = scratch.path().join(item.source.file());
    check_size(&from, item.size)?;
    move_file(&from, to)
}

fn check_size(path: &Path, expected: u64) -> Result<()> {
    let size = fs_err::metadata(path)?.len();
    ensure!(
        size == expected,
        "`{}` has {size} bytes, not {expected}",
        path.display()
    );
    Ok(())
}

/// Moves also from one disk to another, by a copy under another name that is renamed when it is whole.
fn move_file(from: &Path, to: &Path) -> Result<()> {
    if fs_err::rename(from, to).is_err() {
        let folder = to.parent().context("an item has a folder")?;
        let half = tempfile::NamedTempFile::new_in(folder)?;
        fs_err::copy(from, half.path())?;
        half.persist(to)?;
    }
    Ok(())
}

fn files_below(directory: &Path) -> Result<Vec<(PathBuf, u64)>> {
    let mut files = Vec::new();
    let mut open = vec![directory.to_owned()];
    while let Some(folder) = open.pop() {
        for entry in fs_err::read_dir(folder)? {
            let entry = entry?;
            let metadata = entry.metadata()?;
            if metadata.is_dir() {
                open.push(entry.path());
            } else {
                files.push((entry.path(), metadata.len()));
            }
        }
    }
    Ok(files)
}

fn summary(files: &[(PathBuf, u64)]) -> String {
    const MEBIBYTE: u64 = 1 << 20;
    let sum: u64 = files.iter().map(|(_, size)| size).sum();
    let largest = files.iter().map(|(_, size)| *size).max().unwrap_or(0);
    format!(
        "{} files, {} MiB, the largest {} MiB",
        files.len(),
        sum / MEBIBYTE,
        largest / MEBIBYTE
    )
}

#[cfg(test)]
mod tests {
    use std::cell::RefCell;

    use super::catalogue::Source;
    use super::*;

    fn items() -> Vec<Item> {
        ["a", "b", "c", "d"]
            .map(|file| Item {
                folder: "apps/x",
                size: 5,
                small: true,
                source: Source::Apt {
                    package: "x",
                    version: "1",
                    file,
                },
            })
            .to_vec()
    }

    #[test]
    fn what_is_there_is_kept_and_what_is_cut_short_is_gathered_again() {
        let library = tempfile::tempdir().unwrap();
        let asked = RefCell::new(Vec::new());
        let items = items();
        let gather = |item: &Item, to: &Path| {
            asked.borrow_mut().push(item.source.file());
            Ok(fs_err::write(to.join(item.source.file()), "12345")?)
        };
        assert_eq!(gather_all(library.path(), &items, gather).len(), 4);
        fs_err::write(library.path().join("apps/x/b"), "123").unwrap();
        asked.borrow_mut().clear();
        assert_eq!(gather_all(library.path(), &items, gather).len(), 4);
        assert_eq!(*asked.borrow(), ["b"]);
        assert_eq!(
            fs_err::read_to_string(library.path().join("apps/x/b")).unwrap(),
            "12345"
        );
    }

    #[test]
    fn a_client_that_keeps_failing_is_not_asked_again() {
        let library = tempfile::tempdir().unwrap();
        let asked = RefCell::new(0);
        let items = items();
        let had = gather_all(library.path(), &items, |_, _| {
            *asked.borrow_mut() += 1;
            anyhow::bail!("no network")
        });
        assert!(had.is_empty());
        assert_eq!(*asked.borrow(), PATIENCE);
        assert!(!is_enough(
            &had,
            Choice {
                small: true,
                offline: false
            }
        ));
    }

    #[test]
    fn a_download_of_the_wrong_size_does_not_enter_the_library() {
        let library = tempfile::tempdir().unwrap();
        let items = items();
        let had = gather_all(library.path(), &items, |item, to| {
            Ok(fs_err::write(to.join(item.source.file()), "1234")?)
        });
        assert!(had.is_empty());
        assert!(files_below(library.path()).unwrap().is_empty());
    }

    #[test]
    fn offline_the_toolchain_stands_in() {
        let library = tempfile::tempdir().unwrap();
        let choice = Choice {
            small: true,
            offline: true,
        };
        for _ in 0..2 {
            run(library.path(), choice).unwrap();
            let files = files_below(library.path()).unwrap();
            let sum: u64 = files.iter().map(|(_, size)| size).sum();
            assert!(files.len() >= 3 && sum > 1 << 20, "{files:?}");
        }
    }
}

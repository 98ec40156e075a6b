//! The walk against one that looks at one thing after the other.

use std::path::Path;

use fs_err as fs;
use proptest::prelude::*;
use proptest::sample::select;

use super::super::filter::{IGNORE_FILE, Rules, rules_in};
use super::*;
use crate::SyncOptions;

const REACHES: [(usize, usize, usize); 6] = [
    (0, 0, 0),
    (1, 1, 100),
    (2, 5, 0),
    (3, 5, 2),
    (8, 1000, 100),
    (8, 1000, 1),
];

fn context(root: &Path, order: ListingOrder, follow_symlinks: bool) -> WalkContext {
    let options = SyncOptions {
        exclude: vec!["*.bak".to_owned()],
        ..SyncOptions::default()
    };
    WalkContext {
        root: root.to_owned(),
        prefix: "p/".to_owned(),
        filter: Arc::new(Filter::new(root, &options).unwrap()),
        order,
        follow_symlinks,
        cache: None,
    }
}

fn say(item: &LocalItem) -> String {
    match item {
        LocalItem::File(file) => format!("file {} {}", file.name, file.stamp.size),
        LocalItem::Skipped(name, _) => format!("skipped {name}"),
        LocalItem::Failed(error) => format!("failed {error}"),
    }
}

fn walked(context: &WalkContext, (threads, entries, large): (usize, usize, usize)) -> Vec<String> {
    let reach = Reach {
        threads,
        entries,
        large,
    };
    let mut said = Vec::new();
    walk_ahead(context, reach, |item| {
        said.push(say(&item));
        true
    });
    said
}

/// The same, by the simplest means.
fn expected(context: &WalkContext) -> Vec<String> {
    let mut said = Vec::new();
    expect_directory(context, &context.root, "", &Rules::new(), &[], &mut said);
    said
}

fn expect_directory(
    context: &WalkContext,
    path: &Path,
    relative: &str,
    rules: &Rules,
    above: &[PathBuf],
    said: &mut Vec<String>,
) {
    let mut names = Vec::new();
    for entry in fs::read_dir(path).unwrap() {
        let path = entry.unwrap().path();
        let Some(name) = path.file_name().unwrap().to_str() else {
            let error = ItemError::Name { path, cause: None };
            said.push(format!("failed {error}"));
            continue;
        };
        let is_link = path.is_symlink() && !context.follow_symlinks;
        let slash = if path.is_dir() && !is_link { "/" } else { "" };
        names.push((format!("{name}{slash}"), is_link));
    }
    names.sort_by(|a, b| context.order.compare(&a.0, &b.0));
    let rules = match rules_in(path, rules) {
        Ok(rules) => rules,
        Err(error) => return said.push(format!("failed {error}")),
    };
    let real = fs::canonicalize(path).unwrap();
    let above = [above, &[real]].concat();
    for (name, is_link) in names {
        let path = path.join(name.trim_end_matches('/'));
        let relative = format!("{relative}{name}");
        if name.ends_with('/') {
            if context.filter.skips_directory(&path, &rules) {
            } else if above.contains(&fs::canonicalize(&path).unwrap()) {
                let error = ItemError::LinkLoop { path };
                said.push(format!("failed {error}"));
            } else {
                expect_directory(context, &path, &relative, &rules, &above, said);
            }
        } else if !context.filter.skips_file(&path, &rules) {
            said.push(match path.metadata() {
                _ if is_link => format!("skipped p/{relative}"),
                Ok(metadata) => format!("file p/{relative} {}", metadata.len()),
                Err(_) => {
                    let error = fs::metadata(&path).unwrap_err();
                    format!("failed {}", super::super::read_error(&path, error))
                }
            });
        }
    }
}

/// Something at a path of a few segments.
#[derive(Debug, Clone)]
enum Thing {
    File(usize),
    Directory,
    Rules(&'static str),
    /// A link that leads so many directories up, though not out of the source, and down again.
    Link(usize, &'static str),
    Odd,
}

fn things() -> impl Strategy<Value = Vec<(Vec<&'static str>, Thing)>> {
    let segments = select(vec!["a", "a-b", "a.bak", "a0", "b", "b.txt", "ü", "Z"]);
    let thing = prop_oneof![
        6 => (0..9_usize).prop_map(Thing::File),
        1 => Just(Thing::Directory),
        1 => select(vec!["a\n", "*.txt\n", "!*.txt\n", "b/\n!a0\n", "{\n", "[\n"]).prop_map(Thing::Rules),
        1 => (0..4_usize, select(vec!["", "a", "b", "nowhere"]))
            .prop_map(|(up, down)| Thing::Link(up, down)),
        1 => Just(Thing::Odd),
    ];
    let path = prop::collection::vec(segments, 1..5);
    prop::collection::vec((path, thing), 0..40)
}

/// Makes what can be made: a name may be taken already.
fn make(root: &Path, things: &[(Vec<&'static str>, Thing)]) {
    for (segments, thing) in things {
        let path = segments
            .iter()
            .fold(root.to_owned(), |path, it| path.join(it));
        let parent = path.parent().unwrap();
        // Nothing is made through a link.
        let is_plain = parent
            .ancestors()
            .take_while(|it| *it != root)
            .all(|it| !it.is_symlink());
        if !is_plain || fs::create_dir_all(parent).is_err() || path.exists() || path.is_symlink() {
            continue;
        }
        match thing {
            Thing::File(size) => fs::write(&path, vec![0; *size]).unwrap(),
            Thing::Directory => fs::create_dir(&path).unwrap(),
            Thing::Rules(rules) => fs::write(parent.join(IGNORE_FILE), rules).unwrap(),
            Thing::Link(up, down) => {
                let up = ["../"].repeat((*up).min(segments.len() - 1)).concat();
                link(&format!("./{up}{down}"), &path);
            }
            Thing::Odd => odd(parent),
        }
    }
}

#[cfg(unix)]
fn link(target: &str, path: &Path) {
    std::os::unix::fs::symlink(target, path).unwrap();
}

#[cfg(not(unix))]
fn link(_: &str, _: &Path) {}

/// A name that is not Unicode, where there can be one.
#[cfg(target_os = "linux")]
fn odd(parent: &Path) {
    use std::os::unix::ffi::OsStrExt;

    let name = std::ffi::OsStr::from_bytes(b"odd\xff");
    fs::write(parent.join(name), "").unwrap();
}

#[cfg(not(target_os = "linux"))]
fn odd(_: &Path) {}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(32))]

    #[test]
    fn looking_ahead_changes_nothing(things in things(), follow_symlinks in any::<bool>()) {
        let source = tempfile::tempdir().unwrap();
        make(source.path(), &things);
        for order in [ListingOrder::Bytes, ListingOrder::SlashFirst] {
            let context = context(source.path(), order, follow_symlinks);
            let expected = expected(&context);
            for reach in REACHES {
                prop_assert_eq!(&walked(&context, reach), &expected, "{:?} {:?}", order, reach);
            }
        }
    }
}

/// A tree with more directories, and larger ones, than one step takes.
fn wide() -> tempfile::TempDir {
    let source = tempfile::tempdir().unwrap();
    for directory in 0..20 {
        let path = source.path().join(format!("{directory}"));
        fs::create_dir(&path).unwrap();
        for file in 0..300 {
            fs::write(path.join(format!("{file:03}")), "").unwrap();
            if file % 100 == 0 {
                fs::create_dir(path.join(format!("{file:03}d"))).unwrap();
            }
        }
    }
    source
}

#[test]
fn directories_larger_than_a_step_come_in_order() {
    let source = wide();
    let context = context(source.path(), ListingOrder::Bytes, false);
    let expected = expected(&context);
    assert_eq!(expected.len(), 6000);
    for reach in REACHES {
        assert_eq!(walked(&context, reach), expected, "{reach:?}");
    }
}

#[test]
fn a_walk_that_is_stopped_ends_there() {
    let source = wide();
    let context = context(source.path(), ListingOrder::Bytes, false);
    let expected = expected(&context);
    for wanted in [1, 2, 299, 3000] {
        let mut said = Vec::new();
        let reach = Reach {
            threads: 4,
            entries: 500,
            large: 500,
        };
        walk_ahead(&context, reach, |item| {
            said.push(say(&item));
            said.len() < wanted
        });
        assert_eq!(said, expected[..wanted]);
    }
}

#[test]
fn whoever_panics_ends_the_walk() {
    let source = wide();
    let context = context(source.path(), ListingOrder::Bytes, false);
    let thread = std::thread::spawn(|| walk(context, |_| panic!("enough")));
    assert!(thread.join().is_err());
}

/// What waits for a disk or a network overlaps: as many steps are under way as the limit allows, the first ones first.
#[test]
fn many_steps_are_under_way_at_once() {
    let source = wide();
    let context = context(source.path(), ListingOrder::Bytes, false);
    let ahead = Ahead::new(1000);
    let root = context.root();
    ahead.open(&Position::new(), root.directory.as_ref().unwrap());
    let listings: Vec<_> = (0..20).map(|_| ahead.claim().unwrap()).collect();
    assert!(!ahead.is_claimable());

    let mut listings = listings.into_iter();
    for at in 0..3 {
        assert!(!ahead.is_claimable() || at > 0, "{at}");
        let task = listings.next().unwrap();
        let found = context.look(&task.listing, &task.step, usize::MAX);
        ahead.finish(task, found);
    }
    // Three directories are 909 entries; their steps are handed out until the limit is reached.
    assert_eq!(ahead.entries(), 20 + 909);
    let task = ahead.claim().unwrap();
    assert_eq!(
        (ahead.entries(), ahead.is_claimable()),
        (20 + 909 + 1, true)
    );
    let found = context.look(&task.listing, &task.step, usize::MAX);
    assert_eq!(say(&found.items[0]), "file p/0/000 0");
    ahead.claim().unwrap();
    assert_eq!(
        (ahead.entries(), ahead.is_claimable()),
        (20 + 909 + 2, true)
    );
    ahead.claim().unwrap();
    assert_eq!(
        (ahead.entries(), ahead.is_claimable()),
        (20 + 909 + 102, false)
    );
}

#[test]
fn nobody_waits_for_a_thread_that_died() {
    let source = wide();
    let context = context(source.path(), ListingOrder::Bytes, false);
    let ahead = Ahead::new(1000);
    ahead.open(&Position::new(), context.root().directory.as_ref().unwrap());
    let died = std::thread::scope(|scope| {
        let thread = scope.spawn(|| {
            let _stop = ahead.stop_on_panic();
            ahead.claim().unwrap();
            panic!("at a step");
        });
        thread.join().is_err()
    });
    assert!(died);
    assert!(matches!(ahead.turn(&vec![0]), Turn::Stopped));
    assert!(ahead.claim().is_none());
}

//! How a file looks: documented, short, finished, and free of the machine that it was written on.

use std::path::Path;

use super::arrows::PURE;
use super::code::code_of;
use super::finding::Finding;

/// A file is one room: above the first number it is worth a look, above the second it fails.
const LONG: usize = 400;
const TOO_LONG: usize = 600;

/// A word that code may not hold.
struct Word {
    word: &'static str,
    because: &'static str,
}

const NOWHERE: &[Word] = &[
    Word {
        word: "#[allow(",
        because: "say `#[expect(…, reason = …)]`: it complains once it is no longer needed",
    },
    Word {
        word: "#![allow(",
        because: "say `#![expect(…, reason = …)]`: it complains once it is no longer needed",
    },
    Word {
        word: "#[ignore",
        because: "a test that does not run proves nothing",
    },
    Word {
        word: "#[should_panic",
        because: "return an error and check which",
    },
    Word {
        word: "todo!(",
        because: "unfinished",
    },
    Word {
        word: "unimplemented!(",
        because: "unfinished",
    },
];

const NOT_IN_PURE: &[Word] = &[
    Word {
        word: "std::fs",
        because: "a pure crate knows no disk",
    },
    Word {
        word: "std::net",
        because: "a pure crate knows no network",
    },
    Word {
        word: "std::env",
        because: "a pure crate knows no environment",
    },
    Word {
        word: "std::process",
        because: "a pure crate starts nothing",
    },
    Word {
        word: "std::thread",
        because: "a pure crate runs on its caller's thread",
    },
    Word {
        word: "SystemTime",
        because: "a pure crate knows no clock",
    },
    Word {
        word: "Instant",
        because: "a pure crate knows no clock",
    },
];

/// What a `lib.rs` or a `mod.rs` may hold beside its docs.
const FURNITURE: &[&str] = &[
    "mod ",
    "pub mod ",
    "pub(crate) mod ",
    "use ",
    "pub use ",
    "pub(crate) use ",
    "extern crate ",
];

/// Folders of the machines that sessions run on.
const MACHINE_FOLDERS: &[&str] = &[concat!("/wo", "rk/"), concat!("/ro", "ot/")];

/// Checks one file, given its path from the root.
pub(crate) fn check(path: &str, text: &str) -> Vec<Finding> {
    let mut findings = check_machine(path, text);
    if has_extension(path, "rs") {
        let code = code_of(text);
        findings.extend(check_docs(path, text));
        findings.extend(check_length(path, text));
        findings.extend(check_words(path, &code, NOWHERE));
        if is_pure(path) {
            findings.extend(check_words(path, &code, NOT_IN_PURE));
        }
        if is_front_door(path) {
            findings.extend(check_furniture(path, &code));
        }
    }
    findings
}

fn has_extension(path: &str, extension: &str) -> bool {
    Path::new(path)
        .extension()
        .is_some_and(|it| it == extension)
}

fn check_machine(path: &str, text: &str) -> Vec<Finding> {
    let mut findings = Vec::new();
    let is_lock = path.ends_with("package-lock.json");
    for (at, line) in text.lines().enumerate() {
        if MACHINE_FOLDERS
            .iter()
            .any(|folder| is_path_start(line, folder))
        {
            findings.push(Finding::at(path, at + 1, "names a folder of one machine"));
        }
        if is_lock && line.contains("\"resolved\": \"http") {
            let message = "names a download address: write the lock with `omit-lockfile-registry-resolved=true`";
            findings.push(Finding::at(path, at + 1, message));
        }
    }
    findings
}

/// Whether `folder` stands in `line` as the start of an absolute path, not in the middle of a longer one.
fn is_path_start(line: &str, folder: &str) -> bool {
    line.match_indices(folder).any(|(at, _)| {
        let before = line[..at].chars().next_back();
        before.is_none_or(|c| !(c.is_alphanumeric() || "_-.~/}>*".contains(c)))
    })
}

/// A file of unit tests is about its parent, which says what for.
fn check_docs(path: &str, text: &str) -> Option<Finding> {
    if path.ends_with("/tests.rs") {
        return None;
    }
    let first = text.lines().find(|line| !line.trim().is_empty());
    let documented = first.is_some_and(|line| line.starts_with("//!"));
    (!documented).then(|| Finding::at(path, 1, "starts without `//!`: say what the module is for"))
}

fn check_length(path: &str, text: &str) -> Option<Finding> {
    let lines = tests_start(text).unwrap_or_else(|| text.lines().count());
    let message = format!("{lines} lines without its tests: a file is one room");
    match lines {
        _ if lines <= LONG => None,
        _ if lines <= TOO_LONG || is_test_file(path) => Some(Finding::warning(path, message)),
        _ => Some(Finding::error(path, message)),
    }
}

/// How many lines stand before the module of unit tests.
fn tests_start(text: &str) -> Option<usize> {
    let lines: Vec<_> = text.lines().collect();
    lines
        .windows(2)
        .position(|pair| pair[0] == "#[cfg(test)]" && pair[1].starts_with("mod tests"))
}

fn is_test_file(path: &str) -> bool {
    path.ends_with("/tests.rs") || path.contains("/tests/")
}

/// Whether the file leads to others; in a folder of integration tests `mod.rs` only keeps cargo from running it.
fn is_front_door(path: &str) -> bool {
    path.ends_with("/lib.rs") || path.ends_with("/mod.rs") && !is_test_file(path)
}

/// Whether the file is a source of a crate that knows no disk, network and clock.
fn is_pure(path: &str) -> bool {
    PURE.iter().any(|package| {
        let folder = package.trim_start_matches("longshore-");
        path.starts_with(&format!("crates/{folder}/src/"))
    })
}

fn check_words(path: &str, code: &str, words: &[Word]) -> Vec<Finding> {
    let mut findings = Vec::new();
    for (at, line) in code.lines().enumerate() {
        for Word { word, because } in words {
            if line.contains(word) {
                findings.push(Finding::at(path, at + 1, format!("`{word}`: {because}")));
            }
        }
    }
    findings
}

/// One finding a file: the first thing that is no furniture.
fn check_furniture(path: &str, code: &str) -> Option<Finding> {
    let before_tests: Vec<_> = match tests_start(code) {
        Some(lines) => code.lines().take(lines).collect(),
        None => code.lines().collect(),
    };
    let code = before_tests.join("\n");
    let mut statements = code.split(';').map(without_attributes);
    let first = statements.find(|statement| !statement.is_empty() && !is_furniture(statement))?;
    let line = first.lines().next().unwrap_or_default();
    let message = format!("holds modules and re-exports only: `{line}` belongs in a named file");
    Some(Finding::error(path, message))
}

fn is_furniture(statement: &str) -> bool {
    let holds_module_body = statement.contains('{') && statement.contains("mod ");
    FURNITURE.iter().any(|start| statement.starts_with(start)) && !holds_module_body
}

/// The statement behind its attributes.
fn without_attributes(statement: &str) -> &str {
    let mut rest = statement.trim_start();
    while rest.starts_with('#') {
        let mut depth = 0i32;
        let end = rest.find(|c: char| {
            depth += i32::from(c == '[') - i32::from(c == ']');
            c == ']' && depth == 0
        });
        match end {
            Some(end) => rest = rest[end + 1..].trim_start(),
            None => return rest,
        }
    }
    rest.trim_end()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn finds(path: &str, text: &str, expected: &[&str]) {
        let findings: Vec<_> = check(path, text).iter().map(ToString::to_string).collect();
        assert_eq!(findings.len(), expected.len(), "{path}: {findings:?}");
        for (finding, part) in findings.iter().zip(expected) {
            assert!(finding.contains(part), "{finding} says nothing of {part}");
        }
    }

    #[test]
    fn a_module_says_first_what_it_is_for() {
        finds("crates/store/src/name.rs", "//! Names.\nfn a() {}", &[]);
        finds(
            "crates/store/src/name.rs",
            "fn a() {}\n//! Late.",
            &["starts without"],
        );
        finds("crates/store/src/name.rs", "", &["starts without"]);
        finds("crates/store/src/name/tests.rs", "use super::*;", &[]);
    }

    #[test]
    fn a_long_file_is_found_and_its_tests_do_not_count() {
        let lines = |count: usize| format!("//! Long.\n{}", "fn a() {}\n".repeat(count - 1));
        finds("crates/store/src/a.rs", &lines(400), &[]);
        finds("crates/store/src/a.rs", &lines(401), &["warning"]);
        finds("crates/store/src/a.rs", &lines(601), &["error"]);
        finds("crates/store/tests/a.rs", &lines(601), &["warning"]);
        let tested = format!("{}#[cfg(test)]\nmod tests {{\n{}}}", lines(300), lines(500));
        finds("crates/store/src/a.rs", &tested, &[]);
    }

    #[test]
    fn unfinished_and_silenced_code_is_found_but_not_in_words_about_it() {
        for word in NOWHERE {
            let code = format!("//! A.\n{}x)]", word.word);
            finds("crates/store/src/a.rs", &code, &[word.word]);
            let comment = format!(
                "//! A.\n// {}x\nconst A: &str = \"{}\";",
                word.word, word.word
            );
            finds("crates/store/src/a.rs", &comment, &[]);
        }
    }

    #[test]
    fn a_pure_crate_names_no_disk_network_or_clock() {
        for word in NOT_IN_PURE {
            let code = format!("//! A.\nuse {};", word.word);
            finds("crates/content/src/a.rs", &code, &[word.word]);
            finds("crates/store/src/a.rs", &code, &[]);
            finds("crates/content/tests/a.rs", &code, &[]);
        }
    }

    #[test]
    fn a_lib_holds_furniture_only() {
        let good = "//! A.\n#![expect(x, reason = \"y\")]\nmod a;\n#[cfg(unix)]\npub mod b;\npub use a::{B, C};\n";
        finds("crates/store/src/lib.rs", good, &[]);
        finds(
            "crates/store/src/lib.rs",
            &format!("{good}fn d() {{}}"),
            &["fn d()"],
        );
        finds(
            "crates/store/src/lib.rs",
            &format!("{good}pub mod d {{ fn e() {{}} }}"),
            &["pub mod d"],
        );
        finds(
            "crates/store/src/lib.rs",
            &format!("{good}pub struct D;"),
            &["pub struct D"],
        );
        finds(
            "crates/store/src/other.rs",
            &format!("{good}fn d() {{}}"),
            &[],
        );
        finds(
            "crates/store/src/a/mod.rs",
            "//! A.\nfn d() {}\nfn e() {}",
            &["fn d()"],
        );
        finds("crates/store/tests/common/mod.rs", "//! A.\nfn d() {}", &[]);
        let tested = format!("{good}#[cfg(test)]\nmod tests {{\nfn d() {{}}\n}}");
        finds("crates/store/src/lib.rs", &tested, &[]);
    }

    #[test]
    fn folders_of_a_machine_are_found() {
        for folder in MACHINE_FOLDERS {
            finds(
                "docs/a.md",
                &format!("see {folder}main"),
                &["folder of one machine"],
            );
            finds(
                "docs/a.md",
                &format!("see docs{folder}main and https://x.y{folder}"),
                &[],
            );
        }
    }

    #[test]
    fn a_lock_names_no_download_address() {
        let lock = "{ \"resolved\": \"https://registry/x.tgz\" }";
        finds(
            "tests/clients/package-lock.json",
            lock,
            &["download address"],
        );
        finds("tests/clients/package.json", lock, &[]);
    }
}

//! What is installed already: `.longshore-installed`, which the scripts for build VMs read and write too.

use std::collections::BTreeSet;

use longshore_content::Sha256Digest;

use crate::{ArtifactId, FileName, encode_twin_text};

/// What is installed on a machine: a line a file, with its id, its name as in a release's twin, and its SHA-256.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Installed {
    lines: BTreeSet<String>,
}

impl Installed {
    /// The name of the file, in the directory of the machine.
    pub const FILE_NAME: &'static str = ".longshore-installed";

    /// Reads what is there. Lines that mean nothing here stand for nothing: at worst something is installed again.
    pub fn parse(text: &str) -> Self {
        let text = text.strip_prefix('\u{feff}').unwrap_or(text);
        let lines = text.lines().map(|line| line.trim_end().to_owned());
        Self {
            lines: lines.filter(|line| !line.is_empty()).collect(),
        }
    }

    /// Whether a file with these bytes is installed.
    pub fn has(&self, id: &ArtifactId, file: &FileName, sha256: Sha256Digest) -> bool {
        self.lines.contains(&Self::line(id, file, sha256))
    }

    /// Notes that a file with these bytes is installed.
    pub fn add(&mut self, id: &ArtifactId, file: &FileName, sha256: Sha256Digest) {
        self.lines.insert(Self::line(id, file, sha256));
    }

    /// The line of a file, without an end of line.
    pub fn line(id: &ArtifactId, file: &FileName, sha256: Sha256Digest) -> String {
        format!("{id}\t{}\t{sha256}", encode_twin_text(file.as_str()))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::samples::{any_file_name, sha256};

    #[test]
    fn only_the_very_bytes_are_installed() {
        let (id, file) = ("a".parse().unwrap(), "a b.exe".parse().unwrap());
        let text = format!("\u{feff}nonsense\n\na\ta%20b.exe\t{}\r\n", sha256(1));
        let installed = Installed::parse(&text);
        assert!(installed.has(&id, &file, sha256(1)));
        assert!(!installed.has(&id, &file, sha256(2)));
        assert!(!installed.has(&"b".parse().unwrap(), &file, sha256(1)));
        assert!(!Installed::parse("").has(&id, &file, sha256(1)));
    }

    proptest! {
        #[test]
        fn what_is_added_is_found_in_what_is_read_back(file in any_file_name(), byte in any::<u8>()) {
            let id = "a.b-c".parse().unwrap();
            let line = Installed::line(&id, &file, sha256(byte));
            let read = Installed::parse(&(line + "\n"));
            prop_assert!(read.has(&id, &file, sha256(byte)));
            let mut installed = Installed::default();
            installed.add(&id, &file, sha256(byte));
            prop_assert!(installed.has(&id, &file, sha256(byte)));
        }
    }
}

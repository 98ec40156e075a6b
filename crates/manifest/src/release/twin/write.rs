//! Writing a twin.

use std::fmt::{Display, Write};

use super::text::{NONE, encode};
use super::{COLUMNS, MARK, Twin, TwinFile};
use crate::{InstallerType, RELEASE_VERSION, TargetOs};

impl Twin {
    /// The text of the twin, always the same for the same release.
    pub fn render(&self) -> String {
        let Self {
            release,
            library,
            os,
            files,
        } = self;
        let os = os_name(*os);
        let columns = COLUMNS.join("\t");
        let mut text =
            format!("{MARK}\t{RELEASE_VERSION}\t{release}\t{library}\t{os}\n{columns}\n");
        for file in files {
            // Writing into a `String` cannot fail.
            let _ = writeln!(text, "{}", file.line());
        }
        text
    }
}

impl TwinFile {
    /// Its line, without an end of line.
    pub fn line(&self) -> String {
        self.columns().join("\t")
    }

    fn columns(&self) -> [String; COLUMNS.len()] {
        [
            self.id.to_string(),
            self.version.to_string(),
            self.architecture.name().into(),
            encode(self.file.as_str()),
            encode(self.blob.as_str()),
            self.size.to_string(),
            self.sha256.to_string(),
            optional(self.kind.map(InstallerType::name)),
            optional(self.nested_kind.map(InstallerType::name)),
            optional(self.nested_file.as_deref().map(encode)),
            optional(self.to.as_deref().map(encode)),
            list(&self.success, ","),
            list(&self.reboot, ","),
            list(&self.requires, ","),
            list(self.args.iter().map(|arg| encode(arg)), " "),
        ]
    }
}

pub(super) const fn os_name(os: TargetOs) -> &'static str {
    match os {
        TargetOs::Windows => "windows",
        TargetOs::Linux => "linux",
    }
}

fn optional(value: Option<impl Into<String>>) -> String {
    value.map_or_else(|| NONE.into(), Into::into)
}

fn list<T: Display>(items: impl IntoIterator<Item = T>, separator: &str) -> String {
    let items: Vec<String> = items.into_iter().map(|item| item.to_string()).collect();
    if items.is_empty() {
        return NONE.into();
    }
    items.join(separator)
}

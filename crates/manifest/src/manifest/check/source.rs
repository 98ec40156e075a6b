//! Where an artifact comes from, and what its file and blob are called.

use url::Url;

use super::super::key_path::KeyPath;
use super::super::report::Finding;
use super::super::{Artifact, Source, secret};

/// How places begin on the command line.
const PLACES: [&str; 7] = ["https", "http", "az", "azure", "abfss", "abfs", "drydock"];

/// What is wrong with the source and the names of an artifact.
pub(super) fn check(artifact: &Artifact, at: &KeyPath) -> Vec<Finding> {
    let mut findings = Vec::new();
    if let Some(text) = &artifact.path {
        findings.extend(path(text, &at.key("path")));
    }
    if let Some(address) = &artifact.url {
        findings.extend(url(address, artifact.sha256.is_some(), &at.key("url")));
    }
    if let Some(place) = &artifact.from {
        findings.extend(blob(place, &at.key("from")));
    }
    match artifact.source() {
        None => findings.push(how_many(artifact, at)),
        Some(source) if source.is_pattern() => findings.extend(pattern(artifact, at)),
        Some(source) if findings.is_empty() => findings.extend(file(artifact, &source, at)),
        Some(_) => {}
    }
    findings.extend(reserved(artifact, at));
    findings
}

/// Not just one source.
fn how_many(artifact: &Artifact, at: &KeyPath) -> Finding {
    let said = [
        ("path", artifact.path.is_some()),
        ("url", artifact.url.is_some()),
        ("from", artifact.from.is_some()),
    ];
    let mut said = said.into_iter().filter(|(_, is_said)| *is_said);
    match (said.next(), said.next()) {
        (Some((first, _)), Some((second, _))) => {
            let message = format!("`{second}` beside `{first}`: a file comes from one place");
            Finding::wrong(at.key(second), message, "leave one of them out")
        }
        _ => {
            let hint = "give a file with `path`, a vendor's address with `url`, or a blob elsewhere with `from`";
            Finding::absent(at.clone(), "nothing says where the file comes from", hint)
        }
    }
}

/// A path is relative, and the same on every system.
fn path(path: &str, at: &KeyPath) -> Option<Finding> {
    let wrong = |message: &str, hint: &str| Some(Finding::wrong(at.clone(), message, hint));
    let hint = "write it relative to the folder of the manifest; `..` may lead out of it";
    if path.contains('\\') {
        return wrong(
            "a backslash in a path",
            "write `/` between the parts, on Windows too",
        );
    }
    if path.starts_with('/') || path.as_bytes().get(1) == Some(&b':') {
        return wrong("the path is absolute", hint);
    }
    if path.contains("://") {
        return wrong(
            "the path is a URL",
            "give it as `url`, or as `from` if it is a blob",
        );
    }
    if path.contains(char::is_control) {
        return wrong("a control character in a path", hint);
    }
    let last = path.rsplit('/').next().unwrap_or_default();
    if matches!(last, "" | "." | "..") {
        let hint = "name a file, or several with a pattern such as `apps/*.msi`";
        return wrong("the path names no file", hint);
    }
    None
}

/// An address that everybody may read.
pub(super) fn url(url: &Url, is_pinned: bool, at: &KeyPath) -> Option<Finding> {
    let key = at.last_key().unwrap_or_default();
    let wrong = |message: String, hint: &str| Some(Finding::wrong(at.clone(), message, hint));
    if secret::is_in_url(url) {
        return Some(Finding::secret(at.clone()));
    }
    let is_web = matches!(url.scheme(), "http" | "https") && url.has_host();
    if !is_web {
        let hint = "it begins with `https://`; for a file give `path`, for a blob elsewhere `from`";
        return wrong(format!("`{key}` is no address on the web"), hint);
    }
    if url.fragment().is_some() {
        let hint = "leave out `#` and what follows: no server is ever sent it";
        return wrong(format!("a fragment in `{key}`"), hint);
    }
    if url.scheme() == "http" && !is_pinned {
        let hint =
            "write `https://`, or give `sha256`, so that nobody on the way can change the file";
        return wrong(format!("`{key}` is not encrypted"), hint);
    }
    None
}

/// A place as the command line writes it.
fn blob(place: &str, at: &KeyPath) -> Option<Finding> {
    let hint = "write the blob as `https://ACCOUNT.blob.core.windows.net/CONTAINER/BLOB` or `az://ACCOUNT/CONTAINER/BLOB`; \
                for a file give `path`";
    if secret::is_in_place(place) {
        return Some(Finding::secret(at.clone()));
    }
    if place.contains(char::is_control) {
        return Some(Finding::wrong(
            at.clone(),
            "a control character in `from`",
            hint,
        ));
    }
    let is_place = Url::parse(place).is_ok_and(|url| PLACES.contains(&url.scheme()));
    (!is_place).then(|| Finding::wrong(at.clone(), "`from` names no blob", hint))
}

/// What describes one file cannot describe those of a pattern.
fn pattern(artifact: &Artifact, at: &KeyPath) -> Vec<Finding> {
    let said = [
        ("blob", artifact.blob.is_some()),
        ("file", artifact.file.is_some()),
        ("sha256", artifact.sha256.is_some()),
    ];
    let hint = "a pattern may match several files: name one with `path`, or leave this out";
    let wrong = |key: &str| {
        let message = format!("`{key}` describes one file, and `path` is a pattern");
        Finding::wrong(at.key(key), message, hint)
    };
    let said = said.into_iter().filter(|(_, is_said)| *is_said);
    said.map(|(key, _)| wrong(key)).collect()
}

/// The file needs a name.
fn file(artifact: &Artifact, source: &Source<'_>, at: &KeyPath) -> Option<Finding> {
    if artifact.file_name().is_some() {
        return None;
    }
    let key = match source {
        Source::Path(_) => "path",
        Source::Url(_) => "url",
        Source::Blob(_) => "from",
    };
    let message = format!("`{key}` does not end in the name of a file");
    let hint = "give it one: `file = \"setup.exe\"`";
    Some(Finding::wrong(at.key(key), message, hint))
}

/// What begins with `_` is ours: `_releases/`.
fn reserved(artifact: &Artifact, at: &KeyPath) -> Option<Finding> {
    let blob = artifact.blob.as_ref()?;
    blob.as_str().starts_with('_').then(|| {
        let message = "the name of the blob begins with `_`";
        let hint =
            "such names are kept for releases and the like (`_releases/`): choose another folder";
        Finding::wrong(at.key("blob"), message, hint)
    })
}

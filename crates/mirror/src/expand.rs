//! Which files a manifest names, where they come from and what their blobs are called.

use std::collections::HashSet;
use std::path::{Path, PathBuf};

use globset::GlobBuilder;
use longshore_content::Sha256Digest;
use longshore_manifest::{Artifact, BlobPath, FileName, LockKey, Manifest, Source, is_pattern};
use url::Url;

use crate::ItemError;

/// One file that a manifest names.
#[derive(Debug, Clone)]
pub(crate) struct Wanted<'m> {
    /// What the manifest says of it.
    pub(crate) artifact: &'m Artifact,
    /// Which of the manifest's artifacts that is.
    pub(crate) index: usize,
    /// What tells it apart.
    pub(crate) key: LockKey,
    /// The blob that it should have.
    pub(crate) blob: BlobPath,
    /// Where it comes from.
    pub(crate) origin: Origin,
}

/// Where a file comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Origin {
    /// A file of this machine.
    File {
        /// Where it stands.
        path: PathBuf,
        /// The same relative to the manifest, with `/` between the parts.
        shown: String,
    },
    /// A vendor.
    Url(Url),
    /// A blob elsewhere.
    Blob(String),
}

impl Wanted<'_> {
    /// What its bytes must be, as the manifest says.
    pub(crate) fn expected(&self) -> Option<Sha256Digest> {
        self.artifact.sha256
    }
}

/// What became of one artifact.
pub(crate) type Expanded<'m> = (&'m Artifact, Result<Vec<Wanted<'m>>, ItemError>);

/// Finds the files of every artifact. Blocks: patterns read directories.
pub(crate) fn expand<'m>(manifest: &'m Manifest, directory: &Path) -> Vec<Expanded<'m>> {
    let artifacts = manifest.artifacts.iter().enumerate();
    artifacts
        .map(|(index, artifact)| {
            let mut files = files_of(artifact, directory);
            for wanted in files.iter_mut().flatten() {
                wanted.index = index;
            }
            (artifact, files)
        })
        .collect()
}

fn files_of<'m>(artifact: &'m Artifact, directory: &Path) -> Result<Vec<Wanted<'m>>, ItemError> {
    match artifact.source() {
        Some(Source::Path(pattern)) if is_pattern(pattern) => {
            matching(artifact, pattern, directory)
        }
        Some(Source::Path(path)) => {
            let origin = Origin::File {
                path: directory.join(path),
                shown: path.to_owned(),
            };
            wanted(artifact, origin).map(|wanted| vec![wanted])
        }
        Some(Source::Url(url)) => {
            wanted(artifact, Origin::Url(url.clone())).map(|wanted| vec![wanted])
        }
        Some(Source::Blob(blob)) => {
            wanted(artifact, Origin::Blob(blob.to_owned())).map(|wanted| vec![wanted])
        }
        // A checked manifest has just one.
        None => Ok(Vec::new()),
    }
}

/// The one file of an artifact, under the name that the manifest gives it.
fn wanted(artifact: &Artifact, origin: Origin) -> Result<Wanted<'_>, ItemError> {
    let file = match artifact.file_name() {
        Some(file) => file,
        None => name_of(match &origin {
            Origin::File { path, .. } => path,
            Origin::Url(_) | Origin::Blob(_) => Path::new(""),
        })?,
    };
    Ok(named(artifact, file, origin))
}

fn named(artifact: &Artifact, file: FileName, origin: Origin) -> Wanted<'_> {
    Wanted {
        artifact,
        index: 0,
        blob: artifact.blob_path(&file),
        key: LockKey {
            id: artifact.id.clone(),
            architecture: artifact.architecture,
            file,
        },
        origin,
    }
}

/// The files that a pattern names, in the order of their names.
fn matching<'m>(
    artifact: &'m Artifact,
    pattern: &str,
    directory: &Path,
) -> Result<Vec<Wanted<'m>>, ItemError> {
    let no_match = || ItemError::NoMatch {
        pattern: pattern.to_owned(),
    };
    let glob = GlobBuilder::new(pattern)
        .literal_separator(true)
        .build()
        .map_err(|_| no_match())?
        .compile_matcher();
    let mut found = Vec::new();
    for entry in walk(&directory.join(fixed_part(pattern))) {
        let path = entry?;
        let shown = shown(&path, directory);
        if glob.is_match(&shown) {
            found.push((shown, path));
        }
    }
    found.sort();
    if found.is_empty() {
        return Err(no_match());
    }
    if found.len() > 1 && artifact.install.is_some() {
        return Err(ItemError::ManyMatches {
            pattern: pattern.to_owned(),
            count: found.len(),
        });
    }
    let files = found.into_iter().map(|(shown, path)| {
        let file = name_of(&path)?;
        Ok(named(artifact, file, Origin::File { path, shown }))
    });
    let files: Vec<Wanted<'_>> = files.collect::<Result<_, ItemError>>()?;
    let mut names = HashSet::new();
    match files.iter().find(|wanted| !names.insert(&wanted.key.file)) {
        None => Ok(files),
        Some(twice) => Err(ItemError::SameName {
            pattern: pattern.to_owned(),
            file: twice.key.file.to_string(),
        }),
    }
}

/// The folders that a pattern begins with and that are no pattern themselves.
fn fixed_part(pattern: &str) -> PathBuf {
    let mut parts: Vec<&str> = pattern.split('/').collect();
    parts.pop();
    parts
        .into_iter()
        .take_while(|part| !is_pattern(part))
        .collect()
}

/// A path relative to the manifest, as the manifest would write it.
fn shown(path: &Path, directory: &Path) -> String {
    let below = path.strip_prefix(directory).unwrap_or(path);
    let parts = below
        .components()
        .map(|part| part.as_os_str().to_string_lossy());
    parts.collect::<Vec<_>>().join("/")
}

/// The files below a directory; links are followed, as the shell does.
fn walk(directory: &Path) -> impl Iterator<Item = Result<PathBuf, ItemError>> {
    let directory = directory.to_owned();
    let entries = ignore::WalkBuilder::new(&directory)
        .standard_filters(false)
        .follow_links(true)
        .build();
    entries.filter_map(move |entry| match entry {
        Ok(entry) => entry
            .file_type()
            .is_some_and(|kind| kind.is_file())
            .then(|| Ok(entry.into_path())),
        Err(error) => Some(Err(ItemError::File {
            path: directory.clone(),
            cause: error.into(),
        })),
    })
}

fn name_of(path: &Path) -> Result<FileName, ItemError> {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    name.parse().map_err(|cause| ItemError::FileName {
        path: path.to_owned(),
        cause,
    })
}

//! What a release holds: checked, sorted, and named by its digest.

use std::collections::{BTreeMap, BTreeSet};

use longshore_content::Sha256Digest;
use sha2::{Digest, Sha256};

use super::{Content, ReleaseDigest, ReleaseError, Released};
use crate::{ArtifactId, LibraryName, TargetOs};

impl Content {
    /// Sorts and checks what a release is to hold.
    ///
    /// # Errors
    ///
    /// [`ReleaseError::Duplicate`] and [`ReleaseError::Blob`] for two files with one key or one blob, and
    /// [`ReleaseError::Nul`] for a text that no program can be given.
    pub fn new(
        library: LibraryName,
        os: TargetOs,
        mut artifacts: Vec<Released>,
    ) -> Result<Self, ReleaseError> {
        artifacts.sort_by(|a, b| a.order().cmp(&b.order()));
        let content = Self {
            library,
            os,
            artifacts,
        };
        content.check()?;
        Ok(content)
    }

    /// What names a release with this content: the SHA-256 of its canonical JSON, which is without white space, with
    /// the fields in the order of their declaration, those without a value left out, and the artifacts sorted.
    ///
    /// # Panics
    ///
    /// Never: nothing in a content can fail to become JSON.
    pub fn digest(&self) -> ReleaseDigest {
        let canonical = serde_json::to_vec(self).expect("texts, numbers and lists become JSON");
        ReleaseDigest(Sha256Digest::from_bytes(Sha256::digest(canonical).into()))
    }

    /// The files in the order in which they are installed: what is required first, then by order, id, architecture and
    /// file.
    ///
    /// What requires itself in a circle, which a checked manifest does not, comes in the order of the rest.
    pub fn install_order(&self) -> Vec<&Released> {
        let mut waiting: BTreeMap<_, &Released> = self
            .artifacts
            .iter()
            .map(|released| ((released.install_number(), released.order()), released))
            .collect();
        let mut left: BTreeMap<&ArtifactId, usize> = BTreeMap::new();
        for released in &self.artifacts {
            *left.entry(&released.id).or_default() += 1;
        }
        let mut ordered = Vec::with_capacity(self.artifacts.len());
        while let Some(place) = waiting
            .iter()
            .find(|(_, released)| released.requires().iter().all(|id| !left.contains_key(id)))
            .or_else(|| waiting.first_key_value())
            .map(|(place, _)| *place)
        {
            ordered.extend(waiting.remove(&place));
            let id = place.1.0;
            match left.get_mut(id) {
                Some(count) if *count > 1 => *count -= 1,
                _ => drop(left.remove(id)),
            }
        }
        ordered
    }

    /// What makes a content one to rely on.
    pub(super) fn check(&self) -> Result<(), ReleaseError> {
        for pair in self.artifacts.windows(2) {
            let key = || Box::new(pair[1].key());
            match pair[0].order().cmp(&pair[1].order()) {
                std::cmp::Ordering::Less => {}
                std::cmp::Ordering::Equal => return Err(ReleaseError::Duplicate { key: key() }),
                std::cmp::Ordering::Greater => return Err(ReleaseError::Unsorted { key: key() }),
            }
        }
        let mut blobs = BTreeSet::new();
        for released in &self.artifacts {
            if !blobs.insert(&released.blob) {
                let blob = Box::new(released.blob.clone());
                return Err(ReleaseError::Blob { blob });
            }
            released.check()?;
        }
        Ok(())
    }
}

impl Released {
    /// What has to be installed before.
    pub fn requires(&self) -> &[ArtifactId] {
        self.install
            .as_ref()
            .map_or(&[], |install| &install.requires)
    }

    /// Lower numbers are installed first.
    fn install_number(&self) -> i32 {
        self.install.as_ref().map_or(0, |install| install.order)
    }

    /// No argument and no path of a program can hold a NUL.
    fn check(&self) -> Result<(), ReleaseError> {
        let Some(install) = &self.install else {
            return Ok(());
        };
        let nested = install.nested.as_ref().map(|nested| nested.file.as_str());
        let mut texts = install
            .arguments()
            .into_iter()
            .chain(install.to.as_deref())
            .chain(nested);
        if texts.any(|text| text.contains('\0')) {
            return Err(ReleaseError::Nul {
                key: Box::new(self.key()),
            });
        }
        Ok(())
    }
}

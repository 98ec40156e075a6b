//! Reading a lock: every version that was ever written, and nothing that a run cannot rely on.

use url::Url;

use crate::document::Head;

use super::{LOCK_VERSION, Lock, LockKey, Locked};

/// Why a text is not a lock to rely on.
#[derive(Debug, thiserror::Error)]
pub enum LockError {
    /// It is not TOML, or not a lock's.
    #[error("not a lock; `longshore lock` writes one")]
    Syntax(#[source] Box<toml::de::Error>),
    /// It is of a version that this program does not know.
    #[error(
        "the lock has version {version} and was written by a newer longshore; this one reads versions up to {LOCK_VERSION}"
    )]
    Newer {
        /// Its version.
        version: i64,
    },
    /// It is of a version that never was.
    #[error("the lock has version {version}, which never was")]
    Version {
        /// Its version.
        version: i64,
    },
    /// Two entries are not in order, as after a merge by hand.
    #[error("{key} is out of order; `longshore lock` sorts the lock")]
    Unsorted {
        /// The second of the two.
        key: Box<LockKey>,
    },
    /// Two entries have one key.
    #[error("{key} is locked twice; keep one of the two and run `longshore lock`")]
    Duplicate {
        /// The key.
        key: Box<LockKey>,
    },
    /// An entry has no source or several.
    #[error("{key} has to have just one of `path`, `url` and `from`")]
    Source {
        /// The entry.
        key: Box<LockKey>,
    },
    /// An entry's source holds a secret.
    #[error(
        "the source of {key} holds a password or a signature; take it out of the manifest and run `longshore lock`"
    )]
    Secret {
        /// The entry.
        key: Box<LockKey>,
    },
}

impl Lock {
    /// Reads a lock.
    ///
    /// # Errors
    ///
    /// [`LockError::Syntax`] for a text that is no lock, [`LockError::Newer`] and [`LockError::Version`] for versions
    /// that this program does not read, and the others for a lock that nobody should rely on.
    pub fn parse(text: &str) -> Result<Self, LockError> {
        let syntax = |error| LockError::Syntax(Box::new(error));
        let Head { version } = toml::from_str(text).map_err(syntax)?;
        match version {
            1 => {}
            ..=0 => return Err(LockError::Version { version }),
            _ => return Err(LockError::Newer { version }),
        }
        let lock: Self = toml::from_str(text).map_err(syntax)?;
        lock.check()?;
        Ok(lock)
    }

    fn check(&self) -> Result<(), LockError> {
        for pair in self.artifacts.windows(2) {
            let key = || Box::new(pair[1].key());
            match pair[0].order().cmp(&pair[1].order()) {
                std::cmp::Ordering::Less => {}
                std::cmp::Ordering::Equal => return Err(LockError::Duplicate { key: key() }),
                std::cmp::Ordering::Greater => return Err(LockError::Unsorted { key: key() }),
            }
        }
        self.artifacts.iter().try_for_each(Locked::check)
    }
}

impl Locked {
    fn check(&self) -> Result<(), LockError> {
        let key = || Box::new(self.key());
        if self.source().is_none() {
            return Err(LockError::Source { key: key() });
        }
        let from = self.from.as_deref().and_then(|from| Url::parse(from).ok());
        if self.url.iter().chain(&from).any(holds_secret) {
            return Err(LockError::Secret { key: key() });
        }
        Ok(())
    }
}

/// Whether a URL lets its reader in: by a name and password, or by a signature as Azure, Amazon and Google make them.
fn holds_secret(url: &Url) -> bool {
    const SIGNATURES: [&str; 4] = ["sig", "signature", "x-amz-signature", "x-goog-signature"];
    !url.username().is_empty()
        || url.password().is_some()
        || url.query_pairs().any(|(name, _)| {
            SIGNATURES
                .iter()
                .any(|known| name.eq_ignore_ascii_case(known))
        })
}

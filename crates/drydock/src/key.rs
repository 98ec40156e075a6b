//! The account's name and key, and what the key signs.

use std::fmt;
use std::path::Path;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, KeyInit, Mac};
use rand::RngCore;
use serde::{Deserialize, Serialize};
use sha2::Sha256;

use crate::error::DrydockError;

/// The account's key. It prints nothing of itself.
#[derive(Clone, PartialEq, Eq)]
pub struct AccountKey(Vec<u8>);

impl AccountKey {
    /// A new random key of 64 bytes.
    pub(crate) fn random() -> Self {
        let mut bytes = vec![0; 64];
        rand::rng().fill_bytes(&mut bytes);
        Self(bytes)
    }

    /// The key in base64, as connection strings and tools want it.
    pub fn expose(&self) -> String {
        STANDARD.encode(&self.0)
    }

    /// The base64 of the HMAC-SHA256 of `text`.
    pub(crate) fn sign(&self, text: &str) -> String {
        STANDARD.encode(self.mac(text).finalize().into_bytes())
    }

    /// Whether `signature` (base64) signs `text`.
    pub(crate) fn verifies(&self, text: &str, signature: &str) -> bool {
        STANDARD
            .decode(signature)
            .is_ok_and(|signature| self.mac(text).verify_slice(&signature).is_ok())
    }

    fn mac(&self, text: &str) -> Hmac<Sha256> {
        let mut mac = <Hmac<Sha256> as KeyInit>::new_from_slice(&self.0)
            .expect("HMAC takes a key of any length");
        mac.update(text.as_bytes());
        mac
    }
}

impl fmt::Debug for AccountKey {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("AccountKey(…)")
    }
}

/// The account as the data directory keeps it.
#[derive(Debug, Clone)]
pub(crate) struct Account {
    pub(crate) name: String,
    pub(crate) key: AccountKey,
}

#[derive(Serialize, Deserialize)]
struct AccountFile {
    name: String,
    key: String,
}

impl Account {
    /// Reads the account of a data directory, or creates it there.
    ///
    /// A name that is asked for wins over the one that is kept, and is kept from then on.
    pub(crate) fn open(folder: &Path, name: Option<&str>) -> Result<Self, DrydockError> {
        let path = folder.join("account.json");
        let kept = match fs_err::read(&path) {
            Ok(bytes) => Some(parse(&path, &bytes)?),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => None,
            Err(error) => return Err(DrydockError::Io(error)),
        };
        let chosen = name.or(kept.as_ref().map(|account| account.name.as_str()));
        let account = Self {
            name: chosen.unwrap_or(DEFAULT_NAME).to_owned(),
            key: kept
                .as_ref()
                .map_or_else(AccountKey::random, |account| account.key.clone()),
        };
        check_name(&account.name)?;
        if kept.is_none_or(|kept| kept.name != account.name) {
            account.save(folder)?;
        }
        Ok(account)
    }

    fn save(&self, folder: &Path) -> Result<(), DrydockError> {
        let file = AccountFile {
            name: self.name.clone(),
            key: self.key.expose(),
        };
        // A temporary file is readable by its owner only, and so stays the key.
        let mut temporary = tempfile::NamedTempFile::new_in(folder)?;
        serde_json::to_writer_pretty(&mut temporary, &file).map_err(std::io::Error::from)?;
        temporary
            .persist(folder.join("account.json"))
            .map_err(|error| error.error)?;
        Ok(())
    }
}

/// The name of the account unless another one is asked for.
pub const DEFAULT_NAME: &str = "drydock";

fn parse(path: &Path, bytes: &[u8]) -> Result<Account, DrydockError> {
    let damaged = || DrydockError::Damaged {
        path: path.to_owned(),
        source: "it does not hold an account's name and key".into(),
    };
    let file: AccountFile = serde_json::from_slice(bytes).map_err(|_| damaged())?;
    let key = STANDARD.decode(file.key).map_err(|_| damaged())?;
    Ok(Account {
        name: file.name,
        key: AccountKey(key),
    })
}

fn check_name(name: &str) -> Result<(), DrydockError> {
    let allowed = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit();
    if (3..=24).contains(&name.len()) && name.bytes().all(allowed) {
        return Ok(());
    }
    Err(DrydockError::AccountName {
        name: name.to_owned(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_prints_nothing_of_itself() {
        let key = AccountKey::random();
        assert!(!format!("{key:?}").contains(&key.expose()));
        assert_eq!(format!("{key:?}"), "AccountKey(…)");
    }

    #[test]
    fn the_account_is_kept() {
        let folder = tempfile::tempdir().unwrap();
        let first = Account::open(folder.path(), None).unwrap();
        assert_eq!(first.name, "drydock");
        let renamed = Account::open(folder.path(), Some("harbour")).unwrap();
        let again = Account::open(folder.path(), None).unwrap();
        assert_eq!(again.name, "harbour");
        assert!(first.key == renamed.key && renamed.key == again.key);
    }

    #[test]
    fn impossible_account_names_are_refused() {
        let folder = tempfile::tempdir().unwrap();
        for name in ["ab", "Drydock", "dry-dock", "", &"x".repeat(25)] {
            assert!(Account::open(folder.path(), Some(name)).is_err(), "{name}");
        }
    }

    #[test]
    fn a_signature_holds_for_its_text_only() {
        let key = AccountKey::random();
        let signature = key.sign("text");
        assert!(key.verifies("text", &signature));
        assert!(!key.verifies("texts", &signature));
        assert!(!key.verifies("text", "no base64!"));
    }
}

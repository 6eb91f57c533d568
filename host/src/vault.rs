//! Secrets at rest: sealed by XChaCha20-Poly1305 under a key that the database does not hold.
//!
//! A sealed secret is `0x01 | key id (4) | nonce (24) | ciphertext with tag`. It is bound to what it
//! is about, so that a row copied to another place does not open there. The key id is the beginning
//! of the key's own hash: several keys may be known at once, the first one seals, and what an older
//! one sealed still opens.

mod source;

use std::{collections::BTreeMap, fmt};

use base64::{Engine as _, engine::general_purpose::STANDARD};
use chacha20poly1305::{
    KeyInit, XChaCha20Poly1305, XNonce,
    aead::{Aead, Generate, Payload},
};
use sha2::{Digest, Sha256};

use crate::config::Config;

/// The form of what is stored; another one would get another number.
const FORM: u8 = 0x01;
const KEY_ID_BYTES: usize = 4;
const NONCE_BYTES: usize = 24;
const KEY_BYTES: usize = 32;

/// A secret cannot be sealed or opened.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum VaultError {
    /// The key itself cannot be had.
    #[error("the key of the stored secrets cannot be read from {place}: {why}")]
    Key {
        /// Where it should be.
        place: String,
        /// What is wrong.
        why: String,
    },
    /// It was sealed by a key that is not here.
    #[error(
        "a stored secret was sealed by the key {0}, which is not here: put that key into \
         `data.old_keys`, or enter the secret again"
    )]
    UnknownKey(String),
    /// It was changed, or belongs to another row.
    #[error("a stored secret was changed, or does not belong where it stands: enter it again")]
    Tampered,
    /// It is nothing that was sealed.
    #[error("a stored secret is none of ours: enter it again")]
    NotSealed,
}

/// Names a key without showing it.
type KeyId = [u8; KEY_ID_BYTES];

/// Seals secrets and opens them.
#[derive(Clone)]
pub struct Vault {
    sealing: KeyId,
    ciphers: BTreeMap<KeyId, XChaCha20Poly1305>,
}

impl fmt::Debug for Vault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Vault({})", hex::encode(self.sealing))
    }
}

impl Vault {
    /// Opens the vault with the key that the configuration names: `data.key`, `data.key_file`, the
    /// kernel's keyring, the service manager's credential, or else a file in the data folder, which
    /// is made when it is not there.
    ///
    /// # Errors
    /// [`VaultError::Key`].
    pub fn open(config: &Config) -> Result<Self, VaultError> {
        let credentials = std::env::var_os("CREDENTIALS_DIRECTORY");
        let text = source::find(&config.data, credentials.as_deref().map(AsRef::as_ref))?;
        let old = config.data.old_keys.reveal().split([' ', ',', '\n']);
        let old = old.map(str::trim).filter(|key| !key.is_empty());
        Self::with_keys(&text.key, &text.place, old)
    }

    /// A vault that seals by one key (32 bytes in base64) and opens what older ones sealed.
    ///
    /// # Errors
    /// [`VaultError::Key`] for a text that is no key.
    pub fn with_keys<'a>(
        key: &str,
        place: &str,
        old_keys: impl IntoIterator<Item = &'a str>,
    ) -> Result<Self, VaultError> {
        let (sealing, cipher) = read_key(key, place)?;
        let mut ciphers = BTreeMap::from([(sealing, cipher)]);
        for old in old_keys {
            let (id, cipher) = read_key(old, "`data.old_keys`")?;
            ciphers.entry(id).or_insert(cipher);
        }
        Ok(Self { sealing, ciphers })
    }

    /// Seals a secret. `about` names the row that it belongs to, such as `token:` and an id; only by
    /// the same name does it open again.
    #[must_use]
    pub fn seal(&self, about: &str, plain: &[u8]) -> Vec<u8> {
        let nonce = XNonce::generate();
        let payload = Payload { msg: plain, aad: about.as_bytes() };
        let cipher = self.ciphers.get(&self.sealing);
        // Only a text of more than 256 GB cannot be sealed; nothing then is what opens to an error.
        let sealed = cipher.and_then(|cipher| cipher.encrypt(&nonce, payload).ok());
        let Some(sealed) = sealed else { return Vec::new() };
        [&[FORM], self.sealing.as_slice(), nonce.as_slice(), &sealed].concat()
    }

    /// Opens what was sealed about the same thing.
    ///
    /// # Errors
    /// [`VaultError::NotSealed`], [`VaultError::UnknownKey`] or [`VaultError::Tampered`].
    pub fn unseal(&self, about: &str, sealed: &[u8]) -> Result<Vec<u8>, VaultError> {
        let (id, rest) = take_apart(sealed).ok_or(VaultError::NotSealed)?;
        let cipher =
            self.ciphers.get(&id).ok_or_else(|| VaultError::UnknownKey(hex::encode(id)))?;
        let (nonce, text) = rest.split_first_chunk().ok_or(VaultError::NotSealed)?;
        let nonce: &[u8; NONCE_BYTES] = nonce;
        let payload = Payload { msg: text, aad: about.as_bytes() };
        cipher.decrypt(&XNonce::from(*nonce), payload).map_err(|_| VaultError::Tampered)
    }

    /// The same secret under the key that seals now; `None` when it is so already.
    ///
    /// # Errors
    /// Those of [`Vault::unseal`].
    pub fn reseal(&self, about: &str, sealed: &[u8]) -> Result<Option<Vec<u8>>, VaultError> {
        let (id, _) = take_apart(sealed).ok_or(VaultError::NotSealed)?;
        if id == self.sealing {
            return Ok(None);
        }
        Ok(Some(self.seal(about, &self.unseal(about, sealed)?)))
    }
}

fn take_apart(sealed: &[u8]) -> Option<(KeyId, &[u8])> {
    let (form, rest) = sealed.split_first()?;
    let (id, rest) = rest.split_first_chunk()?;
    (*form == FORM).then_some((*id, rest))
}

fn read_key(text: &str, place: &str) -> Result<(KeyId, XChaCha20Poly1305), VaultError> {
    let wrong = |why: &str| VaultError::Key { place: place.to_owned(), why: why.to_owned() };
    let bytes = STANDARD.decode(text.trim()).map_err(|_| wrong("it is no base64"))?;
    let key: [u8; KEY_BYTES] = bytes
        .try_into()
        .map_err(|_| wrong("it must be 32 bytes; `head -c 32 /dev/urandom | base64` makes one"))?;
    let mut hash = Sha256::new();
    hash.update(b"tillbook key id");
    hash.update(key);
    let digest: [u8; 32] = hash.finalize().into();
    let id = digest.first_chunk().copied().unwrap_or_default();
    Ok((id, XChaCha20Poly1305::new(&key.into())))
}

#[cfg(test)]
mod tests {
    use super::*;

    const KEY: &str = "MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY=";
    const OTHER: &str = "ZmVkY2JhOTg3NjU0MzIxMGZlZGNiYTk4NzY1NDMyMTA=";

    fn vault(key: &str, old: &[&str]) -> Vault {
        Vault::with_keys(key, "test", old.iter().copied()).unwrap()
    }

    #[test]
    fn what_is_sealed_opens_and_never_looks_the_same() {
        let vault = vault(KEY, &[]);
        let (first, second) =
            (vault.seal("token:1", b"hunter2"), vault.seal("token:1", b"hunter2"));
        assert_ne!(first, second);
        assert_eq!(first.len(), 1 + KEY_ID_BYTES + NONCE_BYTES + 7 + 16);
        assert!(!first.windows(7).any(|window| window == b"hunter2"));
        assert_eq!(vault.unseal("token:1", &first).unwrap(), b"hunter2");
        assert!(!format!("{vault:?}").contains("0123"));
    }

    #[test]
    fn every_changed_byte_is_noticed() {
        let vault = vault(KEY, &[]);
        let sealed = vault.seal("token:1", b"hunter2");
        for at in 0..sealed.len() {
            let mut changed = sealed.clone();
            changed[at] ^= 1;
            assert!(vault.unseal("token:1", &changed).is_err(), "byte {at}");
        }
        for length in 0..sealed.len() {
            assert!(vault.unseal("token:1", &sealed[..length]).is_err(), "{length} bytes");
        }
    }

    #[test]
    fn a_secret_of_another_row_does_not_open() {
        let vault = vault(KEY, &[]);
        let sealed = vault.seal("token:1", b"hunter2");
        let error = vault.unseal("token:2", &sealed).unwrap_err();
        assert!(matches!(error, VaultError::Tampered), "{error}");
    }

    #[test]
    fn a_key_that_is_not_here_is_named() {
        let sealed = vault(KEY, &[]).seal("token:1", b"hunter2");
        let error = vault(OTHER, &[]).unseal("token:1", &sealed).unwrap_err();
        let VaultError::UnknownKey(id) = &error else { panic!("{error}") };
        assert_eq!(*id, hex::encode(&sealed[1..5]));
        assert!(error.to_string().contains("data.old_keys"));
    }

    #[test]
    fn a_rotated_key_still_opens_and_is_sealed_anew() {
        let sealed = vault(KEY, &[]).seal("token:1", b"hunter2");
        let rotated = vault(OTHER, &[KEY]);
        assert_eq!(rotated.unseal("token:1", &sealed).unwrap(), b"hunter2");
        let anew = rotated.reseal("token:1", &sealed).unwrap().unwrap();
        assert!(rotated.reseal("token:1", &anew).unwrap().is_none());
        assert_eq!(vault(OTHER, &[]).unseal("token:1", &anew).unwrap(), b"hunter2");
    }

    #[test]
    fn what_is_no_key_is_said_without_showing_it() {
        for text in ["hunter2", "aHVudGVyMg==", ""] {
            let error = Vault::with_keys(text, "`data.key`", []).unwrap_err().to_string();
            assert!(error.contains("`data.key`"), "{error}");
            assert!(!error.contains("hunter2"), "{error}");
        }
    }
}

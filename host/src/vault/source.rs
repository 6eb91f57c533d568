//! Where the key of the stored secrets comes from.

use std::{
    fs::{self, OpenOptions},
    io::{self, Write},
    os::unix::fs::{MetadataExt, OpenOptionsExt},
    path::{Path, PathBuf},
};

use base64::{Engine as _, engine::general_purpose::STANDARD};

use super::{KEY_BYTES, VaultError};
use crate::{
    config::{DataConfig, KeyFrom},
    store::make_folder,
};

/// The file in the data folder, the service manager's credential, and the key in the keyring.
const NAME: &str = "tillbook.key";

/// A key as text, and where it was found.
pub(super) struct Found {
    pub(super) key: String,
    pub(super) place: String,
}

/// Finds the key; without any, makes a file for it.
pub(super) fn find(data: &DataConfig, credentials: Option<&Path>) -> Result<Found, VaultError> {
    if !data.key.is_empty() {
        return Ok(Found { key: data.key.reveal().to_owned(), place: String::from("`data.key`") });
    }
    if data.key_from == KeyFrom::Keyring {
        return from_keyring(NAME);
    }
    if !data.key_file.as_os_str().is_empty() {
        return from_file(&data.key_file);
    }
    if let Some(path) = credentials.map(|folder| folder.join(NAME)).filter(|path| path.is_file()) {
        // The service manager keeps this file to the service; its mode is not ours to judge.
        let key = fs::read_to_string(&path).map_err(|error| unreadable(&path, &error))?;
        return Ok(Found { key, place: path.display().to_string() });
    }
    let path = data.folder.join(NAME);
    if !path.exists() {
        make(&path).map_err(|error| unreadable(&path, &error))?;
    }
    from_file(&path)
}

fn from_file(path: &Path) -> Result<Found, VaultError> {
    let mode = fs::metadata(path).map_err(|error| unreadable(path, &error))?.mode();
    let place = path.display().to_string();
    if mode & 0o077 != 0 {
        let why = format!("others may read it (mode {:o}); `chmod 600` it", mode & 0o777);
        return Err(VaultError::Key { place, why });
    }
    let key = fs::read_to_string(path).map_err(|error| unreadable(path, &error))?;
    Ok(Found { key, place })
}

/// Makes a key and its file, whole or not at all; where another process was quicker, its key holds.
fn make(path: &Path) -> io::Result<()> {
    if let Some(folder) = path.parent() {
        make_folder(folder)?;
    }
    let mut key = [0; KEY_BYTES];
    getrandom::fill(&mut key).map_err(io::Error::other)?;
    let draft = PathBuf::from(format!("{}.{}", path.display(), uuid::Uuid::new_v4().simple()));
    let mut file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(&draft)?;
    writeln!(file, "{}", STANDARD.encode(key))?;
    file.sync_all()?;
    let linked = fs::hard_link(&draft, path);
    fs::remove_file(&draft)?;
    match linked {
        Err(error) if error.kind() != io::ErrorKind::AlreadyExists => Err(error),
        _ => Ok(()),
    }
}

fn unreadable(path: &Path, error: &io::Error) -> VaultError {
    VaultError::Key { place: path.display().to_string(), why: error.to_string() }
}

#[cfg(target_os = "linux")]
fn from_keyring(name: &str) -> Result<Found, VaultError> {
    use linux_keyutils::{KeyRing, KeyRingIdentifier};
    let place = format!("the kernel's keyring (key `{name}`)");
    let read = || {
        // A service has a session of its own; what its user keeps is found from there, too.
        let rings = [KeyRingIdentifier::Session, KeyRingIdentifier::User];
        let mut found = Err(linux_keyutils::KeyError::KeyDoesNotExist);
        for ring in rings {
            let ring = KeyRing::from_special_id(ring, false);
            found = ring.and_then(|ring| ring.search(name)?.read_to_vec());
            if found.is_ok() {
                break;
            }
        }
        found
    };
    let bytes = read().map_err(|error| VaultError::Key {
        place: place.clone(),
        why: format!("{error:?}; `keyctl padd user {name} @u < KEYFILE` puts it there"),
    })?;
    Ok(Found { key: String::from_utf8_lossy(&bytes).into_owned(), place })
}

#[cfg(not(target_os = "linux"))]
fn from_keyring(name: &str) -> Result<Found, VaultError> {
    Err(VaultError::Key {
        place: format!("the keyring (key `{name}`)"),
        why: String::from("only Linux has one; use `data.key_file`"),
    })
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use super::*;
    use crate::config::Secret;

    const KEY: &str = "MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY=";

    fn data(folder: &Path) -> DataConfig {
        DataConfig { folder: folder.to_owned(), ..DataConfig::default() }
    }

    fn mode(path: &Path) -> u32 {
        fs::metadata(path).unwrap().mode() & 0o777
    }

    #[test]
    fn the_first_start_makes_a_file_that_only_its_owner_reads() {
        let folder = tempfile::tempdir().unwrap();
        let data = data(&folder.path().join("data"));
        let first = find(&data, None).unwrap();
        assert_eq!(mode(&data.folder.join(NAME)), 0o600);
        assert_eq!(mode(&data.folder), 0o700);
        assert_eq!(STANDARD.decode(first.key.trim()).unwrap().len(), 32);
        assert_eq!(find(&data, None).unwrap().key, first.key);
        assert_eq!(fs::read_dir(&data.folder).unwrap().count(), 1, "a draft was left behind");
    }

    #[test]
    fn processes_that_start_at_once_have_one_key() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().to_owned();
        let start = || {
            std::thread::spawn({
                let path = path.clone();
                move || find(&data(&path), None)
            })
        };
        let threads: Vec<_> = (0..8).map(|_| start()).collect();
        let keys: Vec<String> =
            threads.into_iter().map(|thread| thread.join().unwrap().unwrap().key).collect();
        assert!(keys.iter().all(|key| *key == keys[0]));
    }

    #[test]
    fn a_file_that_others_may_read_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        find(&data(folder.path()), None).unwrap();
        let path = folder.path().join(NAME);
        fs::set_permissions(&path, fs::Permissions::from_mode(0o640)).unwrap();
        let error = find(&data(folder.path()), None).err().unwrap().to_string();
        assert!(error.contains("chmod 600"), "{error}");
    }

    #[test]
    fn what_is_named_goes_before_what_is_found() {
        let folder = tempfile::tempdir().unwrap();
        let credentials = folder.path().join("credentials");
        fs::create_dir(&credentials).unwrap();
        fs::write(credentials.join(NAME), "of the service manager").unwrap();
        let mut data = data(folder.path());
        let found = |data: &DataConfig| find(data, Some(&credentials)).unwrap().key;
        assert_eq!(found(&data), "of the service manager");
        data.key_file = folder.path().join("named");
        fs::write(&data.key_file, "of the file").unwrap();
        fs::set_permissions(&data.key_file, fs::Permissions::from_mode(0o600)).unwrap();
        assert_eq!(found(&data), "of the file");
        data.key = Secret::new(KEY);
        assert_eq!(found(&data), KEY);
        assert!(!folder.path().join(NAME).exists());
    }

    /// Needs a kernel that lets this process have a keyring; says so where it does not.
    #[test]
    #[cfg(target_os = "linux")]
    fn the_kernels_keyring_keeps_a_key() {
        use linux_keyutils::{KeyRing, KeyRingIdentifier};
        let ring = KeyRing::from_special_id(KeyRingIdentifier::Process, true)
            .and_then(|_| KeyRing::from_special_id(KeyRingIdentifier::User, true));
        let name = format!("tillbook test {}", std::process::id());
        let kept = ring.and_then(|ring| {
            let key = ring.add_key(&name, KEY.as_bytes())?;
            Ok((ring, key))
        });
        let Ok((ring, key)) = kept else {
            eprintln!("SKIPPED: this kernel gives no keyring: {:?}", kept.err());
            return;
        };
        let found = from_keyring(&name);
        ring.unlink_key(key).unwrap();
        assert_eq!(found.unwrap().key, KEY);
        let error = from_keyring(&name).err().unwrap().to_string();
        assert!(error.contains("keyctl"), "{error}");
    }
}

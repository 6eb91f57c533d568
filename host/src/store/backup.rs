//! Backups: the whole store in one file, and what a store has to know that was put back.

use std::{
    fs::{self, OpenOptions},
    io,
    os::unix::fs::OpenOptionsExt,
    path::{Path, PathBuf},
};

use super::{CopyError, Engine, FILE, Store, StoreError, make_folder, sql::operations as sql};
use crate::time::Timestamp;

/// The mark of a store that was put back.
const RESTORED: &str = "restored";

/// How a file of SQLite begins.
const HEAD: &[u8] = b"SQLite format 3\0";

/// A backup cannot be made or put back.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum BackupError {
    /// A store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The tables cannot be copied.
    #[error(transparent)]
    Copy(#[from] CopyError),
    /// The file is there already.
    #[error("`{0}` is there already; a backup overwrites nothing")]
    Exists(String),
    /// The folder holds a store.
    #[error("`{0}` holds a store already; a backup is put back into an empty folder")]
    NotEmpty(String),
    /// The file is no backup.
    #[error("`{0}` is no backup of Tillbook's, or is damaged")]
    NoBackup(String),
    /// A file cannot be read or written.
    #[error("`{path}`: {error}")]
    File {
        /// The file.
        path: String,
        /// Why.
        error: io::Error,
    },
}

fn at(path: &Path) -> impl FnOnce(io::Error) -> BackupError {
    let path = path.display().to_string();
    |error| BackupError::File { path, error }
}

impl Store {
    /// Writes the whole store into a file of SQLite that only its owner can read, while workers go
    /// on; whatever engine keeps it, the file can be put back into either.
    ///
    /// # Errors
    /// [`BackupError`]; then there is no file.
    pub async fn back_up(&self, file: &Path) -> Result<(), BackupError> {
        if file.exists() {
            return Err(BackupError::Exists(file.display().to_string()));
        }
        let part = with_end(file, "part");
        fs::remove_file(&part).or_else(missing).map_err(at(&part))?;
        // Made here first, so that nobody but the owner can read it.
        OpenOptions::new()
            .create_new(true)
            .write(true)
            .mode(0o600)
            .open(&part)
            .map_err(at(&part))?;
        let written = match self.engine {
            Engine::Sqlite => self.vacuum_into(&part).await.map_err(BackupError::from),
            Engine::Postgres => self.copy_into_file(file, &part).await,
        };
        if let Err(error) = written {
            fs::remove_file(&part).ok();
            return Err(error);
        }
        let synced = fs::File::open(&part).and_then(|file| file.sync_all());
        synced.and_then(|()| fs::rename(&part, file)).map_err(at(file))
    }

    async fn vacuum_into(&self, part: &Path) -> Result<(), StoreError> {
        let path = part.display().to_string();
        sqlx::query(sql::BACKUP_SQLITE).bind(path).execute(&self.pool).await?;
        Ok(())
    }

    /// By way of a store of SQLite beside the file.
    async fn copy_into_file(&self, file: &Path, part: &Path) -> Result<(), BackupError> {
        let folder = with_end(file, "copying");
        fs::remove_dir_all(&folder).or_else(missing).map_err(at(&folder))?;
        let copy = Self::open(&folder).await?;
        let copied = self.copy_into(&copy, false, |_, _| ()).await;
        let written = match copied {
            Ok(_) => copy.vacuum_into(part).await.map_err(BackupError::from),
            Err(error) => Err(error.into()),
        };
        copy.close().await;
        fs::remove_dir_all(&folder).map_err(at(&folder))?;
        written
    }

    /// Puts a backup back into a folder without a store, and marks it: what was sent after the
    /// backup is looked up before anything is sent again.
    ///
    /// # Errors
    /// [`BackupError`]; then the folder holds no store.
    pub async fn restore(file: &Path, folder: &Path, now: Timestamp) -> Result<Self, BackupError> {
        if Self::exists(folder) {
            return Err(BackupError::NotEmpty(folder.display().to_string()));
        }
        let bytes = fs::read(file).map_err(at(file))?;
        if !bytes.starts_with(HEAD) {
            return Err(BackupError::NoBackup(file.display().to_string()));
        }
        make_folder(folder).map_err(at(folder))?;
        let path = folder.join(FILE);
        let opened = OpenOptions::new().create_new(true).write(true).mode(0o600).open(&path);
        let written = opened.and_then(|mut to| io::Write::write_all(&mut to, &bytes));
        let restored = match written {
            Ok(()) => Self::checked(file, folder, now).await,
            Err(error) => Err(at(&path)(error)),
        };
        if restored.is_err() {
            for end in ["", "-wal", "-shm"] {
                fs::remove_file(folder.join(format!("{FILE}{end}"))).ok();
            }
        }
        restored
    }

    async fn checked(file: &Path, folder: &Path, now: Timestamp) -> Result<Self, BackupError> {
        let no_backup = |_| BackupError::NoBackup(file.display().to_string());
        let store = Self::open(folder).await.map_err(no_backup)?;
        let well: String = sqlx::query_scalar(sql::INTEGRITY_SQLITE)
            .fetch_one(&store.pool)
            .await
            .map_err(|error| no_backup(error.into()))?;
        if well != "ok" {
            store.close().await;
            return Err(BackupError::NoBackup(file.display().to_string()));
        }
        store.mark_restored(&file.display().to_string(), now).await?;
        Ok(store)
    }

    /// Marks a store that was put back: open plans are stopped, so that the next one finds what was
    /// done since; every order is looked at again; no lease is held.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn mark_restored(&self, from: &str, now: Timestamp) -> Result<(), StoreError> {
        let mut transaction = self.begin().await?;
        sqlx::query(sql::RESTORED_PLANS).bind(now.ms()).execute(&mut *transaction).await?;
        for statement in [sql::RESTORED_LEASES, sql::RESTORED_OUTCOMES, sql::RESTORED_SHOPS] {
            sqlx::query(statement).execute(&mut *transaction).await?;
        }
        sqlx::query(sql::MARK_PUT)
            .bind(RESTORED)
            .bind(from)
            .bind(now.ms())
            .execute(&mut *transaction)
            .await?;
        transaction.commit().await
    }

    /// From which file and when the store was put back, if it was.
    ///
    /// # Errors
    /// [`StoreError::Database`].
    pub async fn restored(&self) -> Result<Option<(String, Timestamp)>, StoreError> {
        let mark: Option<(String, i64)> =
            sqlx::query_as(sql::MARK_OF).bind(RESTORED).fetch_optional(&self.pool).await?;
        Ok(mark.map(|(from, at_ms)| (from, Timestamp::from_ms(at_ms))))
    }
}

fn with_end(file: &Path, end: &str) -> PathBuf {
    let mut name = file.as_os_str().to_owned();
    name.push(".");
    name.push(end);
    name.into()
}

/// What is not there need not be removed.
fn missing(error: io::Error) -> io::Result<()> {
    if error.kind() == io::ErrorKind::NotFound { Ok(()) } else { Err(error) }
}

//! What is used of Xero's limits: rows that every worker of every process reads, changes and writes
//! back in one transaction.

use super::{Engine, Store, StoreError, sql::connection as sql};

impl Store {
    /// Reads some rows, lets them be changed and writes them back; nobody else does so meanwhile.
    /// A row that is not there is `{}`. Rows are locked in the order of their names here, which must
    /// be the same everywhere.
    ///
    /// # Errors
    /// [`StoreError::Database`].
    pub(crate) async fn change_budgets<const N: usize, T>(
        &self,
        names: [&str; N],
        change: impl FnOnce(&mut [String; N]) -> T,
    ) -> Result<T, StoreError> {
        let get = match self.engine {
            Engine::Sqlite => sql::BUDGET_GET,
            Engine::Postgres => sql::BUDGET_GET_LOCKED,
        };
        let mut transaction = self.begin().await?;
        let mut states = [const { String::new() }; N];
        for (name, state) in names.iter().zip(&mut states) {
            let read = || sqlx::query_scalar(get).bind(*name);
            let mut found: Option<String> = read().fetch_optional(&mut *transaction).await?;
            if found.is_none() {
                sqlx::query(sql::BUDGET_MAKE).bind(*name).execute(&mut *transaction).await?;
                found = read().fetch_optional(&mut *transaction).await?;
            }
            *state = found.unwrap_or_else(|| String::from("{}"));
        }
        let before = states.clone();
        let result = change(&mut states);
        for ((name, state), before) in names.iter().zip(&states).zip(&before) {
            if state != before {
                let query = sqlx::query(sql::BUDGET_SET).bind(*name).bind(state);
                query.execute(&mut *transaction).await?;
            }
        }
        transaction.commit().await?;
        Ok(result)
    }

    /// The state of a row as it is now.
    ///
    /// # Errors
    /// [`StoreError::Database`].
    pub(crate) async fn budget(&self, name: &str) -> Result<Option<String>, StoreError> {
        let query = sqlx::query_scalar(sql::BUDGET_GET).bind(name);
        Ok(query.fetch_optional(&self.pool).await?)
    }

    /// The names of all rows.
    ///
    /// # Errors
    /// [`StoreError::Database`].
    pub(crate) async fn budget_names(&self) -> Result<Vec<String>, StoreError> {
        Ok(sqlx::query_scalar(sql::BUDGET_NAMES).fetch_all(&self.pool).await?)
    }
}

//! How a statement runs: on the connection of the backend that it is for.
//!
//! Owns the `match` on the backend for every query. Must not hold queries. A statement runs on the inner connection and
//! not on [`AnyConnection`], which would build its text anew for each step of each run instead of knowing it by its type.

use diesel::helper_types::Limit;
use diesel::query_builder::{AsQuery, AstPass, Query, QueryFragment, QueryId};
use diesel::query_dsl::methods::{ExecuteDsl, LimitDsl, LoadQuery};
use diesel::sqlite::Sqlite;
use diesel::{QueryResult, RunQueryDsl, Selectable, SqliteConnection, sql_types};
use time::PrimitiveDateTime;

use crate::store::Tx;
use crate::store::connection::AnyConnection;

/// A statement that may be prepared once and kept. Diesel keeps no UPDATE, no upsert and nothing that holds SQL of our own, since
/// it can't know that their text is always the same; ours is, or one of a few.
#[derive(Debug)]
pub(super) struct Kept<Q>(Q);

impl<Q: QueryFragment<DB>, DB: diesel::backend::Backend> QueryFragment<DB> for Kept<Q> {
    fn walk_ast<'b>(&'b self, pass: AstPass<'_, 'b, DB>) -> QueryResult<()> {
        self.0.walk_ast(pass)
    }

    fn is_safe_to_cache_prepared(&self, _: &DB) -> QueryResult<bool> {
        Ok(true)
    }
}

impl<Q: QueryId> QueryId for Kept<Q> {
    type QueryId = Q::QueryId;

    const HAS_STATIC_QUERY_ID: bool = Q::HAS_STATIC_QUERY_ID;
}

impl<Q: Query> Query for Kept<Q> {
    type SqlType = Q::SqlType;
}

impl<Q, C> RunQueryDsl<C> for Kept<Q> {}

/// Every backend changes rows by it.
#[cfg(not(feature = "postgres"))]
pub(super) trait Changes: ExecuteDsl<SqliteConnection> {}
#[cfg(not(feature = "postgres"))]
impl<Q: ExecuteDsl<SqliteConnection>> Changes for Q {}
/// Every backend changes rows by it.
#[cfg(feature = "postgres")]
pub(super) trait Changes: ExecuteDsl<SqliteConnection> + ExecuteDsl<diesel::PgConnection> {}
#[cfg(feature = "postgres")]
impl<Q: ExecuteDsl<SqliteConnection> + ExecuteDsl<diesel::PgConnection>> Changes for Q {}

/// Every backend answers it with rows that are read as `U`.
#[cfg(not(feature = "postgres"))]
pub(super) trait Reads<'q, U>: LoadQuery<'q, SqliteConnection, U> {}
#[cfg(not(feature = "postgres"))]
impl<'q, U, Q: LoadQuery<'q, SqliteConnection, U>> Reads<'q, U> for Q {}
/// Every backend answers it with rows that are read as `U`.
#[cfg(feature = "postgres")]
pub(super) trait Reads<'q, U>: LoadQuery<'q, SqliteConnection, U> + LoadQuery<'q, diesel::PgConnection, U> {}
#[cfg(feature = "postgres")]
impl<'q, U, Q: LoadQuery<'q, SqliteConnection, U> + LoadQuery<'q, diesel::PgConnection, U>> Reads<'q, U> for Q {}

/// The ways to run a statement in a transaction.
pub(super) trait Run: Sized {
    /// Changes rows and says how many.
    fn run(self, tx: &mut Tx<'_>) -> QueryResult<usize>
    where
        Kept<Self>: Changes,
    {
        match tx.conn {
            AnyConnection::Sqlite(conn) => ExecuteDsl::execute(Kept(self), conn),
            #[cfg(feature = "postgres")]
            AnyConnection::Postgres(conn) => ExecuteDsl::execute(Kept(self), conn),
        }
    }

    /// Every row; of an UPDATE or a DELETE with RETURNING, those that it changed.
    fn rows<'q, U>(self, tx: &mut Tx<'_>) -> QueryResult<Vec<U>>
    where
        Self: AsQuery,
        Kept<Self::Query>: Reads<'q, U> + 'q,
    {
        let kept = Kept(self.as_query());
        match tx.conn {
            AnyConnection::Sqlite(conn) => LoadQuery::<SqliteConnection, U>::internal_load(kept, conn)?.collect(),
            #[cfg(feature = "postgres")]
            AnyConnection::Postgres(conn) => LoadQuery::<diesel::PgConnection, U>::internal_load(kept, conn)?.collect(),
        }
    }

    /// The one row that an INSERT with RETURNING answers.
    fn row<'q, U>(self, tx: &mut Tx<'_>) -> QueryResult<U>
    where
        Self: AsQuery,
        Kept<Self::Query>: Reads<'q, U> + 'q,
    {
        self.rows(tx)?.into_iter().next().ok_or(diesel::result::Error::NotFound)
    }

    /// The first row, if there is one.
    fn first_row<'q, U>(self, tx: &mut Tx<'_>) -> QueryResult<U>
    where
        Self: LimitDsl,
        Limit<Self>: AsQuery,
        Kept<<Limit<Self> as AsQuery>::Query>: Reads<'q, U> + 'q,
    {
        LimitDsl::limit(self, 1).row(tx)
    }
}

impl<Q> Run for Q {}

/// A value of a statement that is written as SQL.
pub(super) enum Value {
    Text(String),
    Number(i64),
    Time(PrimitiveDateTime),
}

/// Runs a statement that is written as SQL, whose text is one of a few. Its values are `$1`, `$2` and so on, each once and in this
/// order: SQLite reads them as names.
pub(super) fn run_sql(tx: &mut Tx<'_>, sql: &str, values: impl IntoIterator<Item = Value>) -> QueryResult<usize> {
    macro_rules! bound {
        ($backend:ty) => {
            values.into_iter().fold(diesel::sql_query(sql).into_boxed::<$backend>(), |query, value| match value {
                Value::Text(text) => query.bind::<sql_types::Text, _>(text),
                Value::Number(number) => query.bind::<sql_types::BigInt, _>(number),
                Value::Time(time) => query.bind::<sql_types::Timestamp, _>(time),
            })
        };
    }
    match tx.conn {
        AnyConnection::Sqlite(conn) => ExecuteDsl::execute(Kept(bound!(Sqlite)), conn),
        #[cfg(feature = "postgres")]
        AnyConnection::Postgres(conn) => ExecuteDsl::execute(Kept(bound!(diesel::pg::Pg)), conn),
    }
}

/// What a row type selects.
pub(super) fn columns_of<R: Selectable<Sqlite>>() -> R::SelectExpression {
    R::construct_selection()
}

//! How a statement runs: on the connection of the backend that it is for.
//!
//! Owns the `match` on the backend for every query. Must not hold queries. A statement runs on the inner connection and
//! not on [`AnyConnection`], which would build its text anew for each step of each run instead of knowing it by its type.

use diesel::connection::LoadConnection;
use diesel::helper_types::Limit;
use diesel::query_builder::{AsQuery, AstPass, Query, QueryFragment, QueryId};
use diesel::query_dsl::methods::{LimitDsl, LoadQuery};
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

/// A statement that answers no rows, run as if it did: Diesel's own way to execute one looks at a reference to it, which hides
/// that it may be kept, and so prepares each UPDATE anew.
#[derive(Debug)]
struct Change<Q>(Kept<Q>);

impl<Q: QueryFragment<DB>, DB: diesel::backend::Backend> QueryFragment<DB> for Change<Q> {
    fn walk_ast<'b>(&'b self, pass: AstPass<'_, 'b, DB>) -> QueryResult<()> {
        self.0.walk_ast(pass)
    }

    fn is_safe_to_cache_prepared(&self, backend: &DB) -> QueryResult<bool> {
        self.0.is_safe_to_cache_prepared(backend)
    }
}

impl<Q: QueryId> QueryId for Change<Q> {
    type QueryId = Q::QueryId;

    const HAS_STATIC_QUERY_ID: bool = Q::HAS_STATIC_QUERY_ID;
}

impl<Q> Query for Change<Q> {
    type SqlType = sql_types::BigInt;
}

/// Every backend changes rows by it.
#[cfg(not(feature = "postgres"))]
pub(super) trait Changes: QueryFragment<Sqlite> + QueryId {}
#[cfg(not(feature = "postgres"))]
impl<Q: QueryFragment<Sqlite> + QueryId> Changes for Q {}
/// Every backend changes rows by it.
#[cfg(feature = "postgres")]
pub(super) trait Changes: QueryFragment<Sqlite> + QueryFragment<diesel::pg::Pg> + QueryId {}
#[cfg(feature = "postgres")]
impl<Q: QueryFragment<Sqlite> + QueryFragment<diesel::pg::Pg> + QueryId> Changes for Q {}

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
    /// Changes rows.
    fn run(self, tx: &mut Tx<'_>) -> QueryResult<()>
    where
        Self: Changes,
    {
        match tx.conn {
            AnyConnection::Sqlite(conn) => change(self, conn),
            #[cfg(feature = "postgres")]
            AnyConnection::Postgres(conn) => diesel::query_dsl::methods::ExecuteDsl::execute(self, conn).map(drop),
        }
    }

    /// Changes rows and says how many.
    fn changed(self, tx: &mut Tx<'_>) -> QueryResult<usize>
    where
        Self: Changes,
    {
        match tx.conn {
            AnyConnection::Sqlite(conn) => {
                change(self, conn)?;
                let count: i64 = RunQueryDsl::get_result(diesel::select(changes()), conn)?;
                Ok(usize::try_from(count).unwrap_or_default())
            }
            #[cfg(feature = "postgres")]
            AnyConnection::Postgres(conn) => diesel::query_dsl::methods::ExecuteDsl::execute(self, conn),
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

diesel::define_sql_function! {
    /// How many rows SQLite's last statement changed; what triggers changed is not counted.
    fn changes() -> BigInt;
}

fn change<Q: QueryFragment<Sqlite> + QueryId>(statement: Q, conn: &mut SqliteConnection) -> QueryResult<()> {
    // It is complete once the cursor has no more rows, and it never has one.
    LoadConnection::load(conn, Change(Kept(statement)))?.try_for_each(|row| row.map(drop))
}

/// A value of a statement that is written as SQL.
#[derive(Debug)]
pub(super) enum Value {
    Text(String),
    Number(i64),
    Time(PrimitiveDateTime),
}

/// A statement that is written as SQL, whose text is one of a few: `rows` many rows of values between two constant texts.
#[derive(Debug)]
pub(super) struct InsertRows {
    /// `INSERT INTO .. VALUES `
    pub(super) into: &'static str,
    /// The rows' values; each row has as many.
    pub(super) rows: Vec<Vec<Value>>,
    /// What follows: the conflict clause.
    pub(super) on_conflict: &'static str,
}

impl<DB> QueryFragment<DB> for InsertRows
where
    DB: diesel::backend::Backend
        + sql_types::HasSqlType<sql_types::Text>
        + sql_types::HasSqlType<sql_types::BigInt>
        + sql_types::HasSqlType<sql_types::Timestamp>,
    String: diesel::serialize::ToSql<sql_types::Text, DB>,
    i64: diesel::serialize::ToSql<sql_types::BigInt, DB>,
    PrimitiveDateTime: diesel::serialize::ToSql<sql_types::Timestamp, DB>,
{
    fn walk_ast<'b>(&'b self, mut pass: AstPass<'_, 'b, DB>) -> QueryResult<()> {
        pass.push_sql(self.into);
        for (n, row) in self.rows.iter().enumerate() {
            for (m, value) in row.iter().enumerate() {
                pass.push_sql(match (n, m) {
                    (0, 0) => "(",
                    (_, 0) => "), (",
                    _ => ", ",
                });
                match value {
                    Value::Text(text) => pass.push_bind_param::<sql_types::Text, _>(text)?,
                    Value::Number(number) => pass.push_bind_param::<sql_types::BigInt, _>(number)?,
                    Value::Time(time) => pass.push_bind_param::<sql_types::Timestamp, _>(time)?,
                }
            }
        }
        pass.push_sql(") ");
        pass.push_sql(self.on_conflict);
        Ok(())
    }
}

impl QueryId for InsertRows {
    type QueryId = ();

    const HAS_STATIC_QUERY_ID: bool = false;
}

/// What a row type selects.
pub(super) fn columns_of<R: Selectable<Sqlite>>() -> R::SelectExpression {
    R::construct_selection()
}

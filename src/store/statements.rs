//! How a statement runs: on the connection of the right backend.
//!
//! Owns the `match` on the backend for every query. Must not hold queries. A statement runs on the inner connection rather than
//! on [`AnyConnection`], which would rebuild the statement's text for each step of each run instead of recognizing the statement
//! by its type.

#[cfg(feature = "postgres")]
use diesel::Connection;
use diesel::connection::LoadConnection;
use diesel::helper_types::Limit;
use diesel::query_builder::{AsQuery, AstPass, Query, QueryFragment, QueryId};
use diesel::query_dsl::methods::{LimitDsl, LoadQuery};
use diesel::sqlite::Sqlite;
use diesel::{QueryResult, RunQueryDsl, Selectable, SqliteConnection, sql_types};
use time::PrimitiveDateTime;

use crate::store::Tx;
use crate::store::connection::AnyConnection;

/// A statement that can be prepared once and cached. Diesel doesn't cache UPDATEs, upserts or anything that contains our own SQL,
/// because it can't know that their text is always the same. Ours always is, or is one of a few variants.
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

/// A statement that returns no rows but is run as if it did. Diesel's own way to execute a statement goes through a reference,
/// which hides that the statement can be cached, and so prepares each UPDATE again.
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

/// A statement that changes rows on every backend.
#[cfg(not(feature = "postgres"))]
pub(super) trait Changes: QueryFragment<Sqlite> + QueryId {}
#[cfg(not(feature = "postgres"))]
impl<Q: QueryFragment<Sqlite> + QueryId> Changes for Q {}
/// A statement that changes rows on every backend.
#[cfg(feature = "postgres")]
pub(super) trait Changes: QueryFragment<Sqlite> + QueryFragment<diesel::pg::Pg> + QueryId {}
#[cfg(feature = "postgres")]
impl<Q: QueryFragment<Sqlite> + QueryFragment<diesel::pg::Pg> + QueryId> Changes for Q {}

/// A statement that returns rows of type `U` on every backend.
#[cfg(not(feature = "postgres"))]
pub(super) trait Reads<'q, U>: LoadQuery<'q, SqliteConnection, U> {}
#[cfg(not(feature = "postgres"))]
impl<'q, U, Q: LoadQuery<'q, SqliteConnection, U>> Reads<'q, U> for Q {}
/// A statement that returns rows of type `U` on every backend.
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
            AnyConnection::Postgres(conn) => Connection::execute_returning_count(conn, &Kept(self)).map(drop),
        }
    }

    /// Changes rows and returns how many.
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
            AnyConnection::Postgres(conn) => Connection::execute_returning_count(conn, &Kept(self)),
        }
    }

    /// Returns every row. For an UPDATE or a DELETE with RETURNING, these are the rows that it changed.
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

    /// Returns the only row, for example of an INSERT with RETURNING.
    fn row<'q, U>(self, tx: &mut Tx<'_>) -> QueryResult<U>
    where
        Self: AsQuery,
        Kept<Self::Query>: Reads<'q, U> + 'q,
    {
        self.rows(tx)?.into_iter().next().ok_or(diesel::result::Error::NotFound)
    }

    /// Returns the first row, if there is one.
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
    /// Returns how many rows the last SQLite statement changed. Rows changed by triggers are not counted.
    fn changes() -> BigInt;
}

fn change<Q: QueryFragment<Sqlite> + QueryId>(statement: Q, conn: &mut SqliteConnection) -> QueryResult<()> {
    // The statement is complete once the cursor has no more rows, and it never has one.
    LoadConnection::load(conn, Change(Kept(statement)))?.try_for_each(|row| row.map(drop))
}

/// A value in a statement that is written as SQL.
#[derive(Debug)]
pub(super) enum Value {
    Text(String),
    Number(i64),
    Time(PrimitiveDateTime),
}

/// A statement that is written as SQL: rows of values between two constant strings. Its text varies only with the number of rows.
#[derive(Debug)]
pub(super) struct InsertRows {
    /// `INSERT INTO .. VALUES `
    pub(super) into: &'static str,
    /// The values of each row. All rows have the same number of values.
    pub(super) rows: Vec<Vec<Value>>,
    /// The conflict clause, which follows the rows.
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

/// Returns the columns that a row type selects.
pub(super) fn columns_of<R: Selectable<Sqlite>>() -> R::SelectExpression {
    R::construct_selection()
}

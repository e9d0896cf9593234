//! The databases of the tests: files of SQLite's, or with `TEST_POSTGRES` a database of its own for each folder. That variable is the
//! URL of an empty Postgres server that the tests may fill.

use std::path::Path;

use assent::store::DatabaseUrl;
use diesel::{Connection as _, SqliteConnection};

/// A connection to either.
#[derive(diesel::MultiConnection)]
pub enum AnyConnection {
    Sqlite(SqliteConnection),
    #[cfg(feature = "postgres")]
    Postgres(diesel::PgConnection),
}

/// The URL of the database that belongs to a file's path, which is made the first time.
pub fn url(file: &Path) -> String {
    #[cfg(feature = "postgres")]
    if let Some(server) = postgres::server() {
        return postgres::url(&server, file);
    }
    format!("sqlite://{}", file.display())
}

/// Whether the tests run on Postgres.
pub fn is_postgres() -> bool {
    std::env::var_os("TEST_POSTGRES").is_some()
}

pub fn open(url: &DatabaseUrl) -> AnyConnection {
    match url {
        DatabaseUrl::Sqlite(file) => {
            AnyConnection::Sqlite(SqliteConnection::establish(&file.display().to_string()).expect("the database opens"))
        }
        #[cfg(feature = "postgres")]
        DatabaseUrl::Postgres(url) => AnyConnection::Postgres(diesel::PgConnection::establish(url).expect("the database opens")),
    }
}

#[cfg(feature = "postgres")]
mod postgres {
    use std::collections::BTreeMap;
    use std::path::{Path, PathBuf};
    use std::sync::atomic::{AtomicUsize, Ordering};
    use std::sync::{Mutex, OnceLock};

    use assent::store::{DatabaseUrl, Store};
    use diesel::connection::SimpleConnection as _;
    use diesel::{Connection as _, PgConnection};

    pub fn server() -> Option<String> {
        std::env::var("TEST_POSTGRES").ok()
    }

    /// The URL of a database on that server. The server's URL ends with the name of another database, before any options.
    fn named(server: &str, name: &str) -> String {
        let (place, options) = server.split_once('?').unwrap_or((server, ""));
        let (place, _) = place.rsplit_once('/').expect("a database's name");
        format!("{place}/{name}?{options}")
    }

    pub fn url(server: &str, file: &Path) -> String {
        static MADE: Mutex<BTreeMap<PathBuf, String>> = Mutex::new(BTreeMap::new());
        static TEMPLATE: OnceLock<String> = OnceLock::new();
        static NEXT: AtomicUsize = AtomicUsize::new(1);
        let mut made = MADE.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        let mut conn = PgConnection::establish(server).expect("the server of the tests");
        // Migrating takes longer than copying.
        let template = TEMPLATE.get_or_init(|| {
            let name = format!("template_{}", std::process::id());
            conn.batch_execute(&format!("CREATE DATABASE {name}")).expect("made");
            Store::migrate(&DatabaseUrl::parse(&named(server, &name)).expect("a URL")).expect("migrated");
            name
        });
        let file = file.to_owned();
        let name = made.entry(file).or_insert_with(|| {
            let name = format!("test_{}_{}", std::process::id(), NEXT.fetch_add(1, Ordering::Relaxed));
            conn.batch_execute(&format!("CREATE DATABASE {name} TEMPLATE {template}")).expect("copied");
            name
        });
        named(server, name)
    }
}

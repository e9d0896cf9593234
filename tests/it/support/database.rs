//! The databases of the tests: SQLite files, or, if `TEST_POSTGRES` is set, a Postgres database for each file. That variable is
//! the URL of an empty Postgres server that the tests may fill.

use std::path::Path;

use assent::store::DatabaseUrl;
use diesel::sql_types::Text;
use diesel::{Connection as _, QueryableByName, RunQueryDsl as _, SqliteConnection};
use rocket::tokio;
use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _};
use tokio::net::{TcpStream, UnixStream};
use tokio::sync::watch;

use super::listener::Listener;

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

/// The URL of a database that belongs to a file's path, without its tables.
pub fn empty_url(file: &Path) -> String {
    #[cfg(feature = "postgres")]
    if let Some(server) = postgres::server() {
        return postgres::empty(&server, file);
    }
    format!("sqlite://{}", file.display())
}

/// The names of a table's columns.
pub fn columns_of(app: &super::TestApp, table: &str) -> Vec<String> {
    app.column(&if is_postgres() {
        format!("SELECT column_name AS value FROM information_schema.columns WHERE table_name = '{table}'")
    } else {
        format!("SELECT name AS value FROM pragma_table_info('{table}')")
    })
}

/// The strings that a query with one column returns.
pub fn column_of(url: &DatabaseUrl, sql: &str) -> Vec<String> {
    let as_text = format!("SELECT CAST(value AS TEXT) AS value FROM ({sql}) AS answer");
    let rows: Vec<TextRow> = diesel::sql_query(as_text).load(&mut open(url)).expect(sql);
    rows.into_iter().map(|row| row.value).collect()
}

/// Runs a statement.
pub fn run(url: &DatabaseUrl, sql: &str) {
    diesel::sql_query(sql).execute(&mut open(url)).expect(sql);
}

#[derive(QueryableByName)]
struct TextRow {
    #[diesel(sql_type = Text)]
    value: String,
}

/// Whether the tests run on Postgres. Tests of SQLite's file have nothing to check then.
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

/// Stands between an app and the tests' Postgres, and can keep everything back, as if the server hung.
pub struct Relay {
    url: String,
    hangs: watch::Sender<bool>,
    _listener: Listener,
}

impl Relay {
    /// Opens a relay to the database that belongs to a file's path. On SQLite there's no server that could hang.
    pub fn to(file: &Path) -> Option<Self> {
        if !is_postgres() {
            return None;
        }
        let url = url(file);
        let (place, options) = url.split_once('?').expect("options");
        let (server, name) = place.rsplit_once('/').expect("a database's name");
        let host = server.rsplit_once('@').expect("an account").1.to_owned();
        let socket =
            options.split('&').find_map(|option| option.strip_prefix("host=")).map(|folder| format!("{folder}/.s.PGSQL.5432"));
        let hangs = watch::Sender::new(false);
        let seen = hangs.clone();
        let listener = Listener::open(move |client| {
            let (host, socket, hangs) = (host.clone(), socket.clone(), seen.subscribe());
            async move {
                let (from_client, to_client) = client.into_split();
                match socket {
                    Some(socket) => {
                        let (from_server, to_server) = UnixStream::connect(socket).await.expect("the server").into_split();
                        tokio::join!(pass(from_client, to_server, hangs.clone()), pass(from_server, to_client, hangs));
                    }
                    None => {
                        let (from_server, to_server) = TcpStream::connect(host).await.expect("the server").into_split();
                        tokio::join!(pass(from_client, to_server, hangs.clone()), pass(from_server, to_client, hangs));
                    }
                }
            }
        });
        Some(Self { url: format!("postgres://assent@127.0.0.1:{}/{name}", listener.port()), hangs, _listener: listener })
    }

    /// The URL of the database, through this relay.
    pub fn url(&self) -> DatabaseUrl {
        DatabaseUrl::parse(&self.url).expect("a URL")
    }

    /// Starts or stops keeping everything back.
    pub fn hang(&self, hangs: bool) {
        self.hangs.send_replace(hangs);
    }
}

async fn pass(mut from: impl AsyncRead + Unpin, mut to: impl AsyncWrite + Unpin, mut hangs: watch::Receiver<bool>) {
    let mut bytes = vec![0; 8_192];
    while let Ok(read @ 1..) = from.read(&mut bytes).await {
        if hangs.wait_for(|hangs| !hangs).await.is_err() || to.write_all(&bytes[..read]).await.is_err() {
            return;
        }
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

    static MADE: Mutex<BTreeMap<PathBuf, String>> = Mutex::new(BTreeMap::new());
    static NEXT: AtomicUsize = AtomicUsize::new(1);

    pub fn empty(server: &str, file: &Path) -> String {
        make(server, file, "template1")
    }

    pub fn url(server: &str, file: &Path) -> String {
        static TEMPLATE: OnceLock<String> = OnceLock::new();
        // Migrating takes longer than copying.
        let template = TEMPLATE.get_or_init(|| {
            let name = format!("template_{}", std::process::id());
            let mut conn = PgConnection::establish(server).expect("the server of the tests");
            conn.batch_execute(&format!("CREATE DATABASE {name}")).expect("made");
            Store::migrate(&DatabaseUrl::parse(&named(server, &name)).expect("a URL")).expect("migrated");
            name
        });
        make(server, file, template)
    }

    fn make(server: &str, file: &Path, template: &str) -> String {
        let mut made = MADE.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        let name = made.entry(file.to_owned()).or_insert_with(|| {
            let mut conn = PgConnection::establish(server).expect("the server of the tests");
            let name = format!("test_{}_{}", std::process::id(), NEXT.fetch_add(1, Ordering::Relaxed));
            conn.batch_execute(&format!("CREATE DATABASE {name} TEMPLATE {template}")).expect("copied");
            name
        });
        named(server, name)
    }
}

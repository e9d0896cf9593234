//! Where the database is: a SQLite file or a Postgres database.

use std::fmt;
use std::path::{Path, PathBuf};

/// What an owner may write.
const FORMS: &str = "write sqlite://data/assent.db, or postgres:// and the database";

/// The location of the database: `sqlite://` and a path, either relative to the working directory or absolute (`sqlite:///..`),
/// or `postgres://` and what libpq accepts after it.
#[derive(Clone, PartialEq, Eq)]
pub enum DatabaseUrl {
    /// The path of the file.
    Sqlite(PathBuf),
    /// The whole URL, which may contain a password.
    #[cfg(feature = "postgres")]
    Postgres(String),
}

impl DatabaseUrl {
    /// Parses a URL.
    ///
    /// # Errors
    /// Returns a sentence that says what to write instead.
    pub fn parse(url: &str) -> Result<Self, String> {
        let (scheme, rest) = url.split_once("://").unwrap_or(("none", ""));
        match scheme {
            "sqlite" if rest.is_empty() || rest.ends_with('/') || rest.contains([':', '?', '#', '%']) => {
                Err("it names no file, write sqlite://data/assent.db".to_owned())
            }
            "sqlite" => Ok(Self::Sqlite(PathBuf::from(rest))),
            #[cfg(feature = "postgres")]
            "postgres" | "postgresql" => Ok(Self::Postgres(url.to_owned())),
            #[cfg(not(feature = "postgres"))]
            "postgres" | "postgresql" => Err(
                "is Postgres, which this binary was built without: build with `cargo build --release --features postgres`, or \
                     write sqlite://data/assent.db"
                    .to_owned(),
            ),
            other => Err(format!("its scheme is `{other}`, {FORMS}")),
        }
    }

    /// Returns the path of SQLite's file.
    #[must_use]
    pub fn file(&self) -> Option<&Path> {
        match self {
            Self::Sqlite(file) => Some(file),
            #[cfg(feature = "postgres")]
            Self::Postgres(_) => None,
        }
    }

    /// Returns the folder that contains SQLite's file.
    #[must_use]
    pub fn folder(&self) -> Option<&Path> {
        let folder = self.file()?.parent();
        Some(folder.filter(|folder| !folder.as_os_str().is_empty()).unwrap_or_else(|| Path::new(".")))
    }
}

/// Shows the location without a password.
impl fmt::Display for DatabaseUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Sqlite(file) => write!(f, "{}", file.display()),
            #[cfg(feature = "postgres")]
            Self::Postgres(url) => {
                let rest = url.split_once("://").map_or("", |(_, rest)| rest);
                // A password may contain a `?`, so cut off the account before the parameters.
                let (authority, path) = rest.split_at(rest.find('/').unwrap_or(rest.len()));
                let host = authority.rsplit_once('@').map_or(authority, |(_, host)| host);
                let plain = |text: &str| text.split(['?', '&']).next().unwrap_or_default().to_owned();
                write!(f, "postgres://{}{}", plain(host), plain(path))
            }
        }
    }
}

impl fmt::Debug for DatabaseUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{self}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_url_of_another_scheme_is_refused_with_what_to_write() {
        for url in ["postgres-typo", "sqlite:data.db", "mysql://x", "", "sqlite://", "sqlite://data/", "sqlite://a?mode=ro"] {
            let refusal = DatabaseUrl::parse(url).expect_err(url);
            assert!(refusal.contains("write sqlite://data/assent.db"), "{url}: {refusal}");
        }
        let relative = DatabaseUrl::parse("sqlite://data/assent.db").expect("valid");
        assert_eq!((relative.file(), relative.folder()), (Some(Path::new("data/assent.db")), Some(Path::new("data"))));
        assert_eq!(DatabaseUrl::parse("sqlite://assent.db").expect("valid").folder(), Some(Path::new(".")));
        assert_eq!(DatabaseUrl::parse("sqlite:///srv/a.db").expect("valid").file(), Some(Path::new("/srv/a.db")));
    }

    #[cfg(not(feature = "postgres"))]
    #[test]
    fn a_binary_without_postgres_says_how_to_build_one_with_it() {
        let refusal = DatabaseUrl::parse("postgres://localhost/assent").expect_err("refused");
        assert!(refusal.contains("--features postgres"), "{refusal}");
    }

    #[cfg(feature = "postgres")]
    #[test]
    fn a_password_is_never_shown() {
        for url in [
            "postgres://assent:hunter2@db.example:5432/assent?sslmode=require",
            "postgresql://assent:p@hunter2@db.example/x",
            "postgres://assent:hun?ter2hunter2@db.example/x",
        ] {
            let parsed = DatabaseUrl::parse(url).expect("valid");
            let shown = format!("{parsed} {parsed:?}");
            assert!(shown.contains("db.example") && !shown.contains("hun"), "{shown}");
        }
    }
}

//! Static files: ours, and those that the owner put into the `static` folder beside the templates.
//!
//! Every file is compressed once, and has a name with a fingerprint of its content, so that browsers can keep it forever. The
//! owner's files also have their plain names, which browsers check again each time. Requests never touch the disk: all files are
//! read when the pages are prepared, and a name that wasn't read then doesn't exist.

mod owners;
pub(super) mod theme;

use std::collections::BTreeMap;
use std::io::Write as _;
use std::path::Path;
use std::sync::Arc;

use flate2::Compression;
use flate2::write::GzEncoder;
use rocket::http::{ContentType, RawStr};
use rust_embed::RustEmbed;
use sha2::{Digest as _, Sha256};

use crate::config::{Picture, Theme};
use crate::finding::Finding;
use crate::optin::disclosure::guard;

/// Our style sheet, which includes the owner's theme.
const SHEET: &str = "assent.css";

#[derive(RustEmbed)]
#[folder = "static"]
struct Files;

/// The content of a file, ready to send.
pub(super) struct Content {
    pub(super) kind: ContentType,
    pub(super) plain: Vec<u8>,
    /// Empty if compression isn't worth it.
    pub(super) gzip: Vec<u8>,
    /// The SHA-256 of the content, in hex.
    pub(super) digest: String,
}

impl Content {
    fn new(kind: ContentType, plain: Vec<u8>) -> Self {
        let gzip = if is_text(&kind) { gzip(&plain) } else { Vec::new() };
        let gzip = if gzip.len() < plain.len() { gzip } else { Vec::new() };
        Self { kind, gzip, digest: hex::encode(Sha256::digest(&plain)), plain }
    }

    /// Returns the name with a fingerprint of the content: `assent.css` becomes `assent.0123456789ab.css`.
    fn fingerprinted(&self, name: &str) -> String {
        let (folder, file) = name.rsplit_once('/').map_or(("", name), |(folder, file)| (folder, file));
        let slash = if folder.is_empty() { "" } else { "/" };
        let print = self.digest.get(..12).unwrap_or_default();
        match file.rsplit_once('.') {
            Some((stem, extension)) => format!("{folder}{slash}{stem}.{print}.{extension}"),
            None => format!("{folder}{slash}{file}.{print}"),
        }
    }
}

/// A file under one of its names.
pub(super) struct Asset {
    pub(super) content: Arc<Content>,
    /// Whether the name contains a fingerprint of the content.
    pub(super) fingerprinted: bool,
}

/// The static files by the name in their URL, below `/static/`.
#[derive(Default)]
pub(super) struct Assets {
    by_name: BTreeMap<String, Asset>,
    urls: BTreeMap<String, String>,
    /// The URLs of the owner's files, by their plain names.
    own_urls: BTreeMap<String, String>,
    has_own_files: bool,
}

impl Assets {
    /// Returns the file with this name below `/static/`.
    pub(super) fn find(&self, name: &str) -> Option<&Asset> {
        self.by_name.get(name)
    }

    /// Loads the built-in files and those in the owner's folder, and reports what is wrong with the latter.
    pub(super) fn load(folder: &Path, theme: &Theme) -> (Self, Vec<Finding>) {
        let mut assets = Self::default();
        let (owned, mut findings) = owners::read(folder);
        assets.has_own_files = !owned.is_empty();
        for (name, plain) in owned {
            let kind = kind_of(&name);
            if kind == ContentType::CSS
                && let Some((brace, line)) = guard::lone_brace(&String::from_utf8_lossy(&plain))
            {
                let sentence = match brace {
                    '{' => "the `{` here isn't closed, so browsers misread everything after it: write the missing `}`",
                    _ => "the `}` here closes nothing, so browsers drop the rule after it: remove it",
                };
                let place = format!("{} line {line}", folder.join(&name).display());
                findings.push(Finding::warning("STYLE", place, sentence));
            }
            let content = Arc::new(Content::new(kind, plain));
            let named = content.fingerprinted(&name);
            assets.own_urls.insert(name.clone(), format!("/static/{named}"));
            assets.by_name.insert(named, Asset { content: Arc::clone(&content), fingerprinted: true });
            assets.by_name.insert(name, Asset { content, fingerprinted: false });
        }
        // Ours come last, so that no file of the owner's replaces one.
        for name in Files::iter() {
            let Some(file) = Files::get(&name) else { continue };
            let mut plain = file.data.into_owned();
            if name == SHEET
                && let Ok(css) = std::str::from_utf8(&plain)
            {
                plain = theme::applied(css, theme).into_bytes();
            }
            let content = Arc::new(Content::new(kind_of(&name), plain));
            let named = content.fingerprinted(&name);
            assets.urls.insert(name.to_string(), format!("/static/{named}"));
            assets.by_name.insert(named, Asset { content, fingerprinted: true });
        }
        for (setting, picture) in [("theme.logo", &theme.logo), ("theme.favicon", &theme.favicon)] {
            if let Some(Picture::File(name)) = picture
                && !assets.own_urls.contains_key(name)
            {
                let sentence =
                    format!("there's no `{name}` in {}: put the file there, or write the name of one", folder.display());
                findings.push(Finding::error("STATIC", setting, sentence));
            } else if let Some(Picture::File(name)) = picture
                && kind_of(name).top() != "image"
            {
                let sentence = format!("`{name}` isn't a picture: write the name of an SVG, PNG, JPEG, WebP or ICO file");
                findings.push(Finding::error("STATIC", setting, sentence));
            }
        }
        (assets, findings)
    }

    /// Returns the URL of one of the owner's files by its name, such as `custom.css`; empty if there is none.
    pub(super) fn own_url(&self, name: &str) -> String {
        self.own_urls.get(name).cloned().unwrap_or_default()
    }

    /// Returns the URL of a picture that the settings name; empty if its file is missing.
    pub(super) fn picture(&self, picture: &Picture) -> String {
        match picture {
            Picture::File(name) => self.own_url(name),
            Picture::Elsewhere(url) => url.to_string(),
        }
    }

    /// Returns the text of a style sheet by the path of its URL, if we serve it.
    pub(super) fn stylesheet(&self, path: &str) -> Option<String> {
        let name = RawStr::new(path.strip_prefix("/static/")?).percent_decode().ok()?;
        let content = &self.by_name.get(name.as_ref())?.content;
        (content.kind == ContentType::CSS).then(|| String::from_utf8(content.plain.clone()).ok()).flatten()
    }

    /// Returns a file and its type by the name in its URL, below `/static/`.
    pub(super) fn plain(&self, name: &str) -> Option<(ContentType, Vec<u8>)> {
        let content = &self.by_name.get(name)?.content;
        Some((content.kind.clone(), content.plain.clone()))
    }

    /// Returns whether the owner has files of their own.
    pub(super) fn has_own_files(&self) -> bool {
        self.has_own_files
    }

    /// Returns the URL of a built-in file, such as `assent.css`.
    pub(super) fn url(&self, name: &str) -> String {
        self.urls.get(name).cloned().unwrap_or_default()
    }
}

fn kind_of(name: &str) -> ContentType {
    let extension = Path::new(name).extension().and_then(|extension| extension.to_str()).unwrap_or_default();
    match extension.to_ascii_lowercase().as_str() {
        "mjs" => ContentType::JavaScript,
        "map" => ContentType::JSON,
        "webmanifest" => ContentType::new("application", "manifest+json"),
        other => ContentType::from_extension(other).unwrap_or(ContentType::Binary),
    }
}

/// Returns whether a type is worth compressing. Pictures and fonts are already compressed.
fn is_text(kind: &ContentType) -> bool {
    let sub = kind.sub().as_str();
    kind.top() == "text" || ["javascript", "json", "xml"].iter().any(|text| sub == *text || sub.ends_with(&format!("+{text}")))
}

/// Compresses at the highest level. This happens once per file.
pub(super) fn gzip(plain: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
    // Writing to memory can't fail. If it did, the copy would be empty, and we'd send the plain one.
    let written = encoder.write_all(plain);
    written.and_then(|()| encoder.finish()).unwrap_or_default()
}

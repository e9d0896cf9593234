//! Static files: named by their content, so that a browser may keep them for ever, and compressed once.

use std::collections::BTreeMap;
use std::io::Write as _;

use flate2::Compression;
use flate2::write::GzEncoder;
use rocket::State;
use rocket::http::{ContentType, Header, Status};
use rust_embed::RustEmbed;
use sha2::{Digest as _, Sha256};

use crate::web::guards::AcceptsGzip;
use crate::web::headers::Answer;
use crate::web::publish::Published;

#[derive(RustEmbed)]
#[folder = "static"]
struct Files;

/// A file, ready to be sent.
pub(super) struct Asset {
    kind: ContentType,
    plain: Vec<u8>,
    gzip: Vec<u8>,
}

/// The static files by the name in their URL.
#[derive(Default)]
pub(super) struct Assets {
    by_name: BTreeMap<String, Asset>,
    urls: BTreeMap<String, String>,
}

impl Assets {
    /// Loads the built-in files.
    pub(super) fn load() -> Self {
        let mut assets = Self::default();
        for name in Files::iter() {
            let Some(file) = Files::get(&name) else { continue };
            let plain = file.data.into_owned();
            let print = hex::encode(&Sha256::digest(&plain)[..6]);
            let (stem, extension) = name.rsplit_once('.').unwrap_or((&name, "bin"));
            let named = format!("{stem}.{print}.{extension}");
            let kind = ContentType::from_extension(extension).unwrap_or(ContentType::Binary);
            assets.urls.insert(name.to_string(), format!("/static/{named}"));
            assets.by_name.insert(named, Asset { kind, gzip: gzip(&plain), plain });
        }
        assets
    }

    /// The text of a style sheet by its URL, if it is one of ours.
    pub(super) fn stylesheet(&self, url: &str) -> Option<String> {
        let asset = self.by_name.get(url.strip_prefix("/static/")?).filter(|asset| asset.kind == ContentType::CSS)?;
        String::from_utf8(asset.plain.clone()).ok()
    }

    /// The URL of a file, such as `assent.css`.
    pub(super) fn url(&self, name: &str) -> String {
        self.urls.get(name).cloned().unwrap_or_default()
    }
}

/// Compresses as well as it can; done once for each content.
pub(super) fn gzip(plain: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
    // Writing into memory cannot fail; should it all the same, an empty copy makes the plain one be sent.
    let written = encoder.write_all(plain);
    written.and_then(|()| encoder.finish()).unwrap_or_default()
}

#[rocket::get("/static/<name>")]
pub(super) fn file(name: &str, published: &State<Published>, gzip: AcceptsGzip) -> Result<Answer, Status> {
    let now = published.now();
    let asset = now.assets.by_name.get(name).ok_or(Status::NotFound)?;
    let squeezed = gzip.0 && !asset.gzip.is_empty() && asset.gzip.len() < asset.plain.len();
    let body = if squeezed { asset.gzip.clone() } else { asset.plain.clone() };
    let mut answer = Answer::new(Status::Ok, asset.kind.clone(), body)
        .with(Header::new("Cache-Control", "public, max-age=31536000, immutable"))
        .with(Header::new("Vary", "Accept-Encoding"));
    if squeezed {
        answer = answer.with(Header::new("Content-Encoding", "gzip"));
    }
    Ok(answer)
}

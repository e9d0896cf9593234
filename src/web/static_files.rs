//! Serves static files. A file whose name has a fingerprint may be kept forever; any other is checked again each time.

use rocket::State;
use rocket::get;
use rocket::http::uri::Segments;
use rocket::http::uri::fmt::Path;
use rocket::http::{Header, Status};

use crate::web::guards::{AcceptsGzip, IfNoneMatch};
use crate::web::headers::Answer;
use crate::web::prerender::Published;

/// Returns a file.
#[get("/static/<name..>")]
pub(super) fn file(
    name: Segments<'_, Path>,
    published: &State<Published>,
    gzip: AcceptsGzip,
    known: IfNoneMatch,
) -> Result<Answer, Status> {
    let now = published.now();
    let asset = now.assets.find(&name.collect::<Vec<_>>().join("/")).ok_or(Status::NotFound)?;
    let content = &asset.content;
    let etag = format!("\"{}\"", content.digest.get(..32).unwrap_or_default());
    let answer = if !asset.fingerprinted && known.holds(&etag) {
        Answer::new(Status::NotModified, content.kind.clone(), Vec::new())
    } else if gzip.0 && !content.gzip.is_empty() {
        Answer::new(Status::Ok, content.kind.clone(), content.gzip.clone()).with(Header::new("Content-Encoding", "gzip"))
    } else {
        Answer::new(Status::Ok, content.kind.clone(), content.plain.clone())
    };
    let answer = answer.with(Header::new("Vary", "Accept-Encoding"));
    Ok(if asset.fingerprinted {
        answer.with(Header::new("Cache-Control", "public, max-age=31536000, immutable"))
    } else {
        answer.with(Header::new("Cache-Control", "no-cache")).with(Header::new("ETag", etag))
    })
}

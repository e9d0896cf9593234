//! The preview: every page, text and e-mail as the owner's templates and words make them, in every state, with what `check` says.
//!
//! Owns its URLs. Must not read the database: it shows made-up facts through the same views as real pages. It's open to this
//! machine, and to anybody with a link from `assent preview-link`, which works for an hour.

use rocket::http::{ContentType, Header, Status};
use rocket::request::{FromRequest, Outcome, Request};
use rocket::serde::json::json;
use rocket::{State, async_trait, get};
use serde::Serialize;
use time::Duration;

use crate::app::App;
use crate::config::Scheme;
use crate::finding::{Finding, Level};
use crate::flow::texts;
use crate::web::assets::Assets;
use crate::web::assets::theme::{in_scheme, meta};
use crate::web::errors::{Running, WebError};
use crate::web::guards;
use crate::web::guards::Loopback;
use crate::web::headers::Answer;
use crate::web::prerender::{self, Published};
use crate::web::views::SizeView;
use crate::web::views::samples::{self, Sample};

/// How long a link to the preview works.
pub const LINK_LIVES: Duration = Duration::HOUR;
/// The policy of the preview's own pages, which show others in frames.
const FRAMING: &str = "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; connect-src 'self'; frame-src 'self'; \
                       form-action 'none'; base-uri 'none'; frame-ancestors 'none'";
/// The policy of a page in a frame, which can be looked at but not used.
const FRAMED: &str = "default-src 'none'; style-src 'self'; img-src 'self'; font-src 'self'; form-action 'none'; base-uri 'none'; \
                      frame-ancestors 'self'";
/// The same for an e-mail, which has its styles inline, as e-mails must.
const FRAMED_MAIL: &str = "default-src 'none'; style-src 'unsafe-inline'; img-src data:; form-action 'none'; base-uri 'none'; \
                           frame-ancestors 'self'";

/// Somebody who may see the preview. Anybody else gets a 404.
pub(super) struct Viewer {
    /// What every link in the preview ends with: the key, if one is needed.
    query: String,
}

#[async_trait]
impl<'r> FromRequest<'r> for Viewer {
    type Error = ();

    async fn from_request(request: &'r Request<'_>) -> Outcome<Self, ()> {
        if let Outcome::Success(_) = Loopback::from_request(request).await {
            return Outcome::Success(Self { query: String::new() });
        }
        let key = request.query_value::<&str>("key").and_then(Result::ok);
        match (guards::app(request), key) {
            (Some(app), Some(key)) if app.keys.opens_preview(key, app.clock.now()) => {
                Outcome::Success(Self { query: format!("?key={key}") })
            }
            _ => Outcome::Error((Status::NotFound, ())),
        }
    }
}

/// A finding as the preview shows it.
#[derive(Debug, Clone, Serialize)]
struct FindingView {
    is_error: bool,
    place: String,
    sentence: String,
}

impl From<&Finding> for FindingView {
    fn from(finding: &Finding) -> Self {
        Self { is_error: finding.level == Level::Error, place: finding.place.clone(), sentence: finding.sentence.clone() }
    }
}

/// A page in one state.
#[derive(Debug, Clone, Serialize)]
struct StateView {
    place: usize,
    template: &'static str,
    state: String,
}

impl StateView {
    fn all(samples: &[Sample]) -> Vec<Self> {
        let view = |(place, sample): (usize, &Sample)| Self { place, template: sample.template, state: sample.state.clone() };
        samples.iter().enumerate().map(view).filter(|view| !view.state.starts_with(samples::MONTH)).collect()
    }
}

/// `preview/index.html`
#[derive(Debug, Serialize)]
struct PreviewView {
    query: String,
    shown: String,
    version: u64,
    /// Whether settings have changed since the start.
    restart: bool,
    /// Why the newest change isn't live.
    refused: Vec<FindingView>,
    findings: Vec<FindingView>,
    states: Vec<StateView>,
    texts: Vec<TextView>,
    mails: Vec<MailView>,
}

/// A text, and the message that it is made from.
#[derive(Debug, Serialize)]
struct TextView {
    message: &'static str,
    text: String,
    size: SizeView,
}

/// An e-mail to the owner.
#[derive(Debug, Serialize)]
struct MailView {
    place: usize,
    subject: String,
    text: String,
}

/// `preview/page.html`
#[derive(Debug, Serialize)]
struct PreviewPageView {
    query: String,
    shown: String,
    version: u64,
    /// Whether settings have changed since the start.
    restart: bool,
    refused: Vec<FindingView>,
    state: StateView,
    /// The template's variables in this state, as JSON.
    variables: String,
    findings: Vec<FindingView>,
    before: Option<StateView>,
    after: Option<StateView>,
}

/// An overview of everything, in one language.
#[get("/preview?<lang>")]
pub(super) fn overview(
    viewer: Viewer,
    app: &Running,
    published: &State<Published>,
    lang: Option<&str>,
) -> Result<Answer, WebError> {
    let render = app.render();
    let locale = render.offered(lang.unwrap_or_default()).to_owned();
    let pages = published.now();
    let mails = samples::mails(&app.config, &render, &locale).into_iter().enumerate().map(|(place, mail)| {
        let (subject, text) = mail.map_or_else(|error| (error.to_string(), String::new()), |mail| (mail.0, mail.1));
        MailView { place, subject, text }
    });
    let view = PreviewView {
        query: viewer.query,
        version: version(app, published),
        restart: app.config.has_newer_settings(),
        refused: views(&published.refused()),
        findings: views(&[app.config.warnings.clone(), prerender::findings(&app.config, &render, &pages)].concat()),
        states: StateView::all(&samples::pages(&app.config, &render, &locale)),
        texts: texts::samples(&app.config, &render, &locale)
            .into_iter()
            .map(|(message, text)| TextView { message, size: SizeView::of(&text), text })
            .collect(),
        mails: mails.collect(),
        shown: locale,
    };
    own_page(app, "preview/index.html", &view)
}

/// One page in one state: on a phone and a desktop, light and dark.
#[get("/preview/page/<locale>/<place>")]
pub(super) fn page(
    viewer: Viewer,
    app: &Running,
    published: &State<Published>,
    locale: &str,
    place: usize,
) -> Result<Answer, WebError> {
    let render = app.render();
    let samples = samples::pages(&app.config, &render, known(app, locale)?);
    let states = StateView::all(&samples);
    let at = states.iter().position(|state| state.place == place).ok_or(Status::NotFound)?;
    let state = states[at].clone();
    let variables = samples.get(place).map(|sample| format!("{:#}", sample.variables)).unwrap_or_default();
    let about = format!("{locale} {}", state.template);
    let found = prerender::findings(&app.config, &render, &published.now())
        .into_iter()
        .filter(|finding| finding.place.starts_with(&about));
    let view = PreviewPageView {
        query: viewer.query,
        shown: locale.to_owned(),
        version: version(app, published),
        restart: app.config.has_newer_settings(),
        refused: views(&published.refused()),
        findings: views(&found.collect::<Vec<_>>()),
        before: at.checked_sub(1).and_then(|before| states.get(before)).cloned(),
        after: states.get(at + 1).cloned(),
        variables,
        state,
    };
    own_page(app, "preview/page.html", &view)
}

/// The page itself, in one color scheme. Its script is removed, since there is nothing that it could talk to.
#[get("/preview/page/<locale>/<place>/<scheme>")]
pub(super) fn framed(_viewer: Viewer, app: &Running, locale: &str, place: usize, scheme: &str) -> Result<Answer, WebError> {
    let scheme = scheme_of(scheme)?;
    let samples = samples::pages(&app.config, &app.render(), known(app, locale)?);
    let Sample { html, .. } = samples.into_iter().nth(place).ok_or(Status::NotFound)?;
    Ok(match html {
        Ok(html) => {
            let styled = html.replace("href=\"/static/", &format!("href=\"/preview/static/{}/", meta(scheme)));
            let html = styled.replace(
                "name=\"color-scheme\" content=\"light dark\"",
                &format!("name=\"color-scheme\" content=\"{}\"", meta(scheme)),
            );
            Answer::page(Status::Ok, without_scripts(&html)).with(policy(FRAMED))
        }
        Err(error) => {
            let text = format!("{:#}", anyhow::Error::from(error));
            Answer::new(Status::Ok, ContentType::Plain, text.into_bytes()).with(policy(FRAMED))
        }
    })
}

/// An e-mail to the owner, as HTML.
#[get("/preview/mail/<locale>/<place>")]
pub(super) fn mail(_viewer: Viewer, app: &Running, locale: &str, place: usize) -> Result<Answer, WebError> {
    let mails = samples::mails(&app.config, &app.render(), known(app, locale)?);
    let (_, _, html) = mails.into_iter().nth(place).ok_or(Status::NotFound)??;
    Ok(Answer::page(Status::Ok, html).with(policy(FRAMED_MAIL)))
}

/// A style sheet as a browser that prefers this color scheme sees it; other files as they are.
#[get("/preview/static/<scheme>/<name..>")]
pub(super) fn styled(
    published: &State<Published>,
    scheme: &str,
    name: rocket::http::uri::Segments<'_, rocket::http::uri::fmt::Path>,
) -> Result<Answer, Status> {
    let scheme = scheme_of(scheme)?;
    let pages = published.now();
    let assets: &Assets = &pages.assets;
    let (kind, bytes) = assets.plain(&name.collect::<Vec<_>>().join("/")).ok_or(Status::NotFound)?;
    let bytes = match std::str::from_utf8(&bytes) {
        Ok(css) if kind == ContentType::CSS => in_scheme(css, scheme).into_bytes(),
        _ => bytes,
    };
    Ok(Answer::new(Status::Ok, kind, bytes).with(Header::new("Cache-Control", "no-cache")))
}

/// The version, which changes whenever there is something new to see.
#[get("/preview/changes")]
pub(super) fn changes(_viewer: Viewer, app: &Running, published: &State<Published>) -> Answer {
    Answer::new(Status::Ok, ContentType::JSON, json!({ "version": version(app, published) }).to_string().into_bytes())
}

/// The version of what is published, and whether settings are waiting for a restart.
fn version(app: &App, published: &Published) -> u64 {
    published.version() + if app.config.has_newer_settings() { RESTART } else { 0 }
}

/// What is added to the version while settings wait for a restart. No server publishes that many versions.
const RESTART: u64 = 1 << 40;

fn own_page(app: &App, template: &str, view: &impl Serialize) -> Result<Answer, WebError> {
    Ok(Answer::page(Status::Ok, app.render().page("", template, view)?).with(policy(FRAMING)))
}

fn known<'a>(app: &App, locale: &'a str) -> Result<&'a str, Status> {
    if app.config.locales.iter().any(|known| known == locale) { Ok(locale) } else { Err(Status::NotFound) }
}

fn policy(policy: &'static str) -> Header<'static> {
    Header::new("Content-Security-Policy", policy)
}

fn scheme_of(word: &str) -> Result<Scheme, Status> {
    match word {
        "light" => Ok(Scheme::Light),
        "dark" => Ok(Scheme::Dark),
        _ => Err(Status::NotFound),
    }
}

fn views(findings: &[Finding]) -> Vec<FindingView> {
    findings.iter().map(FindingView::from).collect()
}

fn without_scripts(html: &str) -> String {
    let mut rest = html;
    let mut kept = String::with_capacity(html.len());
    while let Some((before, from)) = rest.split_once("<script") {
        kept.push_str(before);
        rest = from.split_once("</script>").map_or("", |(_, after)| after);
    }
    kept + rest
}

//! What the owner's sites call: they make sessions, and ask whose number was verified (docs/integrate.md).
//!
//! Owns API keys, JSON and problems. A site's key opens only that site's own sessions, and no answer tells whether another site's
//! session or code exists.

use rocket::data::{Data, FromData, ToByteUnit as _};
use rocket::http::{ContentType, Header, Status};
use rocket::request::{FromRequest, Outcome};
use rocket::response::{self, Responder};
use rocket::{Request, async_trait, data, get, post};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};
use url::Url;

use crate::config::{LinkedSite, site_of_key};
use crate::flow::FlowError;
use crate::flow::sessions::{self, Report, Session, SessionRequest, standing_word};
use crate::optin::phone::PhoneNumber;
use crate::optin::session::{SessionWay, is_ref};
use crate::web::errors::{Running, WebError};
use crate::web::guards;
use crate::web::headers::Answer;
use crate::web::problem::Problem;
use crate::web::views::iso;

/// The longest body that is read, in KiB.
const LONGEST_BODY: u32 = 16;
/// The longest URL to return to, in bytes. Proxies limit the headers of a redirect.
const LONGEST_URL: usize = 2_000;
/// The longest idempotency key, in characters.
const LONGEST_IDEMPOTENCY_KEY: usize = 255;

/// Why a request couldn't be answered.
pub(super) enum ApiError {
    /// The site has to do something else.
    Problem(Problem),
    /// Something of our own failed. The catcher knows that this is the API.
    Internal(WebError),
}

impl From<Problem> for ApiError {
    fn from(problem: Problem) -> Self {
        Self::Problem(problem)
    }
}

impl From<FlowError> for ApiError {
    fn from(error: FlowError) -> Self {
        Self::Internal(error.into())
    }
}

impl<'r> Responder<'r, 'static> for ApiError {
    fn respond_to(self, request: &'r Request<'_>) -> response::Result<'static> {
        match self {
            Self::Problem(problem) => problem.respond_to(request),
            Self::Internal(error) => error.respond_to(request),
        }
    }
}

/// The site whose API key the request carries, if it may use sessions.
pub(super) struct Caller(Result<LinkedSite, Problem>);

#[async_trait]
impl<'r> FromRequest<'r> for Caller {
    type Error = ();

    async fn from_request(request: &'r Request<'_>) -> Outcome<Self, ()> {
        let Some(app) = guards::app(request) else { return Outcome::Error((Status::InternalServerError, ())) };
        let given = request.headers().get_one("Authorization").and_then(|value| {
            let (scheme, key) = value.split_once(' ')?;
            scheme.eq_ignore_ascii_case("Bearer").then_some(key.trim())
        });
        let site = given.and_then(|key| site_of_key(&app.config.sites, key));
        Outcome::Success(Self(match site {
            Some(site) if site.may_use_sessions => Ok(site.clone()),
            Some(site) => {
                let detail = format!("This key may not use sessions: add \"sessions\" to sites.{}.allowed.", site.name);
                Err(Problem::new(Status::Forbidden, "forbidden", detail))
            }
            None => {
                if given.is_some() {
                    tracing::warn!(event = "api_key_refused", "a request with an unknown API key was refused");
                }
                Err(Problem::of_status(Status::Unauthorized))
            }
        }))
    }
}

/// The body of a request.
pub(super) struct Body(Result<Vec<u8>, Problem>);

#[async_trait]
impl<'r> FromData<'r> for Body {
    type Error = ();

    async fn from_data(request: &'r Request<'_>, data: Data<'r>) -> data::Outcome<'r, Self> {
        if !request.content_type().is_some_and(|kind| kind.is_json()) {
            let detail = "Send JSON, with Content-Type: application/json.";
            let problem = Problem::new(Status::UnsupportedMediaType, "unsupported-media-type", detail);
            return data::Outcome::Success(Self(Err(problem)));
        }
        let read = data.open(LONGEST_BODY.kibibytes()).into_bytes().await;
        data::Outcome::Success(Self(match read {
            Ok(body) if body.is_complete() => Ok(body.into_inner()),
            Ok(_) => Err(Problem::of_status(Status::PayloadTooLarge)),
            Err(_) => Err(Problem::of_status(Status::BadRequest)),
        }))
    }
}

impl Body {
    /// Reads the body as JSON.
    fn json<T: for<'de> Deserialize<'de>>(self) -> Result<T, Problem> {
        let unfit = |detail: String| Problem::new(Status::UnprocessableEntity, "invalid-body", detail);
        let value: Value = serde_json::from_slice(&self.0?)
            .map_err(|error| Problem::new(Status::BadRequest, "malformed-body", format!("The body isn't JSON: {error}.")))?;
        // Serde would also accept a list.
        if !value.is_object() {
            return Err(unfit("The body has to be a JSON object.".to_owned()));
        }
        serde_path_to_error::deserialize(value).map_err(|error| match error.path().to_string().as_str() {
            "." => unfit(format!("{}.", error.inner())),
            field => unfit(format!("`{field}`: {}.", error.inner())),
        })
    }
}

/// The idempotency key of a request, if it has one.
pub(super) struct IdempotencyKey(Option<String>);

#[async_trait]
impl<'r> FromRequest<'r> for IdempotencyKey {
    type Error = ();

    async fn from_request(request: &'r Request<'_>) -> Outcome<Self, ()> {
        Outcome::Success(Self(request.headers().get_one("Idempotency-Key").map(ToOwned::to_owned)))
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct CodeBody {
    code: String,
}

/// A site exchanges the code that a person took back to it.
#[post("/api/v1/results", data = "<body>")]
pub(super) async fn results(app: &Running, caller: Caller, body: Body) -> Result<Answer, ApiError> {
    let site = caller.0?;
    let CodeBody { code } = body.json()?;
    let Some(report) = sessions::exchange(app, &site, &code).await? else {
        let detail = "There's no such code: it's unknown, older than two minutes, or was exchanged before.";
        return Err(Problem::new(Status::NotFound, "code-not-found", detail).into());
    };
    let mut said = result_of(&report);
    let Session { name, way, site_ref, .. } = &report.session;
    said["ref"] = json!(site_ref);
    said["session"] = json!((*way == SessionWay::Hosted).then_some(name));
    Ok(answer(Status::Ok, &said))
}

/// What a site asks of a new session.
#[derive(Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
struct SessionBody {
    r#ref: String,
    phone_number: Option<String>,
    show_phone_number: Option<bool>,
    locale: Option<String>,
    return_url: Option<String>,
    cancel_url: Option<String>,
}

/// A site makes a session.
#[post("/api/v1/sessions", data = "<body>")]
pub(super) async fn create(app: &Running, caller: Caller, key: IdempotencyKey, body: Body) -> Result<Answer, ApiError> {
    let site = caller.0?;
    let request = read_request(app, &site, key, body.json()?)?;
    let Some(session) = sessions::create(app, &site, request).await? else {
        let detail = "Another request had this Idempotency-Key: use a new key for each request.";
        return Err(Problem::new(Status::UnprocessableEntity, "idempotency-key-reused", detail).into());
    };
    let url = format!("{}?session={}", app.config.site.base_url, session.name);
    let said = json!({ "id": session.name, "url": url, "expires_at": iso(session.expires_at) });
    Ok(answer(Status::Created, &said))
}

/// Checks what a site asks of a new session.
fn read_request(app: &Running, site: &LinkedSite, key: IdempotencyKey, body: SessionBody) -> Result<SessionRequest, Problem> {
    let unfit = |kind, detail: String| Problem::new(Status::UnprocessableEntity, kind, detail);
    let idempotency = match key.0 {
        None => None,
        Some(key) if (1..=LONGEST_IDEMPOTENCY_KEY).contains(&key.len()) && key.bytes().all(|b| b.is_ascii_graphic()) => {
            let digest = Sha256::digest(json!(body).to_string().as_bytes());
            Some((key, hex::encode(digest)))
        }
        Some(_) => {
            let detail = format!("Idempotency-Key must have 1 to {LONGEST_IDEMPOTENCY_KEY} visible ASCII characters.");
            return Err(Problem::new(Status::BadRequest, "invalid-idempotency-key", detail));
        }
    };
    if !is_ref(&body.r#ref) {
        return Err(unfit("invalid-ref", "`ref` must have 1 to 200 bytes, without control characters.".to_owned()));
    }
    let on_file = |typed: &String| {
        let detail = "`phone_number` isn't a number that can get our texts: write it like +12025550147.".to_owned();
        PhoneNumber::parse(typed, &app.config.phones).map_err(|_| unfit("invalid-phone-number", detail))
    };
    if let Some(locale) = body.locale.as_ref().filter(|locale| !app.config.locales.contains(locale)) {
        let offered = app.config.locales.join(", ");
        return Err(unfit("unknown-locale", format!("`locale` can't be `{locale}`: write one of {offered}.")));
    }
    let first = site.return_urls.first().ok_or_else(|| Problem::of_status(Status::InternalServerError))?;
    let place = |name: &str, text: &Option<String>, default: &Url| match text {
        None => Ok(default.clone()),
        Some(text) => Url::parse(text).ok().filter(|url| site.leads_to(url) && text.len() <= LONGEST_URL).ok_or_else(|| {
            let wanted =
                format!("`{name}` isn't in sites.{}.return_urls: scheme, host, port and path must be the same.", site.name);
            let limits = "and no parameters `assent` and `session`, which are added to it";
            unfit("foreign-url", format!("{wanted} It must have at most {LONGEST_URL} bytes, {limits}."))
        }),
    };
    let return_url = place("return_url", &body.return_url, first)?;
    Ok(SessionRequest {
        phone: body.phone_number.as_ref().map(on_file).transpose()?,
        phone_shown: body.show_phone_number.unwrap_or(false),
        cancel_url: place("cancel_url", &body.cancel_url, &return_url)?,
        return_url,
        site_ref: body.r#ref,
        locale: body.locale,
        idempotency,
    })
}

/// A site asks how a session stands.
#[get("/api/v1/sessions/<id>")]
pub(super) async fn session(app: &Running, caller: Caller, id: &str) -> Result<Answer, ApiError> {
    let site = caller.0?;
    let Some(report) = sessions::report(app, &site, id.to_owned()).await? else {
        return Err(Problem::new(Status::NotFound, "session-not-found", "This site has no such session.").into());
    };
    let mut said = result_of(&report);
    let Session { name, site_ref, expires_at, .. } = &report.session;
    for (key, value) in [
        ("id", json!(name)),
        ("state", json!(report.state.as_str())),
        ("ref", json!(site_ref)),
        ("expires_at", json!(iso(*expires_at))),
    ] {
        said[key] = value;
    }
    Ok(answer(Status::Ok, &said))
}

/// Returns what was verified; every value is null if nothing was.
fn result_of(report: &Report) -> Value {
    let result = report.result.as_ref();
    json!({
        "phone_number": result.map(|result| result.phone.as_str()),
        "way": result.map(|result| result.method.as_str()),
        "verified_at": result.map(|result| iso(result.verified_at)),
        "standing": result.map(|result| standing_word(result.standing)),
        "consent": result.and_then(|result| result.consent),
        "disclosure": result.map(|result| result.disclosure.as_str()),
        "statement": result.map(|result| result.statement.as_str()),
    })
}

fn answer(status: Status, said: &Value) -> Answer {
    Answer::new(status, ContentType::JSON, said.to_string().into_bytes())
}

/// The public keys that statements are checked with (RFC 7517).
#[get("/.well-known/jwks.json")]
pub(super) async fn keys(app: &Running) -> Result<Answer, ApiError> {
    let keys: Vec<Value> = sessions::signing_keys(app).await?.iter().filter_map(|key| serde_json::from_str(key).ok()).collect();
    let said = answer(Status::Ok, &json!({ "keys": keys }));
    Ok(said.with(Header::new("Cache-Control", "public, max-age=300")))
}

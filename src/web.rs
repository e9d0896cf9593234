//! Translates HTTP: URLs, forms, cookies, headers and status codes.
//!
//! Owns the one list of URLs below. Must not contain SQL, make decisions or send texts. The opt-in page is rendered once and is
//! the same bytes for everybody; anything that belongs to one browser goes into a cookie.

mod addresses;
mod api;
mod assets;
mod errors;
mod forms;
mod guards;
mod headers;
mod health;
mod pages;
mod problem;
pub mod preview;
mod request_log;
mod sessions;
mod simulator;
mod static_files;
mod tickets;
mod webhooks;
pub mod prerender;
pub mod views;

use std::sync::Arc;

use rocket::fairing::AdHoc;
use rocket::http::Method;
use rocket::{Build, Rocket, catchers, routes};

use crate::app::App;
use prerender::Published;

/// Builds the site. The caller has to start the workers that deliver and sweep.
#[must_use]
pub fn rocket(app: Arc<App>, published: Published) -> Rocket<Build> {
    let config = app.config.rocket.reveal().clone().merge(("secret_key", app.keys.cookies().reveal().as_str()));
    let mut routes = routes![
        pages::start,
        pages::start_again,
        forms::start,
        pages::code,
        pages::waiting,
        pages::code_status,
        forms::code,
        forms::resend,
        pages::done,
        pages::terms,
        pages::privacy,
        health::live,
        health::ready,
        static_files::file,
        preview::overview,
        preview::page,
        preview::framed,
        preview::mail,
        preview::styled,
        preview::changes,
    ];
    if app.provider.simulator().is_some() {
        routes.extend(routes![simulator::phones, simulator::answer, simulator::messages, simulator::text_in]);
    }
    if !app.config.sites.is_empty() {
        routes.extend(routes![
            sessions::hosted,
            sessions::linked,
            sessions::leave,
            sessions::cancel,
            api::results,
            api::create,
            api::session,
            api::keys,
        ]);
    }
    routes.extend(webhooks::routes_of(&app.provider));
    let refusals = errors::method_refusals(&routes);
    rocket::custom(config)
        // An empty shield: the default one adds a header that nobody should send anymore, and lacks those that matter here.
        .attach(rocket::shield::Shield::new())
        .attach(request_log::RequestLine)
        .attach(headers::SecurityHeaders)
        .attach(AdHoc::on_ignite("state", |rocket| async { rocket.manage(app).manage(published) }))
        .mount("/", routes)
        .mount("/", refusals)
        .register("/", catchers![errors::page])
}

/// Every method that a request can have.
const METHODS: [Method; 9] = [
    Method::Get,
    Method::Put,
    Method::Post,
    Method::Delete,
    Method::Options,
    Method::Head,
    Method::Trace,
    Method::Connect,
    Method::Patch,
];

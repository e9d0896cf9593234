//! `assent site-keys NAME`

use crate::cli::{Outcome, complain, say};
use crate::clock::random_bytes;
use crate::config::is_name;

pub(super) fn run(name: &str) -> Outcome {
    if !is_name(name) {
        complain(&format!("`{name}` can't be a site's name: write up to 32 lowercase letters, digits, `_` and `-`"));
        return Outcome::Misconfigured;
    }
    say(&format!(
        "# Paste this into Rocket.toml, and give the key to the site's server.\n\
         [default.sites.{name}]\n\
         # Where people may be sent back to, such as \"https://www.acme.example/phone\". A link sends them to the first one.\n\
         return_urls = []\n\
         api_key = \"{}\"\n\
         allowed = [\"sessions\"]",
        hex::encode(random_bytes::<32>())
    ));
    Outcome::Done
}

//! What people read, as snapshots in `tests/it/snapshots/`: every text, every e-mail and the words of every page, in every
//! language. After a change of words, review the difference, then accept it with
//! `INSTA_UPDATE=always cargo test --test it snapshots`.

use std::fmt::Write as _;

use assent::config::Config;
use assent::flow::texts;
use assent::optin::disclosure::visible_text;
use assent::optin::message::measure;
use assent::render::Render;
use assent::web::prerender::{Scope, prepare};
use assent::web::views::samples::{self, Sample};
use insta::assert_snapshot;

use crate::support::config;

const LOCALES: [&str; 3] = ["en", "es", "fr"];

fn built_in(kind: &str) -> (Config, Render) {
    let folder = tempfile::tempdir().expect("a folder");
    let toml = format!("[default.locale]\noffered = ['en', 'es', 'fr']\n[default.program]\nkind = '{kind}'\n");
    let (config, _) = config(&toml, folder.path());
    let (render, _) = prepare(&config, Scope::Everything).expect("the built-in pages");
    (config, render)
}

#[test]
fn texts_read_as_they_did() {
    for kind in ["two_factor", "alerts"] {
        let (config, render) = built_in(kind);
        for locale in LOCALES {
            let mut all = String::new();
            for (key, text) in texts::samples(&config, &render, locale) {
                let size = measure(&text);
                let _ = writeln!(all, "{key} ({:?}, {} units, {} parts)\n  {text}\n", size.encoding, size.units, size.parts);
            }
            assert_snapshot!(format!("texts-{kind}-{locale}"), all);
        }
    }
}

#[test]
fn mails_read_as_they_did() {
    let (config, render) = built_in("two_factor");
    for locale in LOCALES {
        let mails = samples::mails(&config, &render, locale).into_iter().map(|mail| mail.expect("it renders"));
        let all: Vec<String> = mails.map(|(subject, text, _)| format!("Subject: {subject}\n\n{}\n", text.trim())).collect();
        assert_snapshot!(format!("mails-{locale}"), all.join("\n----\n\n"));
    }
}

#[test]
fn pages_read_as_they_did() {
    let (config, render) = built_in("two_factor");
    for locale in LOCALES {
        let samples = samples::pages(&config, &render, locale);
        let lines = |sample: &Sample| -> Vec<String> {
            visible_text(sample.html.as_ref().expect("it renders")).lines().map(ToOwned::to_owned).collect()
        };
        let mut all = String::new();
        let mut usual = ("", Vec::new());
        for sample in &samples {
            if usual.0 != sample.template {
                let of_page = || samples.iter().filter(|other| other.template == sample.template);
                let first = of_page().find(|other| other.state.is_empty()).or_else(|| of_page().next()).expect("a state");
                usual = (sample.template, lines(first));
                let _ = writeln!(all, "\n==== {} {}\n{}", sample.template, first.state, usual.1.join("\n"));
            }
            // Of the other states, what the usual one doesn't say.
            let other: Vec<String> = lines(sample).into_iter().filter(|line| !usual.1.contains(line)).collect();
            if !other.is_empty() {
                let _ = writeln!(all, "-- {}\n{}", sample.state, other.join("\n"));
            }
        }
        assert_snapshot!(format!("pages-{locale}"), all);
    }
}

//! `assent check`: checks everything that `serve` would load, without writing anything.

use serde::Serialize;

use crate::cli::{Outcome, complain, say, say_if_without_settings};
use crate::config::Config;
use crate::finding::{Finding, Level};
use crate::flow::texts;
use crate::keys;
use crate::render::RenderError;
use crate::web::prerender::{self, Scope};

#[derive(Serialize)]
struct FindingJson<'a> {
    level: &'static str,
    code: &'a str,
    place: &'a str,
    sentence: &'a str,
}

pub(super) fn run(json: bool) -> anyhow::Result<Outcome> {
    let (config, mut findings) = match Config::load() {
        Ok(read) => read,
        Err(error) => {
            complain(&error.to_string());
            return Ok(Outcome::Misconfigured);
        }
    };
    let mut room = None;
    match prerender::prepare(&config, Scope::Everything) {
        Ok((render, pages)) => {
            room = texts::room(&config, &render);
            findings.extend(prerender::findings(&config, &render, &pages));
        }
        Err(RenderError::Load(found)) => findings.extend(found),
        Err(error) => findings.push(Finding::error("TEMPLATE", "templates", format!("{:#}", anyhow::Error::from(error)))),
    }
    if config.secret_key.is_none()
        && let Some(folder) = config.database.folder()
        && let Err(error) = keys::load(folder)
    {
        findings.push(Finding::error("SETTING", "secret_key", error.to_string()));
    }
    // Errors come first. Apart from that, the order stays.
    findings.sort_by_key(|finding| finding.level != Level::Error);
    print(&findings, json)?;
    if !json {
        say_if_without_settings();
    }
    if let (Some(room), false) = (room, json) {
        say(&format!(
            "Every text fits in one part if program.name has at most {} characters and the host of site.base_url at most {}.",
            room.name, room.host
        ));
    }
    let failed = findings.iter().any(|finding| finding.level == Level::Error);
    Ok(if failed { Outcome::Findings } else { Outcome::Done })
}

fn print(findings: &[Finding], json: bool) -> anyhow::Result<()> {
    if json {
        let rows: Vec<FindingJson<'_>> = findings
            .iter()
            .map(|finding| FindingJson {
                level: match finding.level {
                    Level::Error => "error",
                    Level::Warning => "warning",
                },
                code: finding.code,
                place: &finding.place,
                sentence: &finding.sentence,
            })
            .collect();
        say(&serde_json::to_string_pretty(&rows)?);
    } else {
        for finding in findings {
            say(&finding.to_string());
        }
        let errors = findings.iter().filter(|finding| finding.level == Level::Error).count();
        say(&match (errors, findings.len() - errors) {
            (0, 0) => "Everything is in order.".to_owned(),
            (errors, warnings) => format!("{}, {}", counted(errors, "error"), counted(warnings, "warning")),
        });
    }
    Ok(())
}

fn counted(count: usize, what: &str) -> String {
    format!("{count} {what}{}", if count == 1 { "" } else { "s" })
}

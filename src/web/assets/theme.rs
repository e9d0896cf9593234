//! The owner's theme as a style sheet. It is added to ours, so that no page needs another request or an inline style.
//!
//! Must not check colors: the settings have already done that.

use std::fmt::Write as _;

use crate::config::{Accent, Scheme, Theme};

/// Returns our style sheet with the owner's theme.
pub(super) fn applied(css: &str, theme: &Theme) -> String {
    let mut sheet = css.to_owned();
    let mut tokens = String::new();
    if let Some([light, dark]) = theme.accent {
        tokens.push_str(&accent_tokens(light));
        let _ = write!(sheet, "\n@media (prefers-color-scheme: dark) {{ :root {{{} }} }}\n", accent_tokens(dark));
    }
    for (name, value) in [("radius", &theme.radius), ("font", &theme.font)] {
        if let Some(value) = value {
            let _ = write!(tokens, " --{name}: {value};");
        }
    }
    if !tokens.is_empty() {
        // Insert these before the dark ones, so that those win where they apply.
        let at = css.len();
        sheet.insert_str(at, &format!("\n:root {{{tokens} }}\n"));
    }
    in_scheme(&sheet, theme.scheme)
}

fn accent_tokens(Accent { accent, on_accent, wash }: Accent) -> String {
    format!(" --accent: {accent}; --on-accent: {on_accent}; --wash: {wash};")
}

/// Returns a style sheet whose queries for the color scheme are resolved.
pub(in crate::web) fn in_scheme(css: &str, scheme: Scheme) -> String {
    let (yes, no) = ("(min-width: 0)", "(max-width: 0)");
    let (light, dark) = match scheme {
        Scheme::Auto => return css.to_owned(),
        Scheme::Light => (yes, no),
        Scheme::Dark => (no, yes),
    };
    let css = css.replace("(prefers-color-scheme: light)", light).replace("(prefers-color-scheme:light)", light);
    let css = css.replace("(prefers-color-scheme: dark)", dark).replace("(prefers-color-scheme:dark)", dark);
    format!("{css}\n:root {{ color-scheme: {} !important; }}\n", meta(scheme))
}

/// Returns a scheme as `<meta name="color-scheme">` spells it.
pub(in crate::web) const fn meta(scheme: Scheme) -> &'static str {
    match scheme {
        Scheme::Auto => "light dark",
        Scheme::Light => "light",
        Scheme::Dark => "dark",
    }
}

//! The functions by which templates ask for words: `t`, whose text the template escapes, and `rich`, which may hold markup.
//!
//! Must not hold words.

use std::sync::Arc;

use tera::{Function, Kwargs, State, Tera, TeraResult};

use crate::render::catalog::{Arguments, Catalogs};

/// The template function `t` or `rich`. It has its own locale, since components don't see their caller's variables.
struct Words {
    catalogs: Arc<Catalogs>,
    locale: String,
    rich: bool,
}

impl Function<TeraResult<String>> for Words {
    fn call(&self, kwargs: Kwargs, _: &State<'_>) -> TeraResult<String> {
        let key: String = kwargs.must_get("key")?;
        let own_locale: Option<String> = kwargs.get("locale")?;
        let locale = own_locale.unwrap_or_else(|| self.locale.clone());
        let mut arguments = Arguments::new();
        for (name, value) in kwargs.iter() {
            let name = name.to_string();
            if name == "key" || name == "locale" {
                continue;
            }
            let argument = match (value.as_i64(), value.as_str()) {
                (Some(number), _) => number.into(),
                (None, Some(text)) if self.rich => escaped(text).into(),
                (None, Some(text)) => text.into(),
                (None, None) => {
                    return Err(tera::Error::message(format!("`{name}` of the message `{key}` is neither text nor number")));
                }
            };
            arguments.insert(name, argument);
        }
        self.catalogs.format(&locale, &key, &arguments).map_err(|e| tera::Error::message(e.to_string()))
    }

    fn is_safe(&self) -> bool {
        self.rich
    }
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;").replace('\'', "&#x27;")
}

/// Gives the templates of a locale their functions `t` and `rich`.
pub(super) fn register(tera: &mut Tera, catalogs: &Arc<Catalogs>, locale: &str) {
    let words = |rich| Words { catalogs: Arc::clone(catalogs), locale: locale.to_owned(), rich };
    tera.register_function("t", words(false));
    tera.register_function("rich", words(true));
}

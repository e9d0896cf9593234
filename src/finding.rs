//! A problem with the settings, the templates or the texts, as `assent check` prints it.
//!
//! Owns the form of a finding. Each module that finds something writes its own sentence.

/// How serious a finding is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Level {
    /// Must be fixed: `check` fails, and `serve` may refuse to start.
    Error,
    /// Worth checking.
    Warning,
}

/// A problem that `check` prints, and that may keep `serve` from starting: `LEVEL CODE where: sentence`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// How serious it is.
    pub level: Level,
    /// What kind of finding it is, such as `SETTING`.
    pub code: &'static str,
    /// The setting, template or message that it's about.
    pub place: String,
    /// What is wrong and what to write instead.
    pub sentence: String,
}

impl Finding {
    /// Creates a finding that must be fixed.
    pub fn error(code: &'static str, place: impl Into<String>, sentence: impl Into<String>) -> Self {
        Self { level: Level::Error, code, place: place.into(), sentence: sentence.into() }
    }

    /// Creates a finding that's worth checking.
    pub fn warning(code: &'static str, place: impl Into<String>, sentence: impl Into<String>) -> Self {
        Self { level: Level::Warning, code, place: place.into(), sentence: sentence.into() }
    }
}

impl std::fmt::Display for Finding {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let level = match self.level {
            Level::Error => "error",
            Level::Warning => "warning",
        };
        write!(f, "{level} {} {}: {}", self.code, self.place, self.sentence)
    }
}

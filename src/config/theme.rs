//! `theme.*`: the owner's color, logo, icon, corners, font and color scheme.
//!
//! Owns the valid values of each, and the colors derived from the accent. Every text color reaches a contrast of 4.5:1
//! (WCAG 1.4.3), whatever the owner wrote.

use url::Url;

use crate::finding::Finding;
use crate::settings::Reader;

/// The contrast that text needs (WCAG 1.4.3).
const READABLE: f64 = 4.5;
/// The backgrounds that the accent is read on, in light and in dark. Of all backgrounds, these contrast least with it.
const LIGHT: Color = Color(0xf6, 0xf5, 0xf1);
const DARK: Color = Color(0x18, 0x20, 0x1d);
const BLACK: Color = Color(0, 0, 0);
const WHITE: Color = Color(0xff, 0xff, 0xff);

/// An sRGB color.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Color(u8, u8, u8);

impl std::fmt::Display for Color {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "#{:02x}{:02x}{:02x}", self.0, self.1, self.2)
    }
}

impl Color {
    /// Parses `#0b6b53`, `#0a5` or a CSS color name such as `teal`.
    fn parse(text: &str) -> Option<Self> {
        let Some(digits) = text.strip_prefix('#') else {
            let (red, green, blue) = cssparser::color::parse_named_color(text).ok()?;
            return Some(Self(red, green, blue));
        };
        let digits = match digits.len() {
            3 => digits.chars().flat_map(|digit| [digit, digit]).collect(),
            6 => digits.to_owned(),
            _ => return None,
        };
        let bytes = hex::decode(digits).ok()?;
        Some(Self(bytes[0], bytes[1], bytes[2]))
    }

    /// Returns the relative luminance (WCAG 2.2).
    fn luminance(self) -> f64 {
        let linear = |channel: u8| {
            let share = f64::from(channel) / 255.0;
            if share <= 0.04045 { share / 12.92 } else { ((share + 0.055) / 1.055).powf(2.4) }
        };
        0.2126 * linear(self.0) + 0.7152 * linear(self.1) + 0.0722 * linear(self.2)
    }

    /// Returns the contrast ratio, from 1 to 21 (WCAG 2.2).
    fn contrast(self, other: Self) -> f64 {
        let (one, other) = (self.luminance(), other.luminance());
        (one.max(other) + 0.05) / (one.min(other) + 0.05)
    }

    /// Returns this color mixed with `hundredths` percent of another.
    fn mixed(self, other: Self, hundredths: u32) -> Self {
        let mix = |one: u8, other: u8| {
            let sum = u32::from(one) * (100 - hundredths) + u32::from(other) * hundredths;
            u8::try_from((sum + 50) / 100).unwrap_or(u8::MAX)
        };
        Self(mix(self.0, other.0), mix(self.1, other.1), mix(self.2, other.2))
    }

    /// Returns the nearest color on the way to `toward` (black or white) that can be read on `surface`.
    fn readable_on(self, surface: Self, toward: Self) -> Self {
        (0..=100)
            .map(|hundredths| self.mixed(toward, hundredths))
            .find(|color| color.contrast(surface) >= READABLE)
            .unwrap_or(toward)
    }

    /// Returns black or white, whichever is easier to read on this color.
    fn partner(self) -> Self {
        if self.contrast(WHITE) >= self.contrast(BLACK) { WHITE } else { BLACK }
    }
}

/// The accent of one color scheme, with the colors derived from it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Accent {
    /// Links, buttons and outlines.
    pub accent: Color,
    /// Text on a button.
    pub on_accent: Color,
    /// A faint background.
    pub wash: Color,
}

/// The color scheme of the pages.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Scheme {
    /// Whatever the browser prefers.
    #[default]
    Auto,
    /// Light.
    Light,
    /// Dark.
    Dark,
}

/// `theme.*`
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Theme {
    /// The accent on light pages and on dark pages.
    pub accent: Option<[Accent; 2]>,
    /// The logo: a file in `custom/static`, or a picture on another site.
    pub logo: Option<Picture>,
    /// The icon in the browser's tab, from the same places.
    pub favicon: Option<Picture>,
    /// How round corners are, as a CSS length.
    pub radius: Option<String>,
    /// A list of font families.
    pub font: Option<String>,
    /// The color scheme.
    pub scheme: Scheme,
}

/// Where a picture is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Picture {
    /// A file in `custom/static`.
    File(String),
    /// A URL on another site, over https.
    Elsewhere(Url),
}

impl Theme {
    /// Returns the origins of the other sites that pictures come from.
    #[must_use]
    pub fn picture_origins(&self) -> Vec<String> {
        let mut origins: Vec<String> = [&self.logo, &self.favicon]
            .into_iter()
            .flatten()
            .filter_map(|picture| match picture {
                Picture::File(_) => None,
                Picture::Elsewhere(url) => Some(url.origin().ascii_serialization()),
            })
            .collect();
        origins.dedup();
        origins
    }
}

pub(super) fn read(reader: &mut Reader) -> Theme {
    Theme {
        accent: read_accent(reader),
        logo: read_picture(reader, "theme.logo"),
        favicon: read_picture(reader, "theme.favicon"),
        radius: read_radius(reader),
        font: read_font(reader),
        scheme: match reader.string("theme.scheme").as_deref() {
            None | Some("auto") => Scheme::Auto,
            Some("light") => Scheme::Light,
            Some("dark") => Scheme::Dark,
            Some(other) => {
                reader.problem("theme.scheme", format!("must be \"auto\", \"light\" or \"dark\", not `{other}`"));
                Scheme::Auto
            }
        },
    }
}

fn read_accent(reader: &mut Reader) -> Option<[Accent; 2]> {
    let text = reader.string("theme.accent")?;
    let Some(wished) = Color::parse(text.trim()) else {
        let lacks_sign = Color::parse(&format!("#{}", text.trim())).is_some();
        let write = if lacks_sign {
            format!("\"#{}\"", text.trim())
        } else {
            "one such as \"#0b6b53\", or a CSS name such as \"teal\"".to_owned()
        };
        reader.problem("theme.accent", format!("`{text}` isn't a color: write {write}"));
        return None;
    };
    let mut adjusted = Vec::new();
    let accents = [("light", LIGHT, BLACK), ("dark", DARK, WHITE)].map(|(scheme, surface, toward)| {
        let accent = wished.readable_on(surface, toward);
        if accent != wished {
            adjusted.push(format!("{accent} on {scheme} pages (`{text}` reaches {:.1}:1 there)", wished.contrast(surface)));
        }
        Accent { accent, on_accent: accent.partner(), wash: surface.mixed(accent, 8) }
    });
    if !adjusted.is_empty() {
        let sentence = format!("text needs a contrast of {READABLE}:1, so the accent is {}", adjusted.join(" and "));
        reader.findings.push(Finding::warning("SETTING", "theme.accent", sentence));
    }
    Some(accents)
}

fn read_picture(reader: &mut Reader, key: &str) -> Option<Picture> {
    let text = reader.string(key)?;
    if text.contains("://") {
        if let Some(url) = Url::parse(&text).ok().filter(|url| url.scheme() == "https" && url.host_str().is_some()) {
            return Some(Picture::Elsewhere(url));
        }
    } else if let Some(name) = text.strip_prefix("custom/static/").or_else(|| text.strip_prefix("/static/")) {
        reader.problem(key, format!("`{text}` must be the name of the file alone: write \"{name}\""));
        return None;
    } else if !text.is_empty() && !text.starts_with('/') && !text.split('/').any(|part| part.is_empty() || part.starts_with('.'))
    {
        return Some(Picture::File(text));
    }
    reader.problem(key, format!("`{text}` must be the name of a file in custom/static, such as \"logo.svg\", or an https URL"));
    None
}

fn read_radius(reader: &mut Reader) -> Option<String> {
    let text = reader.string("theme.radius")?;
    let fits = |text: &str| {
        let (figure, most) = match (text.strip_suffix("px"), text.strip_suffix("rem")) {
            (Some(figure), _) => (figure, 40.0),
            (_, Some(figure)) => (figure, 2.5),
            (None, None) => (text, 0.0),
        };
        let plain = !figure.is_empty() && figure.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.');
        plain && figure.parse::<f64>().is_ok_and(|figure| figure <= most)
    };
    if fits(text.trim()) {
        return Some(text.trim().to_owned());
    }
    reader.problem("theme.radius", format!("`{text}` must be a length from \"0\" to \"40px\" or \"2.5rem\", such as \"4px\""));
    None
}

fn read_font(reader: &mut Reader) -> Option<String> {
    let text = reader.string("theme.font")?;
    let plain = |c: char| c.is_alphanumeric() || " ,-_'\"".contains(c);
    let quotes_close = |quote: char| text.matches(quote).count() % 2 == 0;
    if !text.trim().is_empty() && text.len() <= 200 && text.chars().all(plain) && quotes_close('"') && quotes_close('\'') {
        return Some(text.trim().to_owned());
    }
    reader.problem("theme.font", "must be a list of font families, such as \"'Source Sans 3', system-ui, sans-serif\"");
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn colors_are_read_as_css_writes_them() {
        for (text, color) in [("#0b6b53", Some("#0b6b53")), ("#0a5", Some("#00aa55")), ("Teal", Some("#008080"))] {
            assert_eq!(Color::parse(text).map(|color| color.to_string()).as_deref(), color, "{text}");
        }
        for text in ["", "#", "#12", "#12345", "#ggg", "nothing", "rgb(1,2,3)", "#é12", "red;}"] {
            assert_eq!(Color::parse(text), None, "{text}");
        }
        assert!((BLACK.contrast(WHITE) - 21.0).abs() < 0.001);
    }

    #[test]
    fn whatever_the_accent_every_word_can_be_read() {
        for red in (0..=255_u8).step_by(51) {
            for green in (0..=255_u8).step_by(51) {
                for blue in (0..=255_u8).step_by(51) {
                    let wished = Color(red, green, blue);
                    for (surface, toward) in [(LIGHT, BLACK), (DARK, WHITE)] {
                        let accent = wished.readable_on(surface, toward);
                        assert!(accent.contrast(surface) >= READABLE, "{wished} on {surface}");
                        assert!(accent.contrast(accent.partner()) >= READABLE, "{wished}: words on {accent}");
                    }
                }
            }
        }
        assert_eq!(Color(0x0b, 0x6b, 0x53).readable_on(LIGHT, BLACK).to_string(), "#0b6b53", "what can be read stays");
    }
}

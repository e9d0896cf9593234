//! Colors, as far as they're literal.
//!
//! Owns reading colors and telling them apart. Must not know which color is in front of which.

use cssparser::color::{parse_hash_color, parse_named_color};

use super::function::functions;
use super::length::{SEEN_FROM, amounts, parts};
use super::values::Value;

/// Red, green, blue, and opacity from 0 to 1.
pub(in super::super) type Color = (u8, u8, u8, f32);

/// Returns whether the color is too transparent to see.
pub(in super::super) fn is_clear(color: Color) -> bool {
    color.3 < SEEN_FROM
}

/// Returns whether two colors look the same.
pub(in super::super) fn look_alike(one: Color, other: Color) -> bool {
    const NEAR: u8 = 12;
    one.0.abs_diff(other.0) <= NEAR && one.1.abs_diff(other.1) <= NEAR && one.2.abs_diff(other.2) <= NEAR
}

/// Reads a color. The value holds `None` if the color can't be known.
pub(super) fn color(value: &str) -> Option<Value> {
    let known = |color: Color| Value::Color(Some(color));
    if let Some(hash) = value.strip_prefix('#') {
        return parse_hash_color(hash.as_bytes()).ok().map(known);
    }
    if value == "transparent" {
        return Some(known((0, 0, 0, 0.0)));
    }
    if let Ok((red, green, blue)) = parse_named_color(value) {
        return Some(known((red, green, blue, 1.0)));
    }
    if let Some(function) = functions(value).first() {
        let numbers = amounts(&function.arguments);
        let alpha = numbers.get(3).copied().unwrap_or(1.0);
        return match (function.name.as_str(), numbers.as_slice()) {
            ("rgb" | "rgba", [red, green, blue, ..]) => {
                let percent = function.arguments.contains('%') && !function.arguments.contains('/');
                let channel = |value: f32| if percent { value * 255.0 } else { value };
                #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "clamped to a byte")]
                let byte = |value: f32| channel(value).round().clamp(0.0, 255.0) as u8;
                Some(known((byte(*red), byte(*green), byte(*blue), alpha)))
            }
            (
                "hsl" | "hsla" | "hwb" | "lab" | "lch" | "oklab" | "oklch" | "color" | "color-mix" | "light-dark" | "device-cmyk",
                _,
            ) => {
                let clear = numbers.len() > 3 && alpha < SEEN_FROM;
                Some(Value::Color(clear.then_some((0, 0, 0, 0.0))))
            }
            _ => None,
        };
    }
    // System colors, and the keyword for the color of the text.
    let is_word = !value.is_empty() && value.chars().all(|c| c.is_ascii_alphabetic());
    let words =
        ["currentcolor", "canvas", "canvastext", "linktext", "buttontext", "buttonface", "field", "fieldtext", "graytext"];
    (is_word && words.contains(&value)).then_some(Value::Color(None))
}

/// Reads a background color. It's unknown if there's a picture.
pub(super) fn background(value: &str) -> Option<Value> {
    let parts = parts(value);
    let picture = parts.iter().any(|part| part.contains("gradient(") || part.contains("url(") || part.contains("image-set("));
    if picture {
        return Some(Value::Color(None));
    }
    if let Some(color) = parts.iter().find_map(|part| color(part)) {
        return Some(color);
    }
    (value == "none" || value == "0" || value == "0 0").then_some(Value::Color(Some((0, 0, 0, 0.0))))
}

//! Lengths, amounts and angles, each in a single unit.
//!
//! Owns the units, and the distance at which something is off the screen. Must not know properties.

use super::calculation;
use super::values::{Value, hidden_if};

/// Text smaller than this, in pixels, can't be read.
pub(in super::super) const SMALLEST: f32 = 9.0;
/// Anything moved farther than this, in pixels, is off the screen.
pub(super) const FAR: f32 = 999.0;
/// Anything with an opacity below this can't be seen.
pub(super) const SEEN_FROM: f32 = 0.05;
/// Words scaled below this are smaller than [`SMALLEST`].
pub(super) const SCALED_FROM: f32 = SMALLEST / 16.0;

/// A length, in pixels if it can be worked out. A `rem` is 16 pixels, and a hundredth of the screen is 10.
#[derive(Clone, Copy)]
pub(super) enum Length {
    Px(f32),
    Percent(f32),
    Unknown,
}

pub(super) fn length(value: &str) -> Option<Length> {
    let value = value.trim();
    if let Some(inside) = inside(value) {
        let read = |token: &str| match length(token) {
            Some(Length::Px(px)) => Some(px),
            None => token.parse().ok(),
            Some(Length::Percent(_) | Length::Unknown) => None,
        };
        if let Some(px) = calculation::worked_out(value, &read) {
            return Some(Length::Px(px));
        }
        // If it can't be worked out, the largest length in it decides.
        let lengths = inside.split([' ', ',', '(', ')', '*']).filter_map(|part| match length(part) {
            Some(Length::Px(px)) if part.contains(|c: char| c.is_alphabetic()) => Some(px),
            _ => None,
        });
        let largest = lengths.max_by(|one, other| one.abs().total_cmp(&other.abs()));
        let alone = !inside.trim().contains([' ', ',']);
        return Some(match largest {
            Some(px) if alone || px.abs() > FAR => Length::Px(px),
            _ => Length::Unknown,
        });
    }
    let unit = value.find(|c: char| c.is_alphabetic() || c == '%').unwrap_or(value.len());
    // The exponent of a number is a letter too, but people don't write one here.
    let (number, unit) = value.split_at(unit);
    let number: f32 = number.parse().ok()?;
    let px = match unit {
        "" if number == 0.0 => 1.0,
        "px" => 1.0,
        "pt" => 4.0 / 3.0,
        "pc" | "em" | "rem" | "lh" | "rlh" | "ic" => 16.0,
        "in" => 96.0,
        "cm" => 37.8,
        "mm" => 3.78,
        "q" => 0.945,
        "ex" | "ch" => 8.0,
        "%" => return Some(Length::Percent(number)),
        "vw" | "vh" | "vmin" | "vmax" | "vi" | "vb" | "dvw" | "dvh" | "svw" | "svh" | "lvw" | "lvh" | "cqw" | "cqh" => 10.0,
        _ => return None,
    };
    Some(Length::Px(number * px))
}

/// Returns what's inside the parentheses of `calc(..)` and similar functions.
fn inside(value: &str) -> Option<&str> {
    const KNOWN: [&str; 6] = ["calc(", "min(", "max(", "clamp(", "env(", "anchor("];
    let open = KNOWN.iter().find(|name| value.starts_with(**name))?;
    value.get(open.len()..value.rfind(')')?)
}

pub(super) fn offset(value: &str) -> Option<Value> {
    const WORDS: [&str; 8] = ["auto", "none", "normal", "hanging", "each-line", "fit-content", "min-content", "max-content"];
    let mut far = false;
    for part in parts(value) {
        match length(&part) {
            Some(Length::Px(px)) => far |= px.abs() > FAR,
            // Moved left or up by the whole width or height, it's off the screen.
            Some(Length::Percent(percent)) => far |= percent <= -100.0 || percent > 900.0,
            Some(Length::Unknown) => {}
            None if WORDS.contains(&part.as_str()) => {}
            None => return None,
        }
    }
    Some(hidden_if(far))
}

pub(super) fn extent(value: &str) -> Option<Value> {
    match length(value) {
        Some(Length::Px(px)) => Some(Value::Px(px)),
        Some(Length::Percent(percent)) if percent < 1.0 => Some(Value::Px(0.0)),
        Some(Length::Percent(_) | Length::Unknown) => Some(Value::Shows),
        None => {
            let known = ["auto", "none", "normal", "stretch"].contains(&value)
                || value.contains("-content")
                || value.contains("-available");
            known.then_some(Value::Shows)
        }
    }
}

pub(super) fn font_size(value: &str) -> Option<Value> {
    let keyword = match value {
        "xx-small" => 9.0,
        "x-small" => 10.0,
        "small" => 13.0,
        "medium" => 16.0,
        "large" => 18.0,
        "x-large" => 24.0,
        "xx-large" | "xxx-large" => 32.0,
        "smaller" => return Some(Value::FontFactor(0.83)),
        "larger" => return Some(Value::FontFactor(1.2)),
        _ => 0.0,
    };
    if keyword > 0.0 {
        return Some(Value::FontPx(keyword));
    }
    // On a phone, a hundredth of the screen's width is 3.2 pixels.
    if let Some(hundredths) = value.strip_suffix("vw").and_then(|number| number.parse::<f32>().ok()) {
        return Some(Value::FontPx(hundredths * 3.2));
    }
    if let Some(factor) = value.strip_suffix("em").filter(|rest| !rest.ends_with('r')).and_then(|number| number.parse().ok()) {
        return Some(Value::FontFactor(factor));
    }
    match length(value)? {
        Length::Px(px) => Some(Value::FontPx(px)),
        Length::Percent(percent) => Some(Value::FontFactor(percent / 100.0)),
        Length::Unknown => Some(Value::Shows),
    }
}

/// Reads a number, or a percentage as a fraction of one.
pub(super) fn amount(value: &str) -> Option<f32> {
    if inside(value).is_some() {
        return calculation::worked_out(value, &|token| amount(token));
    }
    let bare = value.trim();
    match bare.strip_suffix('%') {
        Some(percent) => percent.trim().parse::<f32>().ok().map(|percent| percent / 100.0),
        None => bare.parse().ok(),
    }
}

pub(super) fn amounts(value: &str) -> Vec<f32> {
    value.split([' ', ',', '/']).filter_map(amount).collect()
}

pub(super) fn degrees(value: &str) -> Option<f32> {
    let units = [("grad", 0.9), ("turn", 360.0), ("rad", 57.295_78), ("deg", 1.0)];
    units
        .iter()
        .find_map(|(unit, factor)| value.trim().strip_suffix(unit)?.trim().parse::<f32>().ok().map(|number| number * factor))
}

/// Returns whether something is turned so that it's seen edge-on or from behind.
pub(super) fn is_edge_on(degrees: f32) -> bool {
    degrees.to_radians().cos() < 0.1
}

/// Splits a value at the spaces outside parentheses.
pub(super) fn parts(value: &str) -> Vec<String> {
    let mut parts = vec![String::new()];
    let mut depth = 0_usize;
    for c in value.chars() {
        match c {
            '(' => depth += 1,
            ')' => depth = depth.saturating_sub(1),
            _ if c.is_whitespace() && depth == 0 => {
                parts.push(String::new());
                continue;
            }
            _ => {}
        }
        if let Some(last) = parts.last_mut() {
            last.push(c);
        }
    }
    parts.retain(|part| !part.is_empty());
    parts
}

//! What a declaration does to words: which values hide them or make them unreadable.
//!
//! Owns the properties that matter. Must not know selectors or what other declarations say. As in a browser, a declaration
//! with an unknown value is ignored. A value that only a layout engine can work out counts as showing.

use super::color::{Color, background, color, is_clear};
use super::function::{clip, cuts_all, filters_away, functions, scales_away, transforms_away};
use super::length::{
    FAR, Length, SCALED_FROM, SEEN_FROM, SMALLEST, amount, amounts, degrees, extent, font_size, is_edge_on, length, offset, parts,
};

/// What one declaration says.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(in super::super) enum Value {
    /// It doesn't hide anything.
    Shows,
    /// It makes a block with lines of its own.
    Block,
    /// It hides by itself.
    Hides,
    /// It takes the parent's value.
    Inherit,
    /// It hides only in combination with another declaration: `overflow: hidden`, `white-space: nowrap`.
    On,
    /// A width or height, in pixels.
    Px(f32),
    /// A font size in pixels.
    FontPx(f32),
    /// A font size as a factor of the parent's.
    FontFactor(f32),
    /// A literal color; `None` if it can't be known.
    Color(Option<Color>),
    /// A number of lines.
    Lines(f32),
    /// A place among its neighbors; 0 is the usual one.
    Place(f32),
}

impl Value {
    /// Returns whether it hides, judging by this value alone.
    pub(in super::super) fn hides(self) -> bool {
        match self {
            Self::Hides | Self::Lines(_) => true,
            Self::Px(px) | Self::FontPx(px) => px < SMALLEST,
            Self::FontFactor(factor) => factor < SCALED_FROM,
            Self::Color(color) => color.is_some_and(is_clear),
            Self::Shows | Self::Block | Self::Inherit | Self::On | Self::Place(_) => false,
        }
    }

    /// Returns whether it can matter at all.
    pub(in super::super) fn can_hide(self) -> bool {
        match self {
            Self::Px(_) | Self::On | Self::Color(_) | Self::Place(_) => true,
            Self::FontFactor(factor) => factor < 0.8,
            other => other.hides(),
        }
    }
}

/// Returns whether a property with this name matters.
pub(in super::super) fn is_of_concern(name: &str) -> bool {
    longhands(name, "").iter().any(|(name, _)| reader(name).is_some())
}

/// Returns the declarations that a declaration stands for, with vendor prefixes and shorthands resolved.
pub(in super::super) fn longhands(name: &str, value: &str) -> Vec<(&'static str, String)> {
    const SIDES: [[&str; 4]; 3] = [
        ["top", "right", "bottom", "left"],
        ["margin-top", "margin-right", "margin-bottom", "margin-left"],
        ["padding-top", "padding-right", "padding-bottom", "padding-left"],
    ];
    let bare = ["-webkit-", "-moz-", "-ms-"].iter().find_map(|prefix| name.strip_prefix(prefix)).unwrap_or(name);
    let one = |name| vec![(name, value.to_owned())];
    let sides = |at: usize| {
        let parts = parts(value);
        let part = |side: usize| {
            let wanted = [side, side % 2, 0].into_iter().find_map(|at| parts.get(at));
            wanted.cloned().unwrap_or_default()
        };
        SIDES.get(at).into_iter().flatten().enumerate().map(|(side, name)| (*name, part(side))).collect()
    };
    match bare {
        "inset" => sides(0),
        "margin" => sides(1),
        "padding" => sides(2),
        "inset-inline" | "inset-block" | "inset-inline-start" | "left" => one("left"),
        "inset-inline-end" | "right" => one("right"),
        "inset-block-start" | "top" => one("top"),
        "inset-block-end" | "bottom" => one("bottom"),
        "margin-inline" | "margin-inline-start" => one("margin-left"),
        "margin-inline-end" => one("margin-right"),
        "margin-block" | "margin-block-start" => one("margin-top"),
        "margin-block-end" => one("margin-bottom"),
        "font" => {
            let size = parts(value).iter().find_map(|part| {
                let size = part.split('/').next().unwrap_or_default();
                font_size(size).filter(|_| size.contains(|c: char| c.is_ascii_digit())).map(|_| size.to_owned())
            });
            vec![("font-size", size.unwrap_or_else(|| if is_global(value) { value.to_owned() } else { "medium".to_owned() }))]
        }
        "background" => vec![
            ("background-color", value.to_owned()),
            ("background-clip", if parts(value).iter().any(|part| part == "text") { "text" } else { "border-box" }.to_owned()),
        ],
        "background-image" => one("background-color").into_iter().filter(|(_, value)| value.contains('(')).collect(),
        "overflow-x" | "overflow-y" | "overflow-block" | "overflow-inline" => one("overflow"),
        "inline-size" => one("width"),
        "block-size" => one("height"),
        "max-inline-size" => one("max-width"),
        "max-block-size" => one("max-height"),
        "mask-image" | "mask-border" | "mask-box-image" => one("mask"),
        "animation-name" => one("animation"),
        "text-wrap" | "text-wrap-mode" => one("white-space"),
        _ => PROPERTIES.iter().find(|(name, _)| *name == bare).map(|(name, _)| one(name)).unwrap_or_default(),
    }
}

type Reader = fn(&str) -> Option<Value>;

const PROPERTIES: &[(&str, Reader)] = &[
    ("display", |value| {
        let known = keyword(value, &["none", "table-column", "table-column-group"], DISPLAYS)?;
        let block = ["block", "flex", "grid", "table", "list-item", "flow-root"].contains(&value);
        Some(if block { Value::Block } else { known })
    }),
    ("visibility", |value| keyword(value, &["hidden", "collapse"], &["visible"])),
    ("content-visibility", |value| keyword(value, &["hidden"], &["visible", "auto"])),
    ("opacity", |value| amount(value).map(|amount| hidden_if(amount < SEEN_FROM))),
    ("font-size", font_size),
    ("color", color),
    ("text-fill-color", color),
    ("background-color", background),
    ("background-clip", |value| Some(if value == "text" { Value::On } else { Value::Shows })),
    ("overflow", |value| match value.split_whitespace().next()? {
        "hidden" | "clip" | "scroll" | "auto" | "overlay" => Some(Value::On),
        "visible" => Some(Value::Shows),
        _ => None,
    }),
    ("white-space", |value| match value.split_whitespace().next()? {
        "nowrap" | "pre" => Some(Value::On),
        "normal" | "pre-wrap" | "pre-line" | "break-spaces" | "wrap" | "balance" | "pretty" | "stable" | "collapse" => {
            Some(Value::Shows)
        }
        _ => None,
    }),
    ("width", extent),
    ("height", extent),
    ("max-width", extent),
    ("max-height", extent),
    ("line-height", |value| match value.parse::<f32>() {
        Ok(factor) => Some(Value::Px(factor * 16.0)),
        Err(_) => extent(value),
    }),
    ("line-clamp", |value| match value.parse::<f32>() {
        Ok(lines) => Some(Value::Lines(lines)),
        Err(_) => (value == "none").then_some(Value::Shows),
    }),
    ("clip", |value| keyword(value, &[], &["auto"]).or_else(|| clip(value))),
    ("clip-path", |value| keyword(value, &[], &["none"]).or_else(|| Some(hidden_if(functions(value).iter().any(cuts_all))))),
    ("top", offset),
    ("right", offset),
    ("bottom", offset),
    ("left", offset),
    ("margin-top", offset),
    ("margin-right", offset),
    ("margin-bottom", offset),
    ("margin-left", offset),
    ("padding-top", offset),
    ("padding-right", offset),
    ("padding-bottom", offset),
    ("padding-left", offset),
    ("text-indent", offset),
    ("word-spacing", offset),
    ("translate", offset),
    ("letter-spacing", |value| match length(value) {
        Some(Length::Px(px)) => Some(hidden_if(!(-SMALLEST..=FAR).contains(&px))),
        Some(Length::Percent(_) | Length::Unknown) => Some(Value::Shows),
        None => (value == "normal").then_some(Value::Shows),
    }),
    ("transform", |value| {
        keyword(value, &[], &["none"]).or_else(|| Some(hidden_if(functions(value).iter().any(transforms_away))))
    }),
    ("scale", |value| keyword(value, &[], &["none"]).or_else(|| Some(hidden_if(scales_away(&amounts(value)))))),
    ("rotate", |value| {
        let turns_away = value.strip_prefix(['x', 'y']).is_some_and(|rest| degrees(rest.trim()).is_some_and(is_edge_on));
        Some(hidden_if(turns_away))
    }),
    ("zoom", |value| keyword(value, &[], &["normal"]).or_else(|| amount(value).map(|zoom| hidden_if(zoom < SCALED_FROM)))),
    ("filter", |value| keyword(value, &[], &["none"]).or_else(|| Some(hidden_if(functions(value).iter().any(filters_away))))),
    ("mask", |value| Some(if value == "none" { Value::Shows } else { Value::Hides })),
    ("unicode-bidi", |value| {
        keyword(value, &["bidi-override", "isolate-override"], &["normal", "embed", "isolate", "plaintext"])
    }),
    ("text-security", |value| keyword(value, &["disc", "circle", "square"], &["none"])),
    // The code that reads the sheets knows which animations end with the element hidden.
    ("animation", |value| keyword(value, &[VANISHES], &["none"]).or(Some(Value::Shows))),
    // Where a flexbox or a grid puts an element, before or after its neighbors.
    ("order", |value| value.parse::<i16>().ok().map(|place| Value::Place(f32::from(place)))),
    ("color-scheme", |_| Some(Value::Shows)),
];

/// The value of `animation` for an animation that ends with the element hidden.
pub(in super::super) const VANISHES: &str = "vanishes";

const DISPLAYS: &[&str] = &[
    "block",
    "inline",
    "inline-block",
    "flex",
    "inline-flex",
    "grid",
    "inline-grid",
    "table",
    "inline-table",
    "table-row",
    "table-cell",
    "table-row-group",
    "table-header-group",
    "table-footer-group",
    "table-caption",
    "list-item",
    "contents",
    "flow-root",
    "flow",
    "ruby",
    "run-in",
    "box",
    "-webkit-box",
    "-webkit-inline-box",
    "-webkit-flex",
    "-ms-flexbox",
    "-ms-grid",
    "block flow",
    "block flex",
    "block grid",
    "inline flow",
    "inline flow-root",
];

/// Reads the value of a longhand. Returns `None` if a browser wouldn't know the value.
pub(in super::super) fn read(name: &str, value: &str) -> Option<Value> {
    match value {
        "inherit" => return Some(Value::Inherit),
        "initial" | "revert" | "revert-layer" => return Some(Value::Shows),
        "unset" => return Some(if is_inherited(name) { Value::Inherit } else { Value::Shows }),
        _ => {}
    }
    reader(name)?(value)
}

/// Returns whether children inherit the value.
fn is_inherited(name: &str) -> bool {
    const INHERITED: [&str; 9] = [
        "visibility",
        "font-size",
        "color",
        "text-fill-color",
        "text-indent",
        "letter-spacing",
        "text-security",
        "white-space",
        "line-height",
    ];
    INHERITED.contains(&name)
}

fn reader(name: &str) -> Option<Reader> {
    PROPERTIES.iter().find(|(property, _)| *property == name).map(|(_, reader)| *reader)
}

fn is_global(value: &str) -> bool {
    ["inherit", "initial", "unset", "revert", "revert-layer"].contains(&value)
}

pub(super) const fn hidden_if(hides: bool) -> Value {
    if hides { Value::Hides } else { Value::Shows }
}

fn keyword(value: &str, hiding: &[&str], showing: &[&str]) -> Option<Value> {
    if hiding.contains(&value) {
        return Some(Value::Hides);
    }
    showing.contains(&value).then_some(Value::Shows)
}

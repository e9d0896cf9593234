//! What a declaration does to words: which values hide them or make them unreadable.
//!
//! Owns the properties that matter and their values. Must not know selectors, nor what other declarations say. A value that
//! is not known is no declaration, as in a browser; one that only a layout engine can work out counts as showing.

use cssparser::color::{parse_hash_color, parse_named_color};

/// Text smaller than this, in pixels, is not read.
pub(in super::super) const SMALLEST: f32 = 6.0;
/// What is moved further than this, in pixels, is off the screen.
const FAR: f32 = 999.0;
/// Opacity below this is zero to the eye.
const SEEN_FROM: f32 = 0.05;
/// Words scaled below this are smaller than [`SMALLEST`].
const SCALED_FROM: f32 = SMALLEST / 16.0;

/// Red, green, blue, and opacity from 0 to 1.
pub(in super::super) type Color = (u8, u8, u8, f32);

/// What one declaration says.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(in super::super) enum Value {
    /// Nothing that hides.
    Shows,
    /// It makes a box with lines of its own.
    Block,
    /// It hides by itself.
    Hides,
    /// It takes what the parent has.
    Inherit,
    /// It sets what hides together with another declaration: `overflow: hidden`, `white-space: nowrap`.
    On,
    /// A width or height, in pixels.
    Px(f32),
    /// A size of text in pixels.
    FontPx(f32),
    /// A size of text as a part of its parent's.
    FontFactor(f32),
    /// A literal color; none if it can't be known.
    Color(Option<Color>),
    /// A number of lines.
    Lines(f32),
}

impl Value {
    /// Whether it hides, as far as can be seen from it alone.
    pub(in super::super) fn hides(self) -> bool {
        match self {
            Self::Hides => true,
            Self::Px(px) | Self::FontPx(px) => px < SMALLEST,
            Self::FontFactor(factor) => factor < SCALED_FROM,
            Self::Color(color) => color.is_some_and(is_clear),
            Self::Lines(_) => true,
            Self::Shows | Self::Block | Self::Inherit | Self::On => false,
        }
    }

    /// Whether it can matter at all.
    pub(in super::super) fn can_hide(self) -> bool {
        match self {
            Self::Px(_) | Self::On | Self::Color(_) => true,
            Self::FontFactor(factor) => factor < 0.8,
            other => other.hides(),
        }
    }
}

/// Whether nothing of the color is seen.
pub(in super::super) fn is_clear(color: Color) -> bool {
    color.3 < SEEN_FROM
}

/// Whether two colors look the same.
pub(in super::super) fn look_alike(one: Color, other: Color) -> bool {
    const NEAR: u8 = 12;
    one.0.abs_diff(other.0) <= NEAR && one.1.abs_diff(other.1) <= NEAR && one.2.abs_diff(other.2) <= NEAR
}

/// Whether a property of this name is of any concern.
pub(in super::super) fn is_of_concern(name: &str) -> bool {
    longhands(name, "").iter().any(|(name, _)| reader(name).is_some())
}

/// The declarations that one stands for, vendor prefixes and shorthands resolved.
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
    ("color", |value| color(value).map(Value::Color)),
    ("text-fill-color", |value| color(value).map(Value::Color)),
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
        Some(Length::Px(px)) => Some(hidden_if(px < -6.0 || px > FAR)),
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
    // Which animations end with nothing is known to the one who reads the sheets.
    ("animation", |value| keyword(value, &[VANISHES], &["none"]).or(Some(Value::Shows))),
    ("color-scheme", |_| Some(Value::Shows)),
];

/// The value of `animation` for one that hides where it ends.
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

/// What a longhand says; none if a browser would not know the value.
pub(in super::super) fn read(name: &str, value: &str) -> Option<Value> {
    match value {
        "inherit" => return Some(Value::Inherit),
        "initial" | "revert" | "revert-layer" => return Some(Value::Shows),
        "unset" => return Some(if is_inherited(name) { Value::Inherit } else { Value::Shows }),
        _ => {}
    }
    reader(name)?(value)
}

/// Whether children take the value over.
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

const fn hidden_if(hides: bool) -> Value {
    if hides { Value::Hides } else { Value::Shows }
}

fn keyword(value: &str, hiding: &[&str], showing: &[&str]) -> Option<Value> {
    if hiding.contains(&value) {
        return Some(Value::Hides);
    }
    showing.contains(&value).then_some(Value::Shows)
}

/// A length, in pixels where it can be worked out: a `rem` is 16 of them, and a hundredth of the screen is 10.
#[derive(Clone, Copy)]
enum Length {
    Px(f32),
    Percent(f32),
    Unknown,
}

fn length(value: &str) -> Option<Length> {
    let value = value.trim();
    if let Some(inside) = inside(value) {
        // `calc(-9999px)`: the largest length of it.
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
    // The exponent of a number is a letter too, which people don't write here.
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

/// What stands in the brackets of `calc(..)` and its like.
fn inside(value: &str) -> Option<&str> {
    const KNOWN: [&str; 6] = ["calc(", "min(", "max(", "clamp(", "env(", "anchor("];
    let open = KNOWN.iter().find(|name| value.starts_with(**name))?;
    value.get(open.len()..value.rfind(')')?)
}

fn offset(value: &str) -> Option<Value> {
    const WORDS: [&str; 8] = ["auto", "none", "normal", "hanging", "each-line", "fit-content", "min-content", "max-content"];
    let mut far = false;
    for part in parts(value) {
        match length(&part) {
            Some(Length::Px(px)) => far |= px.abs() > FAR,
            // To the left or above by all of the width: off the screen.
            Some(Length::Percent(percent)) => far |= percent <= -100.0 || percent > 900.0,
            Some(Length::Unknown) => {}
            None if WORDS.contains(&part.as_str()) => {}
            None => return None,
        }
    }
    Some(hidden_if(far))
}

fn extent(value: &str) -> Option<Value> {
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

fn font_size(value: &str) -> Option<Value> {
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

/// A number, or a percentage as its hundredth.
fn amount(value: &str) -> Option<f32> {
    let bare = inside(value).unwrap_or(value).trim();
    match bare.strip_suffix('%') {
        Some(percent) => percent.trim().parse::<f32>().ok().map(|percent| percent / 100.0),
        None => bare.parse().ok(),
    }
}

fn amounts(value: &str) -> Vec<f32> {
    value.split([' ', ',', '/']).filter_map(amount).collect()
}

fn degrees(value: &str) -> Option<f32> {
    let units = [("grad", 0.9), ("turn", 360.0), ("rad", 57.295_78), ("deg", 1.0)];
    units
        .iter()
        .find_map(|(unit, factor)| value.trim().strip_suffix(unit)?.trim().parse::<f32>().ok().map(|number| number * factor))
}

/// Turned so that it is seen from its edge or from behind.
fn is_edge_on(degrees: f32) -> bool {
    degrees.to_radians().cos() < 0.1
}

fn color(value: &str) -> Option<Option<Color>> {
    if let Some(hash) = value.strip_prefix('#') {
        return parse_hash_color(hash.as_bytes()).ok().map(Some);
    }
    if value == "transparent" {
        return Some(Some((0, 0, 0, 0.0)));
    }
    if let Ok((red, green, blue)) = parse_named_color(value) {
        return Some(Some((red, green, blue, 1.0)));
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
                Some(Some((byte(*red), byte(*green), byte(*blue), alpha)))
            }
            (
                "hsl" | "hsla" | "hwb" | "lab" | "lch" | "oklab" | "oklch" | "color" | "color-mix" | "light-dark" | "device-cmyk",
                _,
            ) => {
                let clear = numbers.len() > 3 && alpha < SEEN_FROM;
                Some(clear.then_some((0, 0, 0, 0.0)))
            }
            _ => None,
        };
    }
    // System colors, and what takes the color of the text.
    let is_word = !value.is_empty() && value.chars().all(|c| c.is_ascii_alphabetic());
    let known =
        ["currentcolor", "canvas", "canvastext", "linktext", "buttontext", "buttonface", "field", "fieldtext", "graytext"];
    (is_word && known.contains(&value)).then_some(None)
}

/// The color behind; unknown where there is a picture.
fn background(value: &str) -> Option<Value> {
    let parts = parts(value);
    let picture = parts.iter().any(|part| part.contains("gradient(") || part.contains("url(") || part.contains("image-set("));
    if picture {
        return Some(Value::Color(None));
    }
    if let Some(color) = parts.iter().find_map(|part| color(part)) {
        return Some(Value::Color(color));
    }
    (value == "none" || value == "0" || value == "0 0").then_some(Value::Color(Some((0, 0, 0, 0.0))))
}

/// `rotate(45deg)`
struct Function {
    name: String,
    arguments: String,
}

impl Function {
    fn lengths(&self) -> Vec<Length> {
        self.arguments.split([',', ' ', '/']).filter_map(length).collect()
    }
}

fn functions(value: &str) -> Vec<Function> {
    let mut functions = Vec::new();
    for part in parts(value) {
        let Some((name, rest)) = part.split_once('(') else { continue };
        let arguments = rest.strip_suffix(')').unwrap_or(rest);
        functions.push(Function { name: name.to_owned(), arguments: arguments.to_owned() });
    }
    functions
}

/// The parts of a value between the spaces that stand outside brackets.
fn parts(value: &str) -> Vec<String> {
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

/// `rect(top, right, bottom, left)`
fn clip(value: &str) -> Option<Value> {
    let function = functions(value).into_iter().find(|function| function.name == "rect")?;
    let sides: Vec<Option<Length>> = function.arguments.split([',', ' ']).filter(|side| !side.is_empty()).map(length).collect();
    let px = |at: usize| match sides.get(at) {
        Some(Some(Length::Px(px))) => Some(*px),
        _ => None,
    };
    let narrow = |from: usize, to: usize| px(to).is_some_and(|to| to - px(from).unwrap_or(0.0) < SMALLEST);
    Some(hidden_if(narrow(0, 2) || narrow(3, 1)))
}

/// Whether a `clip-path` leaves nothing.
fn cuts_all(function: &Function) -> bool {
    let lengths = function.lengths();
    // A pixel is next to nothing of a line, a percent of it as well.
    let size = |length: Option<&Length>| match length {
        Some(Length::Px(px)) => *px,
        Some(Length::Percent(percent)) => *percent * 4.0,
        _ => f32::MAX,
    };
    match function.name.as_str() {
        "inset" => {
            let sides = function.arguments.split(" round ").next().unwrap_or_default();
            let sides: Vec<Length> = sides.split(' ').filter_map(length).collect();
            let side = |at: usize| [at, at % 2, 0].into_iter().find_map(|at| sides.get(at));
            let cut = |one, other| match (side(one), side(other)) {
                (Some(Length::Percent(one)), Some(Length::Percent(other))) => one + other >= 95.0,
                (Some(Length::Percent(one)), _) | (_, Some(Length::Percent(one))) => *one >= 95.0,
                (Some(Length::Px(one)), Some(Length::Px(other))) => one + other > FAR,
                _ => false,
            };
            cut(0, 2) || cut(1, 3)
        }
        "circle" => size(lengths.first()) < SMALLEST && !function.arguments.trim_start().starts_with("at"),
        "ellipse" => {
            !function.arguments.trim_start().starts_with("at")
                && (size(lengths.first()) < SMALLEST || size(lengths.get(1)) < SMALLEST)
        }
        "polygon" => {
            let points = function.arguments.split(',').filter_map(|point| {
                let mut both = point.split_whitespace().filter_map(length);
                Some((both.next()?, both.next()?))
            });
            let points: Vec<(f32, f32)> = points.map(|(x, y)| (size(Some(&x)), size(Some(&y)))).collect();
            let spread = |all: &dyn Fn(&(f32, f32)) -> f32| {
                let (low, high) =
                    points.iter().map(all).fold((f32::MAX, f32::MIN), |(low, high), at| (low.min(at), high.max(at)));
                high - low
            };
            !points.is_empty() && (spread(&|point| point.0) < SMALLEST || spread(&|point| point.1) < SMALLEST)
        }
        "rect" => {
            let [top, right, bottom, left] = [0, 1, 2, 3].map(|at| size(lengths.get(at)));
            lengths.len() == 4 && (bottom - top < SMALLEST || right - left < SMALLEST)
        }
        "xywh" => size(lengths.get(2)) < SMALLEST || size(lengths.get(3)) < SMALLEST,
        _ => false,
    }
}

fn scales_away(amounts: &[f32]) -> bool {
    let mirrored = match amounts {
        [x, y, ..] => (*x < 0.0) != (*y < 0.0),
        _ => false,
    };
    mirrored || amounts.iter().take(2).any(|amount| amount.abs() < SCALED_FROM)
}

fn transforms_away(function: &Function) -> bool {
    let amounts = amounts(&function.arguments);
    let turned = || degrees(&function.arguments).is_some_and(is_edge_on);
    let skewed = |degrees: f32| degrees.to_radians().cos().abs() < 0.1;
    match function.name.as_str() {
        "scale" | "scale3d" => scales_away(&amounts),
        // In one direction alone, a negative one mirrors the letters.
        "scalex" | "scaley" => amounts.first().is_some_and(|amount| *amount < SCALED_FROM),
        "translate" | "translatex" | "translatey" | "translate3d" => function.lengths().iter().any(|length| match length {
            Length::Px(px) => px.abs() > FAR,
            Length::Percent(percent) => percent.abs() > 900.0,
            Length::Unknown => false,
        }),
        "rotatex" | "rotatey" => turned(),
        "skew" | "skewx" | "skewy" => function.arguments.split(',').filter_map(degrees).any(skewed),
        "matrix" => match amounts.as_slice() {
            [a, b, c, d, x, y] => (a * d - b * c).abs() < SCALED_FROM * SCALED_FROM || x.abs() > FAR || y.abs() > FAR,
            _ => false,
        },
        "matrix3d" => match amounts.as_slice() {
            [a, b, _, _, c, d, ..] => {
                let moved = amounts.iter().skip(12).take(2).any(|by| by.abs() > FAR);
                (a * d - b * c).abs() < SCALED_FROM * SCALED_FROM || moved
            }
            _ => false,
        },
        _ => false,
    }
}

fn filters_away(function: &Function) -> bool {
    match function.name.as_str() {
        "opacity" | "contrast" => amount(&function.arguments).is_some_and(|amount| amount < SEEN_FROM),
        "blur" => matches!(length(&function.arguments), Some(Length::Px(px)) if px >= 3.0),
        _ => false,
    }
}

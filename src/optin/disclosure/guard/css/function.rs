//! The functions of `transform`, `clip-path`, `filter` and the like: which ones leave nothing visible.
//!
//! Owns their arguments. Must not know properties.

use super::length::{FAR, Length, SCALED_FROM, SEEN_FROM, SMALLEST, amount, amounts, degrees, is_edge_on, length, parts};
use super::syntax::split_list;
use super::values::{Value, hidden_if};

/// A function, such as `rotate(45deg)`.
pub(super) struct Function {
    pub name: String,
    /// What's inside its parentheses.
    pub arguments: String,
}

impl Function {
    fn lengths(&self) -> Vec<Length> {
        let commas = split_list(&self.arguments);
        commas.iter().flat_map(|part| parts(part)).filter_map(|part| length(&part)).collect()
    }
}

pub(super) fn functions(value: &str) -> Vec<Function> {
    let mut functions = Vec::new();
    for part in parts(value) {
        let Some((name, rest)) = part.split_once('(') else { continue };
        let arguments = rest.strip_suffix(')').unwrap_or(rest);
        functions.push(Function { name: name.to_owned(), arguments: arguments.to_owned() });
    }
    functions
}

/// Reads `rect(top, right, bottom, left)`.
pub(super) fn clip(value: &str) -> Option<Value> {
    let function = functions(value).into_iter().find(|function| function.name == "rect")?;
    let sides: Vec<Option<Length>> = function.arguments.split([',', ' ']).filter(|side| !side.is_empty()).map(length).collect();
    let px = |at: usize| match sides.get(at) {
        Some(Some(Length::Px(px))) => Some(*px),
        _ => None,
    };
    let narrow = |from: usize, to: usize| px(to).is_some_and(|to| to - px(from).unwrap_or(0.0) < SMALLEST);
    Some(hidden_if(narrow(0, 2) || narrow(3, 1)))
}

/// Returns whether a `clip-path` leaves nothing visible.
pub(super) fn cuts_all(function: &Function) -> bool {
    let lengths = function.lengths();
    // A percentage counts as if the element were 400 pixels wide and high.
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

pub(super) fn scales_away(amounts: &[f32]) -> bool {
    let mirrored = match amounts {
        [x, y, ..] => (*x < 0.0) != (*y < 0.0),
        _ => false,
    };
    mirrored || amounts.iter().take(2).any(|amount| amount.abs() < SCALED_FROM)
}

pub(super) fn transforms_away(function: &Function) -> bool {
    let amounts = amounts(&function.arguments);
    let turned = || degrees(&function.arguments).is_some_and(is_edge_on);
    let skewed = |degrees: f32| degrees.to_radians().cos().abs() < 0.1;
    match function.name.as_str() {
        "scale" | "scale3d" => scales_away(&amounts),
        // A negative scale in only one direction mirrors the letters.
        "scalex" | "scaley" => amounts.first().is_some_and(|amount| *amount < SCALED_FROM),
        "translate" | "translatex" | "translatey" | "translate3d" => function.lengths().iter().any(|length| match length {
            Length::Px(px) => px.abs() > FAR,
            Length::Percent(percent) => percent.abs() > 900.0,
            Length::Unknown => false,
        }),
        "rotatex" | "rotatey" => turned(),
        "skew" | "skewx" | "skewy" => function.arguments.split(',').filter_map(degrees).any(skewed),
        "matrix" => match amounts.as_slice() {
            [a, b, c, d, right, down] => {
                (a * d - b * c).abs() < SCALED_FROM * SCALED_FROM || right.abs() > FAR || down.abs() > FAR
            }
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

pub(super) fn filters_away(function: &Function) -> bool {
    match function.name.as_str() {
        "opacity" | "contrast" => amount(&function.arguments).is_some_and(|amount| amount < SEEN_FROM),
        "blur" => matches!(length(&function.arguments), Some(Length::Px(px)) if px >= 3.0),
        _ => false,
    }
}

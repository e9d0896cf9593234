//! `calc()`, `min()`, `max()` and `clamp()`, as far as their numbers and lengths are known.
//!
//! Owns their arithmetic. Must not guess: a percentage or anything else that only a layout engine knows makes the whole
//! result unknown.

/// Returns the value of a calculation, in pixels if it's a length. `read` reads numbers and lengths.
pub(super) fn worked_out(text: &str, read: &dyn Fn(&str) -> Option<f32>) -> Option<f32> {
    let mut reader = Reader { rest: text, read };
    let value = reader.sum()?;
    reader.skip_space();
    reader.rest.is_empty().then_some(value)
}

struct Reader<'t> {
    rest: &'t str,
    read: &'t dyn Fn(&str) -> Option<f32>,
}

impl Reader<'_> {
    fn skip_space(&mut self) {
        self.rest = self.rest.trim_start();
    }

    fn take(&mut self, mark: char) -> bool {
        self.skip_space();
        let rest = self.rest.strip_prefix(mark);
        self.rest = rest.unwrap_or(self.rest);
        rest.is_some()
    }

    fn sum(&mut self) -> Option<f32> {
        let mut value = self.product()?;
        loop {
            if self.take('+') {
                value += self.product()?;
            } else if self.take('-') {
                value -= self.product()?;
            } else {
                return Some(value);
            }
        }
    }

    fn product(&mut self) -> Option<f32> {
        let mut value = self.single()?;
        loop {
            if self.take('*') {
                value *= self.single()?;
            } else if self.take('/') {
                value /= self.single()?;
            } else {
                return Some(value);
            }
        }
    }

    fn single(&mut self) -> Option<f32> {
        self.skip_space();
        let name_end =
            self.rest.find('(').filter(|at| self.rest.get(..*at).is_some_and(|name| name.chars().all(char::is_alphabetic)));
        if let Some(at) = name_end {
            let (name, rest) = self.rest.split_at(at);
            self.rest = rest.strip_prefix('(')?;
            return self.function(name);
        }
        // A sign belongs to the number, as in `1px + -2px`.
        let sign = usize::from(self.rest.starts_with(['-', '+']));
        let behind = self.rest.get(sign..)?;
        let end = behind.find(|c: char| !(c.is_alphanumeric() || c == '.' || c == '%')).unwrap_or(behind.len()) + sign;
        let (token, rest) = self.rest.split_at(end);
        self.rest = rest;
        (self.read)(token)
    }

    fn function(&mut self, name: &str) -> Option<f32> {
        let mut values = vec![self.sum()?];
        while self.take(',') {
            values.push(self.sum()?);
        }
        if !self.take(')') {
            return None;
        }
        match (name, values.as_slice()) {
            ("" | "calc", [value]) => Some(*value),
            ("min", values) => values.iter().copied().reduce(f32::min),
            ("max", values) => values.iter().copied().reduce(f32::max),
            ("clamp", [least, value, most]) => Some(value.min(*most).max(*least)),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_worked_out_and_an_unknown_part_makes_the_result_unknown() {
        let read = |token: &str| token.strip_suffix("px").unwrap_or(token).parse().ok();
        for (text, value) in [
            ("calc(1px + 1px)", Some(2.0)),
            ("calc(1 - 1)", Some(0.0)),
            ("calc(2 * (3px + 4px) / 7)", Some(2.0)),
            ("clamp(1px, 2px, 3px)", Some(2.0)),
            ("clamp(4px, 2px, 8px)", Some(4.0)),
            ("min(2px, 16px)", Some(2.0)),
            ("max(2px, calc(1px + -3px))", Some(2.0)),
            ("calc(100% - 1px)", None),
            ("calc(1px", None),
            ("calc(1px) 2px", None),
            ("sin(1)", None),
        ] {
            assert_eq!(worked_out(text, &read), value, "{text}");
        }
    }
}

//! The syntax of style sheets: rules, blocks, declarations, and the weight of selectors.
//!
//! Owns parsing CSS. Must not know any property. It skips what a browser would skip.

use cssparser::{ParseError, Parser, Token};

/// Negations that hold when a page opens, because it isn't in any of these states then.
const PASSING_STATES: [&str; 9] = [
    ":not(:hover)",
    ":not(:focus)",
    ":not(:focus-within)",
    ":not(:focus-visible)",
    ":not(:active)",
    ":not(:target)",
    ":not(:checked)",
    ":not(:disabled)",
    ":not(:user-invalid)",
];

/// A declaration, or a rule with its block.
pub(super) struct Item<'t> {
    /// What comes before the block, or the whole declaration.
    pub head: String,
    /// What's in the block.
    pub block: Option<&'t str>,
}

/// Returns the declarations and rules of a sheet or block, in order.
pub(super) fn items(text: &str) -> Vec<Item<'_>> {
    let mut parser = Parser::new(text);
    let mut items = Vec::new();
    let mut head = String::new();
    loop {
        let start = parser.position();
        let Ok(token) = parser.next_including_whitespace_and_comments().cloned() else { break };
        match token {
            Token::Comment(_) | Token::CDO | Token::CDC => {}
            Token::Semicolon => items.push(Item { head: std::mem::take(&mut head).trim().to_owned(), block: None }),
            Token::CurlyBracketBlock => {
                let block = skip_block(&mut parser);
                items.push(Item { head: std::mem::take(&mut head).trim().to_owned(), block: Some(block) });
            }
            Token::Function(_) | Token::ParenthesisBlock | Token::SquareBracketBlock => {
                skip_block(&mut parser);
                head.push_str(parser.slice_from(start));
            }
            _ => head.push_str(parser.slice_from(start)),
        }
    }
    if !head.trim().is_empty() {
        items.push(Item { head: head.trim().to_owned(), block: None });
    }
    items
}

/// Returns the first brace of a sheet that has no partner, and its line from 1.
pub(in super::super) fn lone_brace(text: &str) -> Option<(char, u32)> {
    let mut parser = Parser::new(text);
    loop {
        let token = parser.next().ok().cloned()?;
        // The parser is right after the token.
        let line = parser.current_source_location().line + 1;
        match token {
            Token::CloseCurlyBracket => return Some(('}', line)),
            Token::CurlyBracketBlock => {
                let start = parser.position();
                let inside = skip_block(&mut parser).len();
                if parser.slice_from(start).len() == inside {
                    return Some(('{', line));
                }
            }
            _ => {}
        }
    }
}

/// Moves past the block that was just opened, and returns what's in it.
fn skip_block<'t>(parser: &mut Parser<'t>) -> &'t str {
    let inner: Result<&'t str, ParseError<()>> = parser.parse_nested_block(|block| {
        let start = block.position();
        while block.next_including_whitespace_and_comments().is_ok() {}
        Ok(block.slice_from(start))
    });
    inner.unwrap_or("")
}

/// Resolves the escapes in a name or value: `n\6fne` is `none`.
pub(super) fn unescaped(text: &str) -> String {
    if !text.contains('\\') {
        return text.to_owned();
    }
    let mut parser = Parser::new(text);
    let mut plain = String::new();
    loop {
        let start = parser.position();
        match parser.next_including_whitespace() {
            Ok(Token::Ident(name)) => plain.push_str(name),
            Ok(Token::Function(_) | Token::ParenthesisBlock) => {
                skip_block(&mut parser);
                plain.push_str(parser.slice_from(start));
            }
            Ok(_) => plain.push_str(parser.slice_from(start)),
            Err(_) => return plain,
        }
    }
}

/// Returns the selector of a rule that is nested in another.
pub(super) fn nested_selector(parent: Option<&str>, own: &str) -> String {
    match parent {
        None => own.to_owned(),
        Some(parent) if own.contains('&') => own.replace('&', &format!(":is({parent})")),
        Some(parent) => split_list(own).iter().map(|one| format!(":is({parent}) {one}")).collect::<Vec<_>>().join(", "),
    }
}

/// Returns the selector without the states that a page isn't in when it opens.
pub(super) fn known_selector(one: &str) -> String {
    let plain = PASSING_STATES.iter().fold(one.trim().to_owned(), |text, state| text.replace(state, ""));
    let mut plain = plain.replace(":any-link", "[href]").replace(":link", "[href]");
    while let Some((before, rest)) = plain.split_once(":lang(") {
        let Some((language, after)) = rest.split_once(')') else { break };
        let language = language.trim_matches(|c: char| !c.is_ascii_alphanumeric() && c != '-');
        plain = format!("{before}:is([lang|=\"{language}\"], [lang|=\"{language}\"] *){after}");
    }
    if plain.trim().is_empty() { "*".to_owned() } else { plain }
}

/// Returns the selector without what depends on the state of the page, such as `:checked` or `:has(input:valid)`. Returns
/// `None` if it's for a temporary state or a pseudo-element.
pub(super) fn stateless(selector: &str) -> Option<String> {
    const PASSING: [&str; 9] =
        ["hover", "focus", "focus-within", "focus-visible", "active", "target", "visited", "disabled", "user-invalid"];
    const KNOWN: [&str; 8] = ["is", "where", "has", "not", "root", "empty", "first-child", "last-child"];
    if selector.contains("::") || selector.contains(":before") || selector.contains(":after") {
        return None;
    }
    let mut plain = String::new();
    let mut rest = selector;
    while let Some((before, behind)) = rest.split_once(':') {
        plain.push_str(before);
        let end = behind.find(|c: char| !(c.is_ascii_alphanumeric() || c == '-')).unwrap_or(behind.len());
        let (name, after) = behind.split_at(end);
        let name = name.to_ascii_lowercase();
        if PASSING.contains(&name.as_str()) {
            return None;
        }
        let arguments = after.strip_prefix('(').map(|inside| inside.get(..closing(inside)).unwrap_or(inside));
        let length = arguments.map_or(0, |arguments| (arguments.len() + 2).min(after.len()));
        let of = arguments.is_some_and(|arguments| arguments.contains(" of "));
        match (name.as_str(), arguments) {
            ("is" | "where" | "has", Some(arguments)) => {
                let inner = stateless(arguments)?;
                let inner = if inner.trim().is_empty() { "*" } else { &inner };
                plain.extend([":", &name, "(", inner, ")"]);
            }
            ("not", Some(arguments)) if scraper::Selector::parse(arguments).is_err() => {}
            (_, _) if (KNOWN.contains(&name.as_str()) || name.starts_with("nth-")) && !of => {
                plain.push(':');
                plain.push_str(behind.get(..end + length).unwrap_or_default());
            }
            _ => {}
        }
        rest = after.get(length..).unwrap_or_default();
    }
    plain.push_str(rest);
    let plain = plain.trim();
    // A part that was alone between combinators now stands for any element.
    Some(if plain.is_empty() || plain.ends_with(['>', '+', '~']) { format!("{plain} *") } else { plain.to_owned() })
}

/// Returns the position of the parenthesis that closes the one opened just before `inside`.
pub(super) fn closing(inside: &str) -> usize {
    let mut depth = 1_usize;
    let end = inside.find(|c: char| {
        depth = match c {
            '(' => depth + 1,
            ')' => depth - 1,
            _ => depth,
        };
        depth == 0
    });
    end.unwrap_or(inside.len())
}

/// Splits a list at the commas outside brackets and quotes.
pub(super) fn split_list(list: &str) -> Vec<String> {
    let (mut parts, mut depth, mut quote) = (vec![String::new()], 0_usize, None);
    for c in list.chars() {
        match (quote, c) {
            (Some(open), _) if c == open => quote = None,
            (None, '"' | '\'') => quote = Some(c),
            (None, '(' | '[') => depth += 1,
            (None, ')' | ']') => depth = depth.saturating_sub(1),
            (None, ',') if depth == 0 => {
                parts.push(String::new());
                continue;
            }
            _ => {}
        }
        if let Some(last) = parts.last_mut() {
            last.push(c);
        }
    }
    parts.into_iter().map(|part| part.trim().to_owned()).filter(|part| !part.is_empty()).collect()
}

/// Estimates the specificity of a selector: ids, then classes, attributes and pseudo-classes, then elements.
pub(super) fn specificity(selector: &str) -> u32 {
    let (mut ids, mut classes, mut elements, mut previous) = (0_u32, 0_u32, 0_u32, ' ');
    let mut in_brackets = false;
    for c in without_where(selector).chars() {
        match c {
            '[' => {
                classes += 1;
                in_brackets = true;
            }
            ']' => in_brackets = false,
            _ if in_brackets => {}
            '#' => ids += 1,
            '.' | ':' => classes += 1,
            _ if c.is_alphabetic() && " >+~(,|".contains(previous) => elements += 1,
            _ => {}
        }
        previous = c;
    }
    // These don't count themselves, but their content does.
    for weightless in [":is(", ":not(", ":has("] {
        classes = classes.saturating_sub(u32::try_from(selector.matches(weightless).count()).unwrap_or(0));
    }
    ids.min(255) * 65_536 + classes.min(255) * 256 + elements.min(255)
}

/// Returns the selector without `:where()` and its content, which have no specificity.
fn without_where(selector: &str) -> String {
    let mut rest = selector;
    let mut kept = String::new();
    while let Some((before, inside)) = rest.split_once(":where(") {
        kept.push_str(before);
        let mut depth = 1;
        let end = inside.find(|c| {
            depth += i32::from(c == '(') - i32::from(c == ')');
            depth == 0
        });
        rest = end.map_or("", |end| &inside[end + 1..]);
    }
    kept + rest
}

//! List files: headings in brackets, one phrase per line, comments after `#`.
//!
//! Owns the file format. Must not compile phrases.

/// One section of a list file. The heading `[anywhere: not interested]` has the kind `anywhere` and the name
/// `not interested`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Section {
    /// What the phrases are for.
    pub kind: &'static str,
    /// The rule that they belong to. Empty if the heading names none.
    pub name: &'static str,
    /// The phrases, one per line, in file order.
    pub lines: Vec<&'static str>,
}

/// A list file, split into its sections.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct List {
    sections: Vec<Section>,
}

impl List {
    /// Parses a file. Lines before the first heading are dropped, because they belong to no section.
    #[must_use]
    pub fn read(text: &'static str) -> Self {
        let mut sections: Vec<Section> = Vec::new();
        for line in text.lines().map(|line| line.split_once('#').map_or(line, |(before, _)| before).trim()) {
            if let Some(heading) = line.strip_prefix('[').and_then(|line| line.strip_suffix(']')) {
                let (kind, name) = heading.split_once(':').unwrap_or((heading, ""));
                sections.push(Section { kind: kind.trim(), name: name.trim(), lines: Vec::new() });
            } else if let Some(section) = sections.last_mut().filter(|_| !line.is_empty()) {
                section.lines.push(line);
            }
        }
        Self { sections }
    }

    /// Returns the sections of one kind, in file order.
    pub fn of_kind<'a>(&'a self, kind: &'a str) -> impl Iterator<Item = &'a Section> {
        self.sections.iter().filter(move |section| section.kind == kind)
    }

    /// Returns all lines of the sections of one kind.
    pub fn lines<'a>(&'a self, kind: &'a str) -> impl Iterator<Item = &'static str> + 'a {
        self.of_kind(kind).flat_map(|section| section.lines.iter().copied())
    }

    /// Returns the kind of each section in the file.
    pub fn kinds(&self) -> impl Iterator<Item = &'static str> {
        self.sections.iter().map(|section| section.kind)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn headings_phrases_and_comments_are_told_apart() {
        let list = List::read(
            "# English\n[class: texts]\ntext texts # singular too\n\n[anywhere: not interested]\n# a refusal\nnot interested\nno interest\n",
        );
        assert_eq!(list.kinds().collect::<Vec<_>>(), ["class", "anywhere"]);
        assert_eq!(list.lines("class").collect::<Vec<_>>(), ["text texts"]);
        let rule = list.of_kind("anywhere").next().expect("a section");
        assert_eq!((rule.name, rule.lines.as_slice()), ("not interested", &["not interested", "no interest"][..]));
    }
}

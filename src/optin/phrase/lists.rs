//! List files: headings in brackets, one phrase a line, `#` before a remark.
//!
//! Owns the file format. Must not compile phrases.

/// What stands under one heading of a list file: `[anywhere: not interested]` has the kind `anywhere` and the name
/// `not interested`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Section {
    /// What the phrases are for.
    pub kind: &'static str,
    /// The rule that they belong to; empty where the heading has none.
    pub name: &'static str,
    /// The phrases, one a line, in the order of the file.
    pub lines: Vec<&'static str>,
}

/// A list file, split into its sections.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct List {
    sections: Vec<Section>,
}

impl List {
    /// Reads a file. Lines before the first heading belong to no section and are dropped.
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

    /// The sections of one kind, in the order of the file.
    pub fn of_kind<'a>(&'a self, kind: &'a str) -> impl Iterator<Item = &'a Section> {
        self.sections.iter().filter(move |section| section.kind == kind)
    }

    /// Every line of the sections of one kind.
    pub fn lines<'a>(&'a self, kind: &'a str) -> impl Iterator<Item = &'static str> + 'a {
        self.of_kind(kind).flat_map(|section| section.lines.iter().copied())
    }

    /// Every kind of section that the file has.
    pub fn kinds(&self) -> impl Iterator<Item = &'static str> {
        self.sections.iter().map(|section| section.kind)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn headings_phrases_and_remarks_are_told_apart() {
        let list = List::read(
            "# English\n[class: texts]\ntext texts # singular too\n\n[anywhere: not interested]\n# a refusal\nnot interested\nno interest\n",
        );
        assert_eq!(list.kinds().collect::<Vec<_>>(), ["class", "anywhere"]);
        assert_eq!(list.lines("class").collect::<Vec<_>>(), ["text texts"]);
        let rule = list.of_kind("anywhere").next().expect("a section");
        assert_eq!((rule.name, rule.lines.as_slice()), ("not interested", &["not interested", "no interest"][..]));
    }
}

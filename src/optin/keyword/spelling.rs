//! Spelling: slips of the finger in the words that matter most.
//!
//! Owns which misspellings are read as STOP, UNSUBSCRIBE, CANCEL and their like. Must not look at more than one word. The
//! surprise: real words one letter away (step, shop, cancer) are listed, so that they are never taken for a slip.

/// One letter away from STOP, yet words of their own, even as a whole message.
const NEVER_STOP: &[&str] =
    &["step", "shop", "slop", "stoop", "stomp", "strop", "stow", "swop", "estop", "stope", "stoup", "stot"];
/// One letter away from STOP; inside a sentence they are words of their own, as a whole message they mean nothing else.
const STOP_IF_ALONE: &[&str] = &["top", "atop", "sop", "sto", "stops", "stob", "stap"];
/// One letter away from CANCEL, QUIT or REVOKE, yet words of their own.
const REAL_WORDS: &[&str] = &[
    "cancer", "chancel", "cancels", "quiet", "quite", "quilt", "quid", "quip", "quits", "suit", "quint", "qui", "quito", "quita",
    "quin", "quiz", "unit", "evoke", "invoke", "revoked", "revokes",
];
/// Shorter than six letters, or real words, yet common slips or short forms.
const READ_AS: &[(&str, &[&str])] = &[
    ("unsubscribe", &["unsub", "unsubs", "unsubscribing", "unsubscription", "unscribe", "desubscribe", "desub"]),
    ("unsubscribed", &["unsubbed", "unsuscribed"]),
    ("stopping", &["stoping", "stoppin", "stopin"]),
    ("end", &["endd", "edn", "emd", "ennd"]),
    ("stopall", &["stopal", "stoppall", "stopsll"]),
    ("dont", &["donot", "dnt", "dun", "donnot", "dontt", "dony", "dint", "dotn", "dobt"]),
    ("cant", &["cannot", "cnt"]),
    ("you", &["u", "yall", "yalls", "yu", "yous"]),
    ("your", &["ur", "youre", "yr"]),
    ("text", &["txt", "texr", "tect", "tex", "textme", "tezt"]),
    ("texts", &["txts", "textes", "textx", "texs"]),
    ("texting", &["txting", "texing", "textin", "txtin", "txtng", "textng", "textting", "texring"]),
    ("texted", &["txted", "txtd", "txt'd"]),
    ("message", &["msg", "mesg", "mssg", "messge", "mesage"]),
    ("messages", &["msgs", "mesgs", "msges", "mssgs", "mssages", "mesages", "messges"]),
    ("messaging", &["msging", "msgin"]),
    ("please", &["pls", "plz", "plese", "pleas", "plea", "plase", "pleaze", "pleese", "plx", "pleae"]),
    ("receive", &["recieve", "recive", "receve"]),
    ("receiving", &["recieving", "reciving"]),
    ("number", &["num", "nbr", "numba", "numer", "nunber", "numbr", "nummber", "numbe", "nmber", "munber", "no#"]),
    ("me", &["mee"]),
    ("want", &["wnt", "wan", "wnat", "wamt"]),
    ("wrong", &["worng", "wrng", "rong", "wromg"]),
    ("remove", &["remov", "removeme", "remobe"]),
    ("alone", &["alon", "aline", "alnoe", "aone", "alne", "alonw", "aloone"]),
    ("leave", &["leav", "leve", "leabe"]),
    ("anymore", &["nomore", "anymor"]),
    ("que", &["q", "k", "ke"]),
    ("mensajes", &["msjs", "msj", "msjes", "mensages", "mensaje", "mensage", "mensajitos"]),
    ("numero", &["nro", "nuemro", "numeo"]),
    ("quiero", &["kiero", "qiero", "quero", "qiuero"]),
    ("more", &["mor", "moar", "mre"]),
    ("equivocado", &["eqivocado", "equibocado", "ekivocado", "equivicado", "equvocado", "ecuivocado"]),
    ("textos", &["textitos"]),
];

/// How the word would be written without slips; `alone` says whether it is all that the message says.
pub fn mended(word: &str, alone: bool) -> &str {
    let squeezed = squeeze(word);
    for (right, slips) in READ_AS {
        if slips.contains(&word) {
            return right;
        }
    }
    if is_stop(word, &squeezed, alone) {
        return "stop";
    }
    if squeezed.len() >= 7 && !squeezed.starts_with("sub") {
        let allowed = if squeezed.starts_with("un") { 3 } else { 2 };
        if squeezed.ends_with('d') && within("unsubscribed", &squeezed, allowed) {
            return "unsubscribed";
        }
        if within("unsubscribe", &squeezed, allowed) {
            return "unsubscribe";
        }
    }
    if REAL_WORDS.contains(&word) {
        return word;
    }
    if word.len() >= 5 {
        for right in ["cancel", "revoke", "optout", "stopall"] {
            if within(right, &squeezed, 1) {
                return right;
            }
        }
    }
    if alone && word.len() >= 4 && within("quit", &squeezed, 1) {
        return "quit";
    }
    if let Some(rest) = word.strip_prefix("stop") {
        let glued =
            ["it", "now", "please", "pls", "plz", "texting", "text", "texts", "messages", "me", "this", "sms", "these", "msg"];
        if glued.contains(&rest) {
            return "stop";
        }
    }
    word
}

fn is_stop(word: &str, squeezed: &str, alone: bool) -> bool {
    if squeezed == "stop" && word != "stoop" {
        return true;
    }
    if word.len() < 3 || NEVER_STOP.contains(&word) || NEVER_STOP.contains(&squeezed) {
        return false;
    }
    if is_jumbled_stop(word) {
        return true;
    }
    if STOP_IF_ALONE.contains(&word) {
        return alone;
    }
    within("stop", word, 1) || (within("stop", squeezed, 1) && (alone || !STOP_IF_ALONE.contains(&squeezed)))
}

/// The four letters of STOP in another order that makes no word.
fn is_jumbled_stop(word: &str) -> bool {
    let mut letters: Vec<char> = word.chars().collect();
    letters.sort_unstable();
    letters == ['o', 'p', 's', 't'] && !["post", "spot", "tops", "pots", "opts"].contains(&word)
}

/// Each run of one letter becomes a single one.
fn squeeze(word: &str) -> String {
    let mut squeezed = String::with_capacity(word.len());
    for letter in word.chars() {
        if !squeezed.ends_with(letter) {
            squeezed.push(letter);
        }
    }
    squeezed
}

/// Whether two words are the same but for one slip behind the first letter: any from six letters on, a swap from four.
pub fn one_slip(wanted: &str, word: &str) -> bool {
    /// One letter apart, and both of them words.
    const BOTH_REAL: &[&str] = &[
        "remote",
        "cancer",
        "removed",
        "deleted",
        "subscribed",
        "stopped",
        "numbers",
        "paren",
        "form",
        "from",
        "sing",
        "quite",
        "quiet",
    ];
    let begin_alike = wanted.as_bytes().first() == word.as_bytes().first();
    if !begin_alike || wanted.len() < 4 || BOTH_REAL.contains(&word) {
        return false;
    }
    if wanted.len() == word.len() && is_swap(wanted, word) {
        return true;
    }
    wanted.len() >= 6 && word.len() >= 6 && !same_stem(wanted, word) && within(wanted, word, 1)
}

/// Whether two neighbouring letters are swapped.
fn is_swap(one: &str, other: &str) -> bool {
    let differing: Vec<usize> =
        one.bytes().zip(other.bytes()).enumerate().filter(|(_, (a, b))| a != b).map(|(at, _)| at).collect();
    let (one, other) = (one.as_bytes(), other.as_bytes());
    matches!(differing.as_slice(), [i, j] if *j == i + 1 && one[*i] == other[*j] && one[*j] == other[*i])
}

/// Spanish and French endings are one letter apart and change who does what ("envien", "envian"), so they are no slips.
fn same_stem(one: &str, other: &str) -> bool {
    let stem = |word: &str| word.char_indices().nth_back(1).map_or(0, |(at, _)| at);
    one.get(..stem(one)) == other.get(..stem(other))
}

/// Whether the words are at most `allowed` slips apart: a letter more, less or other, or two neighbours swapped.
fn within(one: &str, other: &str, allowed: usize) -> bool {
    let (one, other): (Vec<char>, Vec<char>) = (one.chars().collect(), other.chars().collect());
    if one.len().abs_diff(other.len()) > allowed {
        return false;
    }
    let mut before: Vec<usize> = Vec::new();
    let mut last: Vec<usize> = (0..=other.len()).collect();
    for (i, a) in one.iter().enumerate() {
        let mut row = vec![i + 1];
        for (j, b) in other.iter().enumerate() {
            let mut least = (last[j] + usize::from(a != b)).min(last[j + 1] + 1).min(row[j] + 1);
            if i > 0 && j > 0 && *a == other[j - 1] && one[i - 1] == *b {
                least = least.min(before[j - 1] + 1);
            }
            row.push(least);
        }
        before = std::mem::replace(&mut last, row);
    }
    last.last().is_some_and(|distance| *distance <= allowed)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn slips_of_stop_are_mended_and_real_words_stay() {
        for slip in ["stpo", "sotp", "stp", "stooop", "stopp", "sstop", "dtop", "stip", "stol", "tstop", "stoo"] {
            assert_eq!(mended(slip, false), "stop", "{slip}");
        }
        for word in ["step", "shop", "slop", "stoop", "top", "atop", "stomp", "post", "soap", "esto"] {
            assert_eq!(mended(word, false), word, "{word}");
        }
        assert_eq!(mended("atop", true), "stop");
        assert_eq!(mended("shop", true), "shop");
    }

    #[test]
    fn slips_of_longer_words_are_mended_and_real_words_stay() {
        for slip in ["unsuscribe", "unsubcribe", "unsubscibe", "unsub", "unsubsribe", "unsubscirbe", "unscribe"] {
            assert_eq!(mended(slip, false), "unsubscribe", "{slip}");
        }
        assert_eq!(mended("cancle", false), "cancel");
        assert_eq!(mended("revok", false), "revoke");
        for word in ["subscribe", "describe", "cancer", "quiet", "quite"] {
            assert_eq!(mended(word, true), word, "{word}");
        }
    }
}

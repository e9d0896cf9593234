//! English: the words and phrases that opt out, what excuses them, and who asks for help.
//!
//! Owns a list that a lawyer can read (47 CFR 64.1200(a)(10), "reasonable means"). Must not hold code. The surprise: a
//! complaint that texts never stop opts out, a wish that they never stop does not.

use super::phrase::Phrase;

mod classes;
mod excuses;

pub use self::classes::{CLASSES, FILLER};
pub use self::excuses::{EXCUSES, NO_HELP};

/// Whatever else a message says: these beat every excuse.
pub const INSISTING: &[Phrase] = &[
    Phrase {
        says: "won't you stop",
        written: &[
            "why dont|wont|cant|didnt|havent you|they|it|this|these ..2 stop*",
            "if you dont|wont|cant|never ..1 stop",
            "you|they|these|texts|messages|alerts|this guys|people|folks|just|literally? dont|wont|never|cant|didnt|refuse ever|to? stop !{doing}",
            "it wont|doesnt|dont|never ever? stop $",
            "until|til|till you|they|it|these|this ..1 stop*",
        ],
    },
    Phrase {
        says: "make it stop",
        written: &[
            "make|making|get|need|want|like {these|the|your|all} ..3 to? stop|stopped|end",
            "please|to|can|could|just ..1 have {these|the|your} ..2 stop|stopped",
            "put|bring ..2 stop to",
            "put|bring an end to {these}",
            "cant get {these|the|your} ..2 to stop",
            "when|how will|do|can ..3 ever stop !{doing}",
            "will {these|the|your} ..2 ever stop|end",
            "when will {these|the|your} ..2 stop !{doing}",
            "{these|texts} need|needs|must|has|have|better ..2 stop",
        ],
    },
];

/// Strong words and plain requests: they opt out wherever they stand, unless excused.
pub const ANYWHERE: &[Phrase] = &[
    Phrase { says: "STOP", written: &["stop", "stopping", "stopit", "if|wish|appreciate|want ..3 stopped|stops"] },
    Phrase { says: "STOPALL", written: &["stopall"] },
    Phrase { says: "UNSUBSCRIBE", written: &["unsubscribe", "unsubscribed", "unsubscribes"] },
    Phrase { says: "REVOKE", written: &["revoke", "revoking", "revoked"] },
    Phrase { says: "OPTOUT", written: &["optout", "optedout", "opt ..3 out", "optme ..1 out", "want|wanna|let|get ..1 out $"] },
    Phrase {
        says: "CANCEL",
        written: &[
            "cancel ..2 {texts}",
            "cancel|canceling|cancelling {det}? {det}? {texts|these}|all|everything|me|membership|enrollment|account|services|signup|registration",
            "how|where|can|want|like|wish|need|trying|unable|cant|couldnt ..3 cancel please|now|immediately|asap|today? $",
            "canceled|cancelled my|this|the|these subscription|texts|alerts|messages|service",
            "^ i cancel $",
            "please cancel now|today|immediately|asap? $",
        ],
    },
    Phrase {
        says: "END",
        written: &[
            "end {det}? {det}? {texts}|everything|all|membership|enrollment|services",
            "please|just|can|could|must|to|make|want|lets ..2 end {these}",
            "^ end {these|all} now|please|already|immediately? please? $",
        ],
    },
    Phrase {
        says: "QUIT",
        written: &[
            "quit {sending}",
            "quit {these}|doing|already|please|now|getting|receiving|with",
            "quit {det}? {det}? {texts}",
            "how|where|can|want|like|wish|need|let ..3 quit please|now? $",
            "^ i quit please|now? $",
        ],
    },
    Phrase { says: "cease", written: &["cease", "desist", "ceasing"] },
    Phrase {
        says: "remove me",
        written: &[
            "{wipe} ..1 me|us|mine|myself",
            "{wipe} ..1 my|this|our|that|his|her ..2 number|phone|name|info|cell|contact|mobile|data|information|email|from|off|digits",
            "{wipe} ..1 number|phone|contact ..1 from|off",
            "remove|removed|deleted|delete|erase|taken|unenrolled ..4 from|off ..3 list|lists|system|database|contacts|program|{texts}|distribution",
            "get|want|like|wish|be|asked|request|have ..4 removed|deleted|unenrolled|erased",
            "please remove|delete|erase please? $",
            "number ..3 delete|remove|lose|erase it",
            "remove ..1 from ..1 list|lists|system",
            "^ remove|delete it|number|contact|this please? $",
        ],
    },
    Phrase {
        says: "take me off",
        written: &[
            "take|get|keep|taken|taking|scratch|cross|pull|leave|kick {me|these} ..3 off",
            "take off ..2 list|number|my",
            "take|scratch|cross|pull|x me|us|my|this|our ..1 number|phone|name|info|cell|contact|out|off",
            "take|get|leave|count me out",
            "want|wanna|like|get|be|how ..3 off ..2 list|lists|{texts|these}|your",
            "want|wanna|taken off",
            "how ..3 block you|{these|texts}",
            "let|get me out of|off",
            "keep me out",
            "how ..4 get out of",
            "how ..3 leave this|the|your|$",
            "lemme out|go|off",
            "leave this|the|your ..1 list|group|program|{texts}|chat|service",
        ],
    },
    Phrase {
        says: "leave me alone",
        written: &[
            "leave|leaving|let me|us|my|him|her|this|people ..3 alone|be|b|alonee",
            "leave ..1 alone",
            "get away from me",
            "stay away|out|off from|of? me|my",
            "let me be|go",
        ],
    },
    Phrase {
        says: "wrong number",
        written: &[
            "wrong phone|cell|mobile? {person}|#",
            "wrong ..1 number",
            "incorrect|bad|mistaken number",
            "not my|the|his|her|a right|correct|same|valid? number",
            "isnt|not|no ..2 number anymore",
            "this|that|it|its isnt ..1 phone|number|cell",
            "this isnt !{ordinary} ..1 $",
            "this|that|it isnt|not my|his|her|their|the ..2 number|phone|cell",
            "no longer|dont|doesnt ..2 has|have|own|owns|use|uses|using|belong|belongs ..2 this|that ..1 number|phone|cell",
            "number|phone ..4 belong* to",
            "have|got|reached|texting|messaging|has|reach ..1 wrong individual|one|$|{person}",
            "not|isnt the|who ..1 person|owner ..3 you|looking|texting|this",
            "isnt|not|arent who|whom you",
            "thats not me|him|her|mine",
            "this|it isnt me|him|her|mine",
            "nobody|noone|no ..2 by that|this|the name",
            "im not @",
            "^ im not !{ordinary} ..1 $",
            "this|that|it|its|name isnt|not @",
            "theres|is no|not @ here|at|living|with|$",
            "^ no|not @ here|at|lives|$",
            "no one|such ..2 by|named|called|person",
            "no one here|at",
            "nobody|noone ..1 named|called",
            "not the right|correct {person}",
            "dont|doesnt use|need|want {these} ..1 anymore",
            "phone|number|cell ..1 isnt|not @",
            "wrong|not @ $",
            "not my phone|cell|cellphone $",
            "there is no ..1 here|at",
            "dont know ..2 anyone|any|anybody|nobody ..2 named|called|by|name",
            "just got|bought|have this|my ..1 phone|number",
            "got|have this ..1 number|phone",
            "this is ..1 new number|owner",
            "number|phone ..2 reassigned",
            "someone|somebody|person|people ..1 else ..2 number|phone|now",
            "new owner",
            "he|she|they|person doesnt|dont ..1 live|work here|there|anymore",
            "im not him|her|them|that|whoever",
            "not ..1 live|work here",
        ],
    },
    Phrase {
        says: "lose my number",
        written: &[
            "{wipe|lose|forget|burn|destroy|loose|lost|deleted|block} my|this|our|the|his|her ..1 number|contact|digits|cell",
        ],
    },
    Phrase {
        says: "don't text me",
        written: &[
            "dont|never|not|quit ever|you|please|even|bother|to|dare|fucking|freaking|just|keep? dare|ever|even|fucking|freaking? {send|sending} me|us|this|my|again|anymore|here|him|her|them|ever|back|no|these|any|more|at|on|until|unless|or|and|nor",
            "dont|never|not reply|respond|talk|speak to|with me|us|this",
            "refrain|avoid ..2 contact|{sending}",
            "dont|never ever|please? text|contact|message|call|bother|spam|email|harass|disturb|write|send please|ever|now|again|thanks|anymore? $",
            "dont|not|never|without ..2 contact|contacted|bothered|texted|messaged|disturbed|spammed ..1 me|us|again|anymore|$",
            "dont send|sending ..3 {texts}",
            "dont|never ..2 call|contact|text|disturb ..1 list|registry|lists",
            "dnc",
            "dont want you ..2 {send|sending}",
            "shouldnt be {sending}",
            "never ..2 hear from",
            "if you ..2 {send} ..2 again",
            "^ please? text|contact|message|call|bother someone|somebody else please? $",
        ],
    },
    Phrase {
        says: "I don't want these",
        written: &[
            "dont|didnt|not|wouldnt|doesnt|dont want|need|wanna|like|wish|desire|care|request ..1 to|for? {getting}? {getting}? {these} !code|to|changed|one",
            "dont|didnt|not|wouldnt want|need|wanna|wish|desire ..1 to|for? {getting}? {det}? {det}? {det}? ..1 {texts}|anymore",
            "dont|didnt|not|wouldnt|doesnt want|wanna|wish|desire|like|care|consent|agree|prefer to? {getting|hearing} !help|lost|there|late|up|my|code",
            "dont|not want|need|wanna any|anything|anymore|nothing|your|ur|none ..2 $",
            "dont|not want|wanna ..1 to|be|in ..2 on|part|in|contacted|texted|messaged|bothered|subscribed|enrolled|involved|signed|member",
            "no longer ..2 want|wish|interested|need|desire|care|require|live|subscribed|consent|customer|member|student|employee|resident|tenant|applicable|relevant",
            "rather not ..2 {getting}",
            "prefer ..1 not ..2 {getting}",
            "not to {getting} {det}? {these|texts}",
            "without {getting} {det}? {these|texts}",
            "get rid of ..2 {these|texts}|me",
            "no longer at|with|a|needed|necessary|wanted|my|his|her|their|theirs|mine|@",
            "do without|w|wo ..1 {these|texts}",
            "dont live there|here",
            "dont|not want|wanna please? $",
            "dont|not want|wish|wanna|like ..1 to? participate|participating",
        ],
    },
    Phrase {
        says: "no more",
        written: &[
            "no more|further|additional|futher {texts|these}|of|please|plz|for|contact|from",
            "no more ..1 {texts}",
            "^ no {texts} $",
            "nothing more|further|else from|please",
            "said no more|enough $",
            "^ please|and|ok|okay|just? no more please|thanks|ever|ok|now|thank|sir? you? $",
            "^ no|zero {texts} please|anymore|ever|thank*",
        ],
    },
    Phrase {
        says: "not interested",
        written: &[
            "not|isnt|aint|never|no|dont|arent ..2 interested|intrested|interest",
            "uninterested",
            "zero|0 interest",
            "lost interest",
        ],
    },
    Phrase {
        says: "turn off",
        written: &[
            "turn|shut|switch|toggle|turning off|of {det}? {det}? {texts|these}",
            "turn|shut|switch {these}|my|the|your|all {det}? {texts}? off",
            "turn|shut|switch ..3 {texts} off",
            "^ please? turn|shut|switch off please? $",
            "disable|deactivate|discontinue|suspend|terminate|halt|mute|silence|pause|kill ..3 {texts|these}|me|account|number|enrollment|everything",
        ],
    },
    Phrase {
        says: "unenroll",
        written: &[
            "unenroll|unregister|deregister|disenroll|unlist|unjoin|unfollow|disenrolled|unenrolled|unregistered|deregister|unsign",
            "sign|signed|log me out",
            "de|dis enroll|register|list",
        ],
    },
    Phrase {
        says: "I never signed up",
        written: &[
            "never|didnt|dont|havent|hadnt ..2 sign|signed|signing|subscribe|subscribed|enroll|enrolled|register|registered|join|joined ..1 !yet|correctly|in",
            "never|didnt|dont|havent|not|nor ..2 agree|agreed|consent|consented|authorize|authorized|optedin|permission ..1 !yet",
            "never|didnt|havent ..2 opt|opted in",
            "never|didnt ..1 ask|asked for|to|you ..2 {these|texts|texted}|be|anything|contacted",
            "never|didnt requested|request ..1 {texts}|these|any|to",
            "dont|didnt|never|not ..1 give|gave|given|have|giving ..3 consent|permission|number|authorization",
            "without ..1 consent|permission|asking",
            "no consent|permission",
            "who signed me|us up",
            "unwanted|unsolicited",
        ],
    },
    Phrase {
        says: "passed away",
        written: &[
            "passed away|on",
            "deceased",
            "he|she|mom|mother|dad|father|husband|wife|grandma|grandpa|son|daughter|brother|sister|owner|person|man|woman|holder ..3 died|dead",
            "no longer with|alive us?",
            "hes|shes dead|gone",
            "he|she|person moved away|out|on|$",
        ],
    },
    Phrase {
        says: "go away",
        written: &[
            "go|goes away",
            "go the|tf|right? hell|fuck|heck|f|frick? away",
            "f|fuck|fck|fk|eff|frick|buzz|bugger|piss|sod|back|screw|naff|bug|shove|kiss|jerk|flip it? off",
            "get lost|bent|stuffed|out",
            "get the ..2 out|away|off|lost",
            "take a hike",
            "beat it",
            "kick rocks",
            "scram",
            "drop dead",
            "go to hell",
            "go|pound|eat sand|jump|shit",
            "shut up",
            "shove it",
            "bite me",
            "knock it|this off",
            "cut it|this out",
            "give it a rest",
            "give ..1 it a? break|rest",
            "get outta|out of? here|my",
            "get|let me|us outta",
        ],
    },
    Phrase {
        says: "enough",
        written: &[
            "enough already|is|with|of|now|please|texts|messages",
            "thats|had|ive|its|got ..1 enough !time|food|sleep|money|room|of",
            "had enough of",
            "had it with",
            "sick|tired|fed|exhausted|done|over|finished|annoyed of|with|up|by ..3 {these|texts|getting|receiving|sending|you|yall|your}",
        ],
    },
    Phrase {
        says: "withdraw consent",
        written: &[
            "withdraw|withdrawing|rescind|rescinding|retract|deny|decline|terminate|withdrawn|refuse|removing|withdrew ..3 consent|permission|authorization|agreement|approval",
            "dont|not ..1 authorize|authorized|consent|permission|allowed|permitted ..3",
            "do not consent",
            "decline ..3 {texts}",
            "withdraw|withdrawing me|us|myself",
            "consent|permission ..2 withdrawn|denied|rescinded|terminated|over",
        ],
    },
    Phrase {
        says: "blocking you",
        written: &[
            "blocking|blocked you",
            "blocking|blocked this|your|the|these number|sender|contact|texts|messages",
            "block you|your",
            "ill|will|gonna|going|im|have|to ..2 block|blocking|blocked this|number|it|you|your",
            "report*|flag* you|your ..1 !for",
            "report*|flag*|turn|mark* ..5 spam|junk|fcc|ftc|bbb|harassment|phishing|attorney|authorities|scam|tcpa",
            "report*|flag*|marking|marked ..1 these|texts|messages",
            "marked|flagged ..2 spam|junk",
            "report*|flag* this|the number|sender|{texts}",
            "you|your|youre are? blocked|reported",
        ],
    },
    Phrase {
        says: "legal action",
        written: &[
            "fcc|ftc|tcpa|bbb|lawsuit|harassment|harassing|suing",
            "legal|court action|proceedings",
            "take ..2 legal|court",
            "sue you|u|your|them|yall|if|the",
            "will|ill|gonna|going ..1 sue",
            "lawyer|attorney|lawyers|attorneys ..6 {texts}|hear|you|contact|contacting|next|touch|involved|sue",
            "contact*|call*|hire|get|from ..2 lawyer|attorney|lawyers|attorneys",
            "press|pressing|file|filing charges|complaint|suit",
            "see you in court",
            "class action",
            "attorney general",
            "against the law",
            "this is illegal",
            "small claims",
            "violation|violating ..3 law|tcpa|privacy|rights",
        ],
    },
];

/// Words that opt out if nothing else is said (by a sentence, if it is no question).
pub const WHOLE: &[Phrase] = &[
    Phrase { says: "END", written: &["^ end|ends|ending $", "^ end texts|it|this $"] },
    Phrase { says: "CANCEL", written: &["^ cancel|canceled|cancelled|canceling|cancels $"] },
    Phrase { says: "QUIT", written: &["^ quit|quits|quitting $", "^ i said quit|end|cancel $"] },
    Phrase { says: "STOP", written: &["^ stopped|halt $"] },
    Phrase { says: "OPTOUT", written: &["^ out|opt $"] },
    Phrase { says: "no more", written: &["^ no more $", "^ nomore|anymore $"] },
    Phrase { says: "enough", written: &["^ enough $", "^ dont $"] },
    Phrase {
        says: "remove",
        written: &["^ remove|delete|off|exit|leave|removal|erase|unlist|terminate|discontinue|deactivate|disable|abort $"],
    },
    Phrase { says: "spam", written: &["^ spam|blocked|reported|decline|unwanted $", "^ this is spam $"] },
];

/// What asks for help.
pub const HELP: &[Phrase] = &[
    Phrase {
        says: "HELP",
        written: &[
            "^ please|hi|hello|hey|ok|yes|can|could|you|i|need|want|some|more? please|you|need|want|some|get|have|require? some|more|your|a|little|get? help !wanted|desk|yourself|desks",
            "need|want|require|get|getting|some|request ..2 help|assistance|support with|please|me|from|now|signing|getting|logging|$",
            "can|could|would|will|please|someone|anyone|somebody ..2 help ..1 me|us|with|please|$",
            "help me|us",
            "^ hlep|hepl|halp|hlp|heelp|hellp|hel|helpp|assistance|support|helpme $",
        ],
    },
    Phrase {
        says: "INFO",
        written: &[
            "^ i? please|need|want|more|send|get|for? me|more|some? info|information|infos|imfo|ifno please|me? $",
            "^ info on|about|please|for|$",
            "need|want|send|give ..2 more info|information",
        ],
    },
];

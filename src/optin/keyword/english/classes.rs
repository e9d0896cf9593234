//! English word classes: what `{texts}` and its like stand for in the phrases and excuses, and words that say nothing.
//!
//! Owns these lists of words. Must not hold phrases. The surprise: "subscription" and "spam" are `{texts}`, since people
//! name what we send by what they think of it.

use super::super::phrase::Class;

/// What `{name}` stands for in `english`.
pub const CLASSES: &[Class] = &[
    (
        "texts",
        &[
            "text texts message messages alert alerts notification notifications notifs update updates reminder reminders sms spam",
            "subscription subscriptions texting messaging junk crap shit bs email emails call calls ads ad promos promotions offers",
            "newsletter newsletters messsages communication communications contact solicitations marketing blasts blast service",
        ],
    ),
    ("these", &["this these those them em it that thes theese thse"]),
    ("det", &["my the these this those your ur all any of more future further from for sms text that such annoying stupid damn"]),
    ("me", &["me us my this our mine him her mom dad"]),
    (
        "send",
        &["text message alert contact call send bother write spam email harass pester bug disturb annoy ping notify hit reach"],
    ),
    (
        "sending",
        &[
            "texting bugging bothering messaging sending contacting harassing spamming calling annoying blowing hitting pestering writing emailing",
        ],
    ),
    ("getting", &["receive get getting receiving have see be hear gettin"]),
    (
        "weather",
        &["rain raining snow snowing storm wind thunder smoke smell pain fever cough headache noise music barking dog baby"],
    ),
    (
        "doing",
        &[
            "laughing crying thinking smiling working eating drinking smoking coughing sneezing shaking bleeding playing dancing",
            "singing watching listening loving worrying talking dreaming scrolling buying shopping driving running walking reading",
            "looking staring craving vaping growing moving snowing raining barking fighting believing lol wondering telling using",
        ],
    ),
    (
        "errand",
        &[
            "gas lunch dinner breakfast food coffee ice groceries drinks fuel beer tacos pizza snacks bathroom milk supper brunch",
            "donuts donut burgers icecream drink bite snack break directions pedestrians",
        ],
    ),
    ("leaving", &["unsubscribe unsubscribed cancel canceled cancelled end quit revoke optout optedout remove delete stop leave"]),
    ("wipe", &["remove removing delete deleting erase drop scrub purge strike unlist exclude unenroll disenroll"]),
    ("person", &["number person phone guy recipient party dude lady woman man cell contact one 1"]),
    (
        "ordinary",
        &[
            "working right fair good funny cool it true new helpful correct ok okay bad urgent necessary clear over done possible enough that what about easy legal safe real a the an so very loading going happening great nice spam normal in on at for fun",
            "sure home here there able available kidding joking lying feeling ready happy mad angry worried surprised alone",
            "convinced certain receiving seeing driving sick tired hungry late busy free registered subscribed signed enrolled impressed amused",
        ],
    ),
    ("told", &["said texted typed sent replied meant written wrote responded told asked"]),
    ("tell", &["say text type send reply mean write ask"]),
];

/// What may be taken from the message before it is compared with the words that opt out alone.
pub const FILLER: &[&str] = &[
    "please thanks thank now ok okay yes yeah yep hi hello hey just immediately asap today thx ty sir maam already dammit damn",
    "and oh um kindly right away sorry omg ffs lol so much again guys",
    "really seriously bye",
];

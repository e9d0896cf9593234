//! French: the words and phrases that opt out, what excuses them, and who asks for help.
//!
//! Owns a list that a lawyer can read; accents are folded away and "m'envoyez" is two words. Must not hold code. The
//! surprise: without accents "arrêté" (has stopped) is "arrête" (stop), so the helping verb before it excuses it.

use super::phrase::{Class, Phrase};

/// What `{name}` stands for in this file.
pub const CLASSES: &[Class] = &[
    (
        "textes",
        &[
            "messages message textos texto sms alertes alerte notifications notification avis spam abonnement textes courriels appels service inscription pub publicite promos rappels pourriels infolettre",
        ],
    ),
    ("det", &["le la les l mon ma mes ce cet cette ces vos votre tous de d des du au aux toutes vos ton tes"]),
    ("ceci", &["ceci cela ca tout ces ce"]),
    ("arreter", &["arretez arrete arreter arretes arret cessez cesser cesse stoppez stopper stoppe"]),
    (
        "envoyer",
        &[
            "envoyez envoyer envoie envoies envoye ecrivez ecrire ecris contactez contacter contacte contactes textez texter texte textes derangez deranger derange harcelez harceler appelez appeler appelle spammez spammer embetez embeter achalez achaler importunez importuner relancez",
        ],
    ),
    (
        "retirer",
        &[
            "retirez retirer retire enlevez enlever enleve supprimez supprimer supprime effacez effacer efface otez oter rayez rayer sortez sortir desinscrivez radiez radier eliminez eliminer",
        ],
    ),
];

/// Whatever else a message says: these beat every excuse.
pub const INSISTING: &[Phrase] = &[Phrase {
    says: "vous n'arr\u{ea}tez pas",
    written: &["pourquoi|si|vous|tu vous|tu? n|ne? {arreter} pas|jamais|donc", "quand allez|vas ..2 {arreter}"],
}];

/// Strong words and plain requests: they opt out wherever they stand, unless excused.
pub const ANYWHERE: &[Phrase] = &[
    Phrase {
        says: "arr\u{ea}t",
        written: &[
            "arretez|arrete|arreter|arretes|cessez|cesser|cesse|stoppez|stopper|stoppe",
            "^ arret svp|des|de|s|immediat|merci|arret|stp|tout|du|aux",
            "je veux|demande l|un arret",
        ],
    },
    Phrase {
        says: "d\u{e9}sabonner",
        written: &[
            "desabon*|desinscri*|desincri*|resili*|desengag*|desenregistr*",
            "des|de abonne*|abonner|inscri*",
            "desactiv* ..2 {textes|ceci}",
            "retrait ..3",
        ],
    },
    Phrase {
        says: "annuler",
        written: &[
            "annul* {det}? {det}? {textes|ceci}",
            "comment|veux|voudrais|faut|souhaite ..2 annuler|quitter svp|merci? $",
            "quitter ..1 liste|groupe|programme",
            "mettre|mettez fin",
            "fin aux|des|de {textes}",
        ],
    },
    Phrase {
        says: "n'envoyez plus",
        written: &[
            "ne|n|me|plus pas|plus|jamais? m|me|nous? {envoyer} ..1 plus|pas|rien|jamais|aucun|!d",
            "ne|n m|me|nous? {envoyer} ..2 plus|pas|rien|jamais|aucun",
            "ne|pas plus|jamais|pas? ..1 {envoyer|recevoir|etre}",
            "{envoyer} plus|pas|jamais|rien moi|rien|de|d|$",
            "envoyez|envoie|ecrivez|ecris moi|m|me plus|pas|rien",
            "plus|pas m|me|nous {envoyer}",
        ],
    },
    Phrase {
        says: "plus de messages",
        written: &[
            "plus|pas|assez|stop|marre|aucun|trop|fini|finis de|d|des|ces|les|un {textes}",
            "plus|pas un|une seul|seule {textes}",
            "plus jamais",
            "plus aucun ..2",
            "plus rien recevoir|$",
            "^ plus rien|jamais",
        ],
    },
    Phrase {
        says: "je ne veux plus",
        written: &[
            "ne|n|je|j|en|les veux|veut|desire|souhaite|voudrais|voulons|desirons|souhaitons plus|pas|rien|aucun ..2 recevoir|{textes|ceci}|en|etre|de|vos|d|$",
            "veux plus|pas recevoir|de|vos|ces|d|ca|$",
            "j en veux plus|pas",
            "n en veux plus|pas",
            "ne plus|pas ..1 recevoir|etre",
            "plus besoin",
            "n ai plus besoin|envie",
        ],
    },
    Phrase {
        says: "retirez-moi",
        written: &[
            "{retirer} moi|me|nous|le|la|ca",
            "me|m|nous|etre {retirer} !d",
            "{retirer} ..1 mon|ce|mes|notre|le ..1 numero|nom|telefono|telephone|coordonnees|cell|contact|donnees|cellulaire|portable",
            "{retirer} ..3 de|votre liste|listes|base|systeme",
            "oubliez|oublie|perdez|perds moi|mon|ce|me",
            "de|hors votre|la|cette liste",
        ],
    },
    Phrase {
        says: "mauvais num\u{e9}ro",
        written: &[
            "mauvais|mauvaise|faux|fausse|mavais numero|personne|num|no|destinataire",
            "erreur de numero|personne|destinataire",
            "vous|tu vous|t|etes|te|s|es ..3 trompe*|trompez",
            "trompe* de numero|personne",
            "pas|plus mon|le|son|a ..1 numero|telephone|cellulaire|portable",
            "n est|suis pas|plus la|le|cette|celle|celui ..1 personne|bonne|bon|numero|que",
            "pas la bonne personne",
            "pas le bon numero",
            "connais|connait pas|personne ..3",
            "personne de ce|du nom",
            "suis pas @",
            "pas de|d @ ici",
            "nouveau numero|proprietaire|titulaire",
            "je viens d ..2 ce ..2 numero",
            "numero ..3 appartient plus|pas",
        ],
    },
    Phrase {
        says: "laissez-moi tranquille",
        written: &[
            "laissez|laisse|fichez|foutez|foutre|lachez|lache|foute|fous ..2 tranquille|tranquil|paix|seul|seule",
            "lachez|lache|oubliez moi",
            "la paix",
            "allez|va|vas vous|t en|chier|foutre|promener|voir|te|paitre",
            "degage*|decampe*",
            "fichez|foutez|foute|fous ..1 le|moi camp|patience",
            "va|allez ..1 te|vous faire",
            "ferme|fermez la",
            "marre|tanne|tannee|ecoeure|assez|ras de|d|le ..3",
            "y en a|ai marre|assez",
            "j en ai|peux marre|assez|plus",
        ],
    },
    Phrase {
        says: "pas int\u{e9}ress\u{e9}",
        written: &["pas|plus|aucun|aucunement|nullement|non interess*|interet", "interesse|interessent pas|plus"],
    },
    Phrase { says: "\u{e7}a suffit", written: &["ca|cela suffit", "suffit !de|d|pas", "^ assez !bien|de|loin|bon|grand"] },
    Phrase {
        says: "jamais inscrit",
        written: &[
            "pas|jamais ..1 inscrit*|abonne*|enregistre*",
            "pas|jamais ..1 demande|accepte|autorise|consenti|voulu ..2 {textes|ceci}|a|rien|recevoir|d|mon",
            "pas|jamais|sans ..1 donne|mon ..2 consentement|accord|permission|numero|autorisation",
            "retire|revoque|retirer|revoquer|refuse ..2 consentement|autorisation|accord|permission|recevoir",
            "qui m a inscrit",
        ],
    },
    Phrase { says: "d\u{e9}c\u{e9}d\u{e9}", written: &["decede|decedee|defunt|defunte|deces", "est morte|mort !de"] },
    Phrase {
        says: "plainte",
        written: &[
            "porte|porter|portez|deposer|depose|faire ..1 plainte",
            "avocat|avocate ..4",
            "poursuivre|poursuites|poursuivrai|poursuis",
            "crtc|lnnte|cnil",
            "bloquer|bloque|bloquerai|signaler|signale|denoncer|denonce vous|ce|votre|ces|comme|le|au|te",
            "vous|te bloquer|bloque|bloquerai|signaler|signale|denoncer|denonce|signalerai",
            "harcelement",
            "signal* ..3 spam|pourriel|indesirable",
        ],
    },
];

/// What may be taken from the message before it is compared with [`WHOLE`].
pub const FILLER: &[&str] =
    &["svp stp s il vous te plait merci bonjour salut maintenant oui tout de suite immediatement bonsoir tout"];

/// Words that opt out if nothing else is said (by a sentence, if it is no question).
pub const WHOLE: &[Phrase] = &[
    Phrase { says: "arr\u{ea}t", written: &["^ arret|aret|arretr|arretz|arrets|arrt|aretez|arreter|aretter|arette|arete $"] },
    Phrase { says: "annuler", written: &["^ annul*|fin|finir|terminer|quitter|resilier|sortir|cesser $"] },
    Phrase { says: "retirez-moi", written: &["^ retir*|enlever|enlevez|supprim*|effacer|effacez $"] },
    Phrase { says: "\u{e7}a suffit", written: &["^ assez|suffit $", "^ plus jamais $"] },
];

/// What excuses a strong word or a phrase that begins inside it.
pub const EXCUSES: &[Phrase] = &[
    Phrase {
        says: "demande de continuer",
        written: &[
            "n|ne|surtout {arreter} pas|jamais|surtout|point",
            "ne|pas|jamais|sans pas|jamais|surtout|les|me|l? {arreter}",
            "n {arreter} surtout? pas",
            "^ {arreter} pas|jamais",
            "ne me? desabon*|desinscri*|{retirer} ..1 pas|jamais|surtout",
            "ne|pas ..2 annul*",
            "veux|voudrais|souhaite pas ..2 {arreter}|desabon*|desinscri*|annuler|manquer|rater|perdre|qu|que",
            "ne|n veux|voudrais pas ..1 manquer|rater|perdre|qu",
        ],
    },
    Phrase {
        says: "un lieu ou autre chose",
        written: &[
            "arret|arrets d|de|du autobus|bus|metro|train|tram|travail|maladie|car|autocar|l|la",
            "l|un|prochain|premier|dernier|sans|a|cet|mon|d|en|notre|quel|chaque|maladie arret|arrets",
            "arret maladie|cardiaque|complet|obligatoire",
            "m|t|s|nous|me|se|on|nous arrete|arretes|arreter|arretons|arretez",
            "a|ont|ai|avez|as|est|sont|ete|avons|etes vous|tu|ils|elles|nous|pas|deja? {arrete|arretes|cesse|desabonne|desinscrit|retire|supprime|enleve|annule|resilie}",
            "bus|train|metro|tram|autobus|qui ..2 arrete|arretes|arretent",
            "il|elle|ca|pluie|neige n|ne? {arrete|cesse} pas|de",
            "annul* mon|ma|le|la|un|une|notre ..1 rendez|rdv|vol|reservation|commande|voyage|cours|reunion|diner",
            "mis|mets|tape|entre|ecrit|saisi|donne|inscrit|rentre|utilise|indique ..3 mauvais|faux|mauvaise",
            "me suis|j ai ..1 trompe*",
            "suis trompe*",
            "pourquoi ..8 plus|pas|{arreter}",
            "je|j ne|n? recois|recevons|ai plus|pas recu|de|d|les|mes",
            "plus de|d nouvelles|pluie|info|infos|details",
            "vous ne m|me envoyez|ecrivez plus|pas d|de|les|mes",
            "il suffit de|d|que",
            "pas recu ..3",
            "jamais|pas ecrit|envoye|dit|tape|texte ..2 stop|arret|arreter",
            "par erreur|accident ..3 stop|arret",
            "stop|arret par erreur|accident",
            "pas interesse* par autre",
            "pas demande ..1 code",
            "je|j|on? voudrais|aimerais|aimerait plus d|de|des",
        ],
    },
];

/// What asks for help.
pub const HELP: &[Phrase] = &[Phrase {
    says: "AIDE",
    written: &[
        "^ svp|bonjour|de|l? aide|aidez|aider svp|moi|stp|nous|merci|s? $",
        "^ aide|aidez moi|nous|svp",
        "besoin|demande|veux|voudrais|vouloir ..2 aide",
        "aidez|aide|aider moi|nous",
        "pouvez|pourriez|peux|peut|quelqu ..3 aider",
        "^ plus? d? information|infos|assistance|renseignements svp? $",
    ],
}];

/// What is no call for help although the word stands in it.
pub const NO_HELP: &[&str] = &["pas|sans|merci ..3 aide|aider", "merci ..2 votre|pour ..3 aide"];

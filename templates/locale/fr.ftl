# Tout ce qu'une personne lit, dans les pages et dans les textos. Un fichier locale/fr.ftl du site remplace les messages un à un.
# Texts (sms-..) must stay within the GSM-7 alphabet: é è à ù are in it, ç ê â î ô û are not. `assent check` counts.

## Facts in words

frequency = { $form ->
    [day] Au plus { $count ->
        [one] 1 message
       *[other] { $count } messages
    } par jour
    [week] Au plus { $count ->
        [one] 1 message
       *[other] { $count } messages
    } par semaine
    [month] Au plus { $count ->
        [one] 1 message
       *[other] { $count } messages
    } par mois
    [per_request] 1 message par demande
   *[varies] La fréquence des messages varie
}
# How texts say it. A language may need other letters there, because of GSM-7.
sms-frequency = { $form ->
    [day] Au plus { $count ->
        [one] 1 message
       *[other] { $count } messages
    } par jour
   *[other] { frequency }
}
cost-line = { $wording ->
    [standard] Frais standards de messages et de données possibles
   *[plain] Frais de messages et de données possibles
}
minutes = { $count ->
    [one] 1 minute
   *[other] { $count } minutes
}
seconds = { $count ->
    [one] 1 seconde
   *[other] { $count } secondes
}
date-utc = { $day ->
    [1] 1er
   *[other] { $day }
} { $month ->
    [1] janvier
    [2] février
    [3] mars
    [4] avril
    [5] mai
    [6] juin
    [7] juillet
    [8] août
    [9] septembre
    [10] octobre
    [11] novembre
   *[12] décembre
} { $year }, { $time } UTC
language-name = Français

## The frame

title-error = Erreur : { $title }
languages = Langue
banner-label = Mode d'essai
banner-simulator = Mode d'essai : aucun texto n'est envoyé. <a href="/simulator">Ouvrir les téléphones simulés</a>
description = Textos de { $program } : comment s'inscrire, obtenir de l'aide et annuler.
footer-help = Aide :
summary-title = Il y a un problème

## The opt-in page

start-title = { $kind ->
    [alerts] Recevez nos alertes par texto
    [marketing] Recevez nos textos
   *[two_factor] Vérifiez votre téléphone
}
start-description = Inscrivez-vous aux textos de { $program } avec votre { $regions ->
    [us] numéro de cellulaire des États-Unis
   *[other] numéro de cellulaire
}. Fréquence, frais et façon d'annuler.
start-lead = { $texts ->
    [no] Vous nous enverrez un code à { $length } chiffres par texto pour confirmer que ce numéro est le vôtre.
   *[yes] Nous vous enverrons un code à { $length } chiffres par texto pour confirmer que ce numéro est le vôtre.
}
phone-label = { $regions ->
    [us] Numéro de cellulaire des États-Unis
   *[other] Numéro de cellulaire
}
start-submit = { $texts ->
    [no] Afficher un code
   *[yes] M'envoyer un code
}

disclosure-frequency = { $form ->
    [varies] { $frequency }
   *[limited] { $frequency }, plus les réponses à vos textos
}
disclosure-stop = Textez STOP au { $sender } pour annuler.
disclosure-stop-rich = Textez <b>STOP</b> au <b>{ $sender }</b> pour annuler.
disclosure-help = Textez HELP au { $sender } pour obtenir de l'aide.
disclosure-help-rich = Textez <b>HELP</b> au <b>{ $sender }</b> pour obtenir de l'aide.
disclosure-details = <a href="{ $terms_url }">Conditions d'utilisation</a> · <a href="{ $privacy_url }">Politique de confidentialité</a>

consent = { $kind ->
    [alerts] J'accepte de recevoir des messages texte (SMS) récurrents de { $program } à ce numéro.
    [marketing] J'accepte que { $program } m'envoie des messages texte (SMS) publicitaires récurrents à ce numéro par des moyens automatisés. Mon consentement n'est pas une condition d'achat.
   *[two_factor] J'accepte de recevoir des messages texte (SMS) de vérification de { $program } à ce numéro.
}

## Errors of the opt-in form

phone-error-empty = Entrez votre { $regions ->
    [us] numéro de cellulaire des États-Unis
   *[other] numéro de cellulaire
}
phone-error-letters = Entrez le numéro en chiffres, sans lettres ni poste
phone-error-unreadable = Entrez le numéro en chiffres, par exemple <span class="nowrap">202 555 0147</span>
phone-error-too-short = Entrez les 10 chiffres de votre { $regions ->
    [us] numéro de cellulaire des États-Unis
   *[other] numéro de cellulaire
}
phone-error-too-long = Entrez 10 chiffres : ce numéro en a plus
phone-error-impossible = Vérifiez le numéro : ce n'est pas un numéro valide aux États-Unis
phone-error-service-code = Entrez votre propre numéro de cellulaire : <span class="nowrap">{ $phone }</span> est un numéro de service
phone-error-toll-free = Entrez un numéro de cellulaire : les numéros sans frais ne peuvent pas recevoir nos textos
phone-error-premium = Entrez un numéro de cellulaire : les numéros à tarif majoré ne peuvent pas recevoir nos textos
phone-error-not-mobile = Entrez un numéro de cellulaire : ce type de numéro ne peut pas recevoir nos textos
phone-error-other-region = { $regions ->
    [us] Entrez un numéro de cellulaire des États-Unis : nous textons seulement les téléphones des États-Unis
   *[other] Entrez un numéro des États-Unis ou d'un endroit voisin que nous pouvons texter
}
phone-error-fictional = Entrez votre propre numéro : ceux de 555-0100 à 555-0199 sont réservés aux exemples
consent-error = Cochez la case si vous acceptez de recevoir nos textos
disclosure-error = Nos conditions ont changé depuis que vous avez ouvert cette page. Relisez-les, puis cochez la case si vous les acceptez.
start-error-too-many = Trop de codes ont été demandés à partir d'ici. Réessayez dans { $wait }.
start-error-unavailable = Nous ne pouvons pas prendre votre numéro en ce moment. Attendez une minute, puis appuyez de nouveau sur le bouton.
start-error-paused = Nos textos sont suspendus en ce moment. Réessayez plus tard.
start-error-no-code = Il n'y a aucun code à vérifier dans ce navigateur. Entrez votre numéro pour en recevoir un.

## The code page

code-title = { $texts ->
    [no] Textez-nous votre code
   *[yes] Entrez votre code
}
code-lead-reply = Pour confirmer que le <span class="nowrap">{ $phone }</span> est le vôtre, textez-nous ce code à partir de ce numéro.
code-lead-paused = Nos textos sont suspendus en ce moment. { $reply ->
    [yes] Pour confirmer que le <span class="nowrap">{ $phone }</span> est le vôtre, textez-nous ce code à partir de ce numéro.
   *[no] Si vous avez déjà reçu un code au <span class="nowrap">{ $phone }</span>, il est encore valide.
}
code-lead-delayed = Nos textos sont retardés en ce moment. { $reply ->
    [yes] Pour confirmer que le <span class="nowrap">{ $phone }</span> est le vôtre, vous pouvez aussi nous texter ce code à partir de ce numéro.
   *[no] Si le <span class="nowrap">{ $phone }</span> peut recevoir nos textos, le code arrivera dès qu'ils repartiront.
}
code-lead = Si le <span class="nowrap">{ $phone }</span> peut recevoir nos textos, un code à { $length } chiffres est en route.
code-lead-again = Si le <span class="nowrap">{ $phone }</span> peut recevoir nos textos, un nouveau code à { $length } chiffres est en route. Vos deux derniers codes sont valides.
code-change = Changer de numéro
code-label = Code à { $length } chiffres
code-expires = Expire dans { $minutes }.
code-submit = Vérifier
resend-title = { $texts ->
    [no] Besoin d'un autre code?
   *[yes] Vous ne l'avez pas reçu?
}
resend-hint = Les textos peuvent prendre quelques minutes.
resend-stopped = Vous avez déjà annulé nos textos? Textez <b>START</b>{ $reply ->
    [yes] , ou le code de cette page,
   *[no] {""}
} au <b>{ $sender }</b>.
resend-overdue = Toujours rien? Certains numéros ne reçoivent pas les textos de numéros courts. { $reply ->
    [yes] Textez-nous plutôt.
   *[no] Essayez un autre numéro de cellulaire.
}
resend-in = dans { $wait }
resend-now = Vous pouvez maintenant envoyer un nouveau code.
resend-submit = { $texts ->
    [no] Afficher un nouveau code
   *[yes] Renvoyer un code
}
resend-none = { $reply ->
    [yes] { $texts ->
        [no] Ce sont tous les codes que nous pouvons afficher pour l'instant. Si aucun ne fonctionne, <a href="/">recommencez</a>.
       *[yes] Ce sont tous les textos que nous pouvons envoyer pour l'instant. Vous pouvez encore nous texter.
    }
   *[no] Ce sont tous les textos que nous pouvons envoyer pour l'instant. Si aucun n'arrive, <a href="/">recommencez</a>.
}
resend-too-many = Trop de codes ont été demandés à partir d'ici. Vous pourrez en demander un autre dans { $wait }.
resend-paused = Si vous avez déjà reçu un code, il est encore valide.
code-alternative = Vous ne pouvez pas recevoir de textos? <a href="{ $url }">Utilisez un autre moyen</a>.
code-risk = Toute personne qui a votre téléphone peut lire vos textos. Ne partagez jamais le code que nous vous envoyons.

code-error-empty = Entrez le code reçu par texto
code-error-not-digits = Entrez le code en chiffres seulement
code-error-too-short = Entrez les { $length } chiffres du code
code-error-too-long = Entrez { $length } chiffres : ce code en a plus
code-error-wrong = Ce code n'est pas le bon. { $left ->
    [one] Il vous reste 1 essai.
   *[other] Il vous reste { $left } essais.
}
code-error-reply = C'est le code à nous texter. Entrez celui que nous vous avons envoyé.
code-error-expired = Ce code a expiré. Entrez le plus récent ou demandez-en un nouveau.
code-error-other = Depuis que vous avez ouvert cette page, vous avez demandé un code pour le <span class="nowrap">{ $phone }</span>. Entrez le code de ce numéro.

reply-title = { $place ->
    [first] Textez-nous ce code
    [again] Le code à texter
   *[or] Textez-nous plutôt
}
reply-how = À partir de ce téléphone, textez <b class="figures">{ $code }</b> au <b>{ $sender }</b>.
reply-open = Ouvrir Messages
reply-scan = Balayez ceci avec ce téléphone pour ouvrir Messages.
reply-qr = Code QR qui ouvre un texto avec { $code } au { $sender }
reply-sent = C'est envoyé
moving-on = Votre texto est arrivé et votre téléphone est vérifié. La page suivante s'ouvre.

## Waiting for the person's text

waiting-title = Nous attendons votre texto
waiting-lead = Quand votre texto du <span class="nowrap">{ $phone }</span> arrivera, la page suivante s'ouvrira. Cette page vérifie toutes les quelques secondes.
waiting-back = Retour à votre code

## When it has ended

ended-title = { $why ->
    [locked] Trop de codes erronés
   *[expired] Votre code a expiré
}
ended-lead = { $why ->
    [locked] Pour protéger votre numéro, nous ne vérifions plus de codes ici. Pour recevoir un nouveau code, vérifiez votre numéro et la case, puis appuyez sur le bouton.
   *[expired] Les codes ne sont valides que peu de temps. Pour en recevoir un nouveau, vérifiez votre numéro et la case, puis appuyez sur le bouton.
}

## Done

done-title = { $kind ->
    [two_factor] Votre téléphone est vérifié
   *[alerts] Votre inscription est faite
}
done-lead = { $session ->
    [yes] Pour le <span class="nowrap">{ $phone }</span>, voici ce que vous avez accepté le
   *[no] Vous pouvez fermer cette page. Pour le <span class="nowrap">{ $phone }</span>, voici ce que vous avez accepté le
}
done-continue = Continuer vers { $name }

## For people who come from one of the owner's sites

phone-hint-on-file = Le numéro que { $site } a pour vous
session-title = { $why ->
    [verified] Cette demande est terminée
    [locked] Trop de codes erronés
    [canceled] Cette demande a été annulée
   *[expired] Cette demande a expiré
}
session-lead = { $why ->
    [verified] Un numéro a déjà été vérifié pour { $site }.
    [locked] Pour protéger votre numéro, nous ne vérifions plus de codes pour cette demande. Retournez à { $site } pour recommencer.
    [canceled] Aucun numéro n'a été vérifié. Retournez à { $site } pour recommencer.
   *[expired] Les demandes restent ouvertes 30 minutes. Retournez à { $site } pour recommencer.
}
session-back = Retour à { $site }

## Terms and privacy

terms-title = Conditions d'utilisation
terms-program = <b>{ $program }</b> envoie des messages texte (SMS) aux personnes qui les ont demandés. Ce que nous envoyons :
terms-frequency-title = À quelle fréquence nous textons
terms-cost-title = Ce que cela coûte
terms-cost = { $cost }. Votre fournisseur de services mobiles fixe ces frais. Nous ne facturons pas nos textos.
terms-stop-title = Comment annuler
terms-stop = Textez <b>STOP</b> au <b>{ $sender }</b> en tout temps. Nous enverrons un dernier texto pour le confirmer. Ensuite, nous répondons seulement aux textos que vous nous envoyez. Vous pouvez aussi nous demander d'arrêter de toute autre façon raisonnable.
terms-help-title = Comment obtenir de l'aide
terms-help = Textez <b>HELP</b> au <b>{ $sender }</b> ou écrivez à { $contact }.
terms-carriers-title = Livraison
terms-carriers = Les fournisseurs de services mobiles ne sont pas responsables des messages retardés ou non livrés.
terms-consent-title = Votre consentement
terms-consent = Nous textons un numéro seulement après que son titulaire a accepté et confirmé qu'il est le sien. Avant cela, nous envoyons seulement le code demandé sur notre page. Le consentement n'est pas une condition d'achat.
terms-privacy = Notre <a href="{ $url }">Politique de confidentialité</a> explique comment nous traitons votre numéro.

privacy-title = Politique de confidentialité
privacy-lead = Comment { $program } traite votre numéro de cellulaire.
privacy-sharing-title = Nous ne le partageons pas à des fins publicitaires
privacy-sharing = Nous ne partageons pas les données d'inscription mobile, soit votre numéro et votre consentement à recevoir des textos, avec des tiers ou des sociétés affiliées à des fins publicitaires ou promotionnelles. L'entreprise qui livre nos textos reçoit votre numéro seulement pour les livrer.
privacy-what-title = Ce que nous conservons
privacy-what = Votre numéro; quand, où et comment vous avez accepté nos textos, avec la page exacte que vous avez vue; l'adresse IP et le navigateur utilisés; les textos que nous vous avons envoyés, sans les codes; et les textos que vous nous avez envoyés.
privacy-why-title = Pourquoi et pendant combien de temps
privacy-why = Nous les conservons pour prouver que vous avez accepté et que nous avons arrêté à votre demande. Si vous ne confirmez jamais votre numéro, nous les supprimons dans un délai de { $days } jours.
privacy-stop-title = Comment annuler
privacy-stop = Textez <b>STOP</b> au <b>{ $sender }</b> en tout temps.
privacy-contact-title = Questions
privacy-contact = Écrivez à { $contact }. Nos <a href="{ $url }">Conditions d'utilisation</a> expliquent le fonctionnement de nos textos.

## Errors

error-reference = Si vous nous demandez de l'aide, donnez cette référence : <b>{ $reference }</b>
error-home = Aller à la page d'accueil
error-title = { $status ->
    [400] Nous n'avons pas pu lire cette demande
    [403] Cette demande ne vient pas de notre page
    [404] Page introuvable
    [405] Cela ne fonctionne pas sur cette page
    [413] C'était trop long
    [422] Il manque quelque chose dans le formulaire
    [429] Trop de demandes à partir d'ici
    [503] Nous ne pouvons pas faire cela en ce moment
   *[500] Un problème est survenu de notre côté
}
error-body = { $status ->
    [400] Revenez en arrière et réessayez. Si cela se reproduit, essayez un autre navigateur.
    [403] Pour vous protéger, nous acceptons seulement les formulaires de nos propres pages. Ouvrez la page et réessayez là.
    [404] Vérifiez l'adresse ou allez à la page d'accueil.
    [405] Ouvrez la page dans votre navigateur.
    [413] Revenez en arrière et entrez moins de texte.
    [422] Revenez au formulaire et remplissez-le de nouveau.
    [429] Attendez quelques minutes, puis réessayez.
    [503] Attendez une minute, puis réessayez.
   *[500] Nous avons noté le problème. Réessayez dans quelques minutes.
}
error-code-hint = Nous avons conservé le code que vous avez entré.
cookies-title = Les témoins sont désactivés
cookies-body = Nous avons besoin d'un témoin pour associer votre code à ce navigateur. Il contient un nombre aléatoire et votre langue, et rien d'autre. Autorisez les témoins pour ce site, puis recommencez.

## The simulated phones

simulator-title = Téléphones simulés
simulator-lead = Les textos à tout numéro s'affichent ici plutôt que sur un téléphone. Rien n'est envoyé, et ils disparaissent au redémarrage.
simulator-empty = Aucun texto pour l'instant. <a href="/">Ouvrez la page d'inscription</a>, entrez un numéro comme 202 555 0147 et revenez.
simulator-phone = Téléphone { $phone }
simulator-from-them = Au { $sender }
simulator-from-us = Du { $sender }
simulator-size = { $encoding }, { $parts ->
    [one] 1 partie
   *[other] { $parts } parties
}, { $units } sur { $room }
simulator-answer-label = Répondre à partir de ce téléphone
simulator-answer-submit = Envoyer
simulator-new-title = Un autre téléphone
simulator-new-phone = Numéro de téléphone
simulator-new-text = Texto au { $sender }
simulator-refresh = Afficher les nouveaux textos
simulator-error = Entrez un numéro de cellulaire et un texto

## Texts

sms-code = { $program }: { $code } est votre code. Expire dans { $minutes }. Ne le partagez pas. Pas vous? STOP.
sms-goodbye = { $program }: Vous ne recevrez plus nos textos. Pour vous réinscrire, répondez START.
sms-help = { $program }: Aide: { $contact }. { $frequency }. { $cost }. STOP: annuler.
sms-not-matched = { $program }: Nous n'attendions pas ce code de ce téléphone. Demandez-en un sur { $host }. HELP: aide. STOP: annuler.
sms-type-it = { $program }: Merci! Pour terminer, entrez ce code sur la page où vous l'avez demandé. HELP: aide. STOP: annuler.
sms-unknown = { $program }: Nous n'avons pas compris votre texto. Pour ne plus en recevoir, répondez STOP. Pour de l'aide, répondez HELP.
sms-welcome = { $program }: { $kind ->
    [two_factor] Téléphone vérifié.
   *[alerts] Inscription faite.
} { $frequency }. { $cost }. HELP: aide. STOP: annuler.
# The same after a code from the page was texted in: it names the site, since somebody else may have asked for that code.
sms-welcome-on-host = { $program }: { $kind ->
    [two_factor] Vérifié sur { $host }.
   *[alerts] Inscrit sur { $host }.
} { $frequency }. { $cost }. HELP: aide. STOP: annuler.
# Sent instead if no such welcome goes out. STOP wouldn't undo a verification, so it names the contact.
sms-confirmed = { $program }: Votre numéro a été vérifié sur { $host }. Pas vous? Contact: { $contact }.

## Courriel au responsable

email-subject = { $kind ->
    [digest] { $program } : { $count ->
        [one] 1 texto demande votre attention
       *[other] { $count } textos demandent votre attention
    }
    [misconfigured] { $program } : le fournisseur de SMS rejette nos textos
    [webhook] { $program } : les textos des téléphones ne nous parviennent pas
    [outage] { $program } : le fournisseur de SMS est injoignable
    [wal] { $program } : le journal de la base de données ne cesse de grossir
   *[receipts] { $program } : beaucoup de textos n'arrivent pas
}
email-digest-lead = { $count ->
    [one] Ce texto ne correspond à aucun mot-clé ni à aucun code. C'est peut-être une demande d'arrêt en d'autres mots.
   *[other] Ces { $count } textos ne correspondent à aucun mot-clé ni à aucun code. Chacun est peut-être une demande d'arrêt en d'autres mots.
}
email-digest-from = { $phone } a écrit le { $received } :
email-digest-deadline = Si la personne ne veut plus de textos, désinscrivez-la au plus tard le { $deadline } :
email-digest-what = Remplacez les points par les mots de la personne. Si un texto demande autre chose, répondez-y vous-même.
email-notice-lead = { $kind ->
    [misconfigured] Le fournisseur de SMS ({ $provider }) rejette nos demandes, et continuera jusqu'à ce qu'un réglage soit corrigé.
    [webhook] Ce que le fournisseur de SMS ({ $provider }) nous transmet est inutilisable. STOP, HELP et les codes des téléphones sont perdus jusqu'à ce que ce soit corrigé.
    [outage] Le fournisseur de SMS ({ $provider }) a échoué plusieurs fois de suite. Les textos attendent et seront renvoyés automatiquement. Les pages de code disent que les textos sont retardés.
    [wal] Le journal d'écriture anticipée de la base de données ne cesse de grossir, parce que quelque chose la lit depuis trop longtemps. Il occupe de l'espace disque jusqu'à ce que cela se termine.
   *[receipts] Au cours des 24 dernières heures, 50 codes ou plus ne sont pas arrivés, selon les rapports transmis par { $provider }.
}
email-notice-why = Raison : { $why }
email-notice-what = { $kind ->
    [misconfigured] Comparez les réglages (assent check) avec le tableau de bord du fournisseur, puis essayez assent send-test avec votre propre numéro.
    [webhook] Corrigez-le dans le tableau de bord du fournisseur ou dans les réglages, puis textez HELP à votre expéditeur et vérifiez que vous recevez une réponse.
    [outage] Vous n'avez rien à faire. Si cela dure, consultez la page d'état du fournisseur.
    [wal] Trouvez ce qui garde la base de données ouverte, comme une sauvegarde ou une console, et fermez-le. S'il n'y a rien, redémarrez Assent.
   *[receipts] Les raisons sont dans messages.error, dans la base de données. Si beaucoup sont identiques, un fournisseur de services mobiles bloque peut-être l'expéditeur : demandez au fournisseur de SMS.
}
sms-test = { $program }: Ceci est un essai de nos textos, envoyé par le responsable du site. HELP: aide. STOP: annuler.

# Every word that a person reads, pages and texts alike. An owner's own locale/en.ftl replaces messages one by one.
# Markup stands only in messages that a template asks for with rich(..); their variables are escaped.
# Texts (sms-..) must stay within the GSM-7 alphabet and one part of 160: `assent check` counts.

## Facts in words

frequency = { $form ->
    [day] No more than { $count } messages per day
    [week] No more than { $count } messages per week
    [month] No more than { $count } messages per month
    [per_request] 1 message per request
   *[varies] Message frequency varies
}
cost-line = { $wording ->
    [standard] Standard message and data rates may apply
   *[plain] Message and data rates may apply
}
minutes = { $count ->
    [one] 1 minute
   *[other] { $count } minutes
}
seconds = { $count ->
    [one] 1 second
   *[other] { $count } seconds
}
date-utc = { $month ->
    [1] January
    [2] February
    [3] March
    [4] April
    [5] May
    [6] June
    [7] July
    [8] August
    [9] September
    [10] October
    [11] November
   *[12] December
} { $day }, { $year }, { $time } UTC
language-name = English

## The frame

title-error = Error: { $title }
languages = Language
banner-label = Test mode
banner-simulator = Test mode: no text leaves this machine. <a href="/simulator">Open the simulated phones</a>
footer-help = Help:
summary-title = There is a problem

## The opt-in page

start-title = { $kind ->
    [alerts] Get our text alerts
    [marketing] Get our texts
   *[two_factor] Verify your phone
}
start-lead = { $kind ->
    [alerts] { $program } sends you text messages, once you have shown that the number is yours.
    [marketing] { $program } sends you text messages, once you have shown that the number is yours.
   *[two_factor] { $texts ->
        [no] { $program } shows you a code to text from your phone, so that only you can use your number.
       *[yes] { $program } texts a code to your phone, so that only you can use your number.
    }
}
phone-label = { $regions ->
    [us] US mobile number
   *[other] Mobile number
}
phone-hint = { $texts ->
    [no] You text us { $length ->
        [8] an
       *[other] a
    } { $length }-digit code from it next.
   *[yes] We text { $length ->
        [8] an
       *[other] a
    } { $length }-digit code to it now.
}
start-submit = { $texts ->
    [no] Show me a code
   *[yes] Text me a code
}

disclosure-what-label = What we text
disclosure-frequency-label = How often
disclosure-stop-label = To stop
disclosure-help-label = For help
disclosure-cost-label = Cost
disclosure-details-label = Details
disclosure-frequency = { $form ->
    [varies] { $frequency }
   *[limited] { $frequency }, answers to your own texts aside
}
disclosure-stop = Text STOP to { $sender } at any time
disclosure-stop-rich = Text <b>STOP</b> to <b>{ $sender }</b> at any time
disclosure-help = Text HELP to { $sender }
disclosure-help-rich = Text <b>HELP</b> to <b>{ $sender }</b>
disclosure-details = <a href="{ $terms_url }">Terms and conditions</a> and <a href="{ $privacy_url }">Privacy policy</a>

consent = { $kind ->
    [alerts] I agree to get recurring text messages (SMS) from { $program } at this number.
    [marketing] I agree that { $program } may send me recurring marketing text messages (SMS) at this number by automated means. My consent is not a condition of any purchase.
   *[two_factor] I agree to get verification text messages (SMS) from { $program } at this number.
}

## Errors of the opt-in form

phone-error-empty = Enter your { $regions ->
    [us] US mobile number
   *[other] mobile number
}
phone-error-letters = Enter the number in digits, without letters or an extension
phone-error-unreadable = Enter the number in digits, such as 202 555 0147
phone-error-too-short = Enter all 10 digits of your { $regions ->
    [us] US mobile number
   *[other] mobile number
}
phone-error-too-long = Enter 10 digits: this number has more
phone-error-impossible = Check the number: no phone in the US has this one
phone-error-service-code = Enter your own mobile number: { $phone } is a service number
phone-error-toll-free = Enter a mobile number: toll-free numbers cannot get our texts
phone-error-premium = Enter a mobile number: premium numbers cannot get our texts
phone-error-not-mobile = Enter a mobile number: this kind of number cannot get our texts
phone-error-other-region = { $regions ->
    [us] Enter a US mobile number: our texts reach US phones only
   *[other] Enter a number from the US or a place nearby that we can text
}
phone-error-fictional = Enter your real number: numbers from 555-0100 to 555-0199 belong to nobody
consent-error = Tick the box if you agree to get our texts
disclosure-error = Our terms have changed since you opened this page. Read them again and tick the box if you agree
start-error-too-many = Too many codes were asked for from here. Try again in { $wait }
start-error-unavailable = We cannot take your number right now. Nothing is lost: press the button again in a minute
start-error-paused = Our texts are paused for now. Nothing is lost: try again later
start-error-no-code = This browser has no code to check. Enter your number to get one

## The code page

code-title = { $texts ->
    [no] Text us your code
   *[yes] Enter your code
}
code-lead-reply = To show that <span class="nowrap">{ $phone }</span> is yours, text us the code below from it.
code-lead-paused = Our texts are paused right now. { $reply ->
    [yes] To show that <span class="nowrap">{ $phone }</span> is yours, text us the code below from it.
   *[no] A code that was sent to <span class="nowrap">{ $phone }</span> before still works.
}
code-lead-delayed = Our texts are delayed right now, for everybody. { $reply ->
    [yes] To show that <span class="nowrap">{ $phone }</span> is yours, text us the code below from it: that works at once.
   *[no] If <span class="nowrap">{ $phone }</span> can get our texts, the code comes as soon as they do.
}
code-lead = If <span class="nowrap">{ $phone }</span> can get our texts, { $length ->
    [8] an
   *[other] a
} { $length }-digit code is on its way.
code-lead-again = If <span class="nowrap">{ $phone }</span> can get our texts, a new { $length }-digit code is on its way. The last two codes both work.
code-change = Change number
code-label = { $length }-digit code
code-hint = It works for { $minutes }.
code-submit = Verify
resend-title = { $texts ->
    [no] Need another code?
   *[yes] Didn't get it?
}
resend-hint = Texts can take a few minutes.
resend-stopped = Stopped our texts before? Text <b>START</b>{ $reply ->
    [yes] , or the code above,
   *[no] {""}
} to <b>{ $sender }</b>.
resend-overdue = Still nothing? Some numbers can't get texts from short codes. { $reply ->
    [yes] Text us the code above instead.
   *[no] Try another mobile number.
}
resend-wait = You can ask for a new code in { $wait }.
resend-now = You can ask for a new code now.
resend-submit = { $texts ->
    [no] Show a new code
   *[yes] Send a new code
}
resend-none = { $reply ->
    [yes] { $texts ->
        [no] These are all the codes we can show for now. If none of them works, <a href="/">start again</a>.
       *[yes] We have asked for all the texts we can for now. Text us the code above instead.
    }
   *[no] We have asked for all the texts we can for now. If none of them arrives, <a href="/">start again</a>.
}
resend-too-many = Too many codes were asked for from here. You can ask again in { $wait }.
resend-paused = Our texts are paused right now. A code that was sent before still works.
code-alternative = Can't get texts? <a href="{ $url }">Use another way</a>.
code-risk = A text can be read by whoever holds your phone. Never tell anyone the code that we text you.

code-error-empty = Enter the code from the text
code-error-not-digits = The code has digits only
code-error-too-short = The code has { $length } digits: this one has fewer
code-error-too-long = The code has { $length } digits: this one has more
code-error-wrong = This is not the code. { $left ->
    [one] You have 1 try left
   *[other] You have { $left } tries left
}
code-error-reply = This is the code to text from your phone. Enter the one that we texted to you
code-error-expired = This code has expired. Enter the newest one, or ask for a new code

reply-title = { $place ->
    [first] Text us this code
    [again] The code to text
   *[or] Or text us a code
}
reply-how = Text <b class="figures">{ $code }</b> to <b>{ $sender }</b> from that phone.
reply-open = Open the text
reply-scan = Scan it with that phone to open the text.
reply-qr = QR code that opens a text with { $code } to { $sender }
reply-sent = I've texted it
moving-on = Your text arrived and your phone is verified. The next page opens now.

## Waiting for the person's text

waiting-title = Waiting for your text
waiting-lead = As soon as your text from <span class="nowrap">{ $phone }</span> arrives, this page moves on by itself. It looks every few seconds.
waiting-back = Back to the code page

## When it has ended

ended-title = { $why ->
    [locked] Too many wrong codes
   *[expired] Your code has expired
}
ended-lead = { $why ->
    [locked] To protect your number, we stopped checking codes for it here. You can get a new one: check your number, tick the box and press the button.
   *[expired] A code works for a short time only. Nothing is lost: check your number, tick the box and get a new one.
}

## Done

done-title = Your phone is verified
done-lead = You can close this page. This is what you agreed to on
done-number = Number
done-from = From
done-continue = Continue to { $name }

## Terms and privacy

terms-title = Terms and conditions
terms-program = <b>{ $program }</b> sends text messages (SMS) to people who asked for them. What we text:
terms-frequency-title = How often we text
terms-cost-title = What it costs
terms-cost = { $cost }. Your mobile carrier sets these rates; we charge nothing for our texts.
terms-stop-title = How to stop
terms-stop = Text <b>STOP</b> to <b>{ $sender }</b> at any time. You get one last text that confirms it; after that we only answer what you text us yourself. You may also tell us in any other way that suits you.
terms-help-title = How to get help
terms-help = Text <b>HELP</b> to <b>{ $sender }</b>, or write to { $contact }.
terms-carriers-title = Delivery
terms-carriers = Carriers are not liable for delayed or undelivered messages.
terms-consent-title = Your consent
terms-consent = We send a number our texts only after its owner has agreed and shown that it is theirs; before that, only the code that was asked for on our page. Consent is not a condition of any purchase.
terms-privacy = How we treat your number is in our <a href="{ $url }">Privacy policy</a>.

privacy-title = Privacy policy
privacy-lead = How { $program } treats your mobile number.
privacy-sharing-title = We do not share it for marketing
privacy-sharing = We do not share mobile opt-in data, which is your number and your consent to get texts, with third parties or affiliates for marketing or promotional purposes. The company that delivers our texts gets your number to deliver them, and for nothing else.
privacy-what-title = What we keep
privacy-what = Your number; when, where and how you agreed to our texts, with the exact page you saw; the address and the browser you used; the texts we sent you, codes left out; and what you texted us.
privacy-why-title = Why and for how long
privacy-why = We keep it to prove that you agreed, and that we stopped when you told us to. If you never confirmed your number, we forget it after { $days } days at the latest.
privacy-stop-title = How to stop
privacy-stop = Text <b>STOP</b> to <b>{ $sender }</b> at any time.
privacy-contact-title = Questions
privacy-contact = Write to { $contact }. Our <a href="{ $url }">Terms and conditions</a> say how our texts work.

## Errors

error-reference = If you ask for help, give this reference: <b>{ $reference }</b>
error-home = Go to the start page
error-title = { $status ->
    [400] Your browser sent something we cannot read
    [403] This request did not come from our page
    [404] There is no page here
    [405] This page does not take that
    [413] That was too much at once
    [422] Something in the form is missing
    [429] Too many requests from here
    [503] We cannot do this right now
   *[500] Something went wrong on our side
}
error-body = { $status ->
    [400] Go back and try again. If it happens again, another browser may help.
    [403] To protect you, we act only on what you do on our own pages. Open the page and try there.
    [404] Check the address, or begin on the start page.
    [405] Open the page in your browser instead.
    [413] Forms here are short. Go back and enter less.
    [422] Go back to the form and fill it in again.
    [429] Wait a few minutes, then try again.
    [503] Nothing is lost. Wait a minute, then try again.
   *[500] It is noted, and nothing you did is lost. Try again in a few minutes.
}
error-code-hint = This is the code you entered.
cookies-title = Your browser kept no cookie
cookies-body = We need one cookie to know that the code and the browser belong together. It holds a random number and nothing else. Allow cookies for this site, then start again.

## The simulated phones

simulator-title = Simulated phones
simulator-lead = Texts to any number show up here instead of on a phone. Nothing is sent, and a restart forgets them.
simulator-empty = No texts yet. <a href="/">Open the opt-in page</a>, enter a number such as 202 555 0147 and come back.
simulator-phone = Phone { $phone }
simulator-from-them = To { $sender }
simulator-from-us = From { $sender }
simulator-size = { $encoding }, { $parts ->
    [one] 1 part
   *[other] { $parts } parts
}, { $units } of { $room }
simulator-answer-label = Answer as this phone
simulator-answer-submit = Send
simulator-new-title = Another phone
simulator-new-phone = Its number
simulator-new-text = What it texts to { $sender }
simulator-refresh = Show new texts
simulator-error = Enter a mobile number and a text

## Texts

sms-code = { $program }: { $code } is your code to verify your phone. It works for { $minutes }. Don't share it. Not you? Reply STOP.
sms-goodbye = { $program }: You've opted out and get no more texts from us. To come back, reply START.
sms-help = { $program }: For help, contact { $contact }. { $frequency }. { $cost }. Reply STOP to stop.
sms-not-matched = { $program }: We weren't expecting this code from this phone. Get a new one on { $host }. Reply HELP for help, STOP to stop.
sms-type-it = { $program }: Thanks. To finish, type that code on the page where you asked for it. Reply HELP for help, STOP to stop.
sms-unknown = { $program }: Nobody reads texts to this number. Reply HELP for help, STOP to stop.
sms-welcome = { $program }: You're signed up for texts. { $frequency }. { $cost }. Reply HELP for help, STOP to stop.
# The same after a code from the page was texted in: it names the site, since somebody else may have asked for that code.
sms-welcome-on-host = { $program }: You're signed up for texts on { $host }. { $frequency }. { $cost }. HELP for help, STOP to stop.
# Follows where no such welcome goes out. STOP would not undo a verification, so it names the contact.
sms-confirmed = { $program }: Your number was just verified on { $host }. Not you? Contact { $contact }.

## Mail to the owner

email-subject = { $kind ->
    [digest] { $program }: { $count ->
        [one] 1 text needs you to read it
       *[other] { $count } texts need you to read them
    }
    [misconfigured] { $program }: the SMS provider refuses our texts
    [webhook] { $program }: texts from phones do not reach us
    [outage] { $program }: the SMS provider cannot be reached
   *[receipts] { $program }: many texts do not arrive
}
email-digest-lead = { $count ->
    [one] This text matched no keyword and no code. It may ask to stop in words that we do not know.
   *[other] These { $count } texts matched no keyword and no code. Each may ask to stop in words that we do not know.
}
email-digest-from = { $phone } wrote on { $received }:
email-digest-deadline = If it asks for no more texts, honor that by { $deadline }:
email-digest-what = Replace the dots with the person's own words. If a text asks for something else, it is yours to answer.
email-notice-lead = { $kind ->
    [misconfigured] The SMS provider ({ $provider }) does not do what we ask, and will not until something is set right.
    [webhook] What the SMS provider ({ $provider }) passes on cannot be used. STOP, HELP and codes from phones are lost until something is set right.
    [outage] The SMS provider ({ $provider }) has failed several times in a row. Texts wait and are tried again by themselves; every code page says that they are delayed.
   *[receipts] 50 or more codes of the last 24 hours did not reach their phones, as the carriers report through { $provider }.
}
email-notice-why = The reason: { $why }
email-notice-what = { $kind ->
    [misconfigured] Compare the settings (assent check) with the provider's dashboard, then try assent send-test with your own number.
    [webhook] Set it right in the provider's dashboard or in the settings, then text HELP to your sender and look whether it is answered.
    [outage] There is nothing that you must do. If it lasts, look at the provider's status page.
   *[receipts] Look at messages.error in the database for the reasons. Many of one kind may mean that a carrier blocks the sender: ask the provider.
}
sms-test = { $program }: This is a test of our texts, sent by their owner. Reply HELP for help, STOP to stop.

# Everything a person reads, on pages and in texts. An owner's own locale/en.ftl replaces messages one by one.
# Only messages that a template asks for with rich(..) may hold markup; their variables are escaped.
# Texts (sms-..) must stay within the GSM-7 alphabet and one part of 160: `assent check` counts.

## Facts in words

frequency = { $form ->
    [day] No more than { $count } messages per day
    [week] No more than { $count } messages per week
    [month] No more than { $count } messages per month
    [per_request] 1 message per request
   *[varies] Message frequency varies
}
# How texts say it. A language may need other letters there, because of GSM-7.
sms-frequency = { $form ->
    [day] No more than { $count } messages per day
   *[other] { frequency }
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
banner-simulator = Test mode: no texts are sent. <a href="/simulator">Open the simulated phones</a>
description = Text messages from { $program }: how to sign up, get help and stop.
footer-help = Help:
summary-title = There's a problem

## The opt-in page

start-title = { $kind ->
    [alerts] Get our text alerts
    [marketing] Get our texts
   *[two_factor] Verify your phone
}
start-description = Sign up for text messages from { $program } with your { $regions ->
    [us] US mobile number
   *[other] mobile number
}. How often we text, what it costs, and how to stop.
start-lead = { $texts ->
    [no] You'll text us { $length ->
        [8] an
       *[other] a
    } { $length }-digit code to confirm this number is yours.
   *[yes] We'll text you { $length ->
        [8] an
       *[other] a
    } { $length }-digit code to confirm this number is yours.
}
phone-label = { $regions ->
    [us] US mobile number
   *[other] Mobile number
}
start-submit = { $texts ->
    [no] Show me a code
   *[yes] Text me a code
}

disclosure-frequency = { $form ->
    [varies] { $frequency }
   *[limited] { $frequency }, plus replies to your texts
}
disclosure-stop = Text STOP to { $sender } to cancel.
disclosure-stop-rich = Text <b>STOP</b> to <b>{ $sender }</b> to cancel.
disclosure-help = Text HELP to { $sender } for help.
disclosure-help-rich = Text <b>HELP</b> to <b>{ $sender }</b> for help.
disclosure-details = <a href="{ $terms_url }">Terms and conditions</a> · <a href="{ $privacy_url }">Privacy policy</a>

consent = { $kind ->
    [alerts] I agree to receive recurring text messages (SMS) from { $program } at this number.
    [marketing] I agree that { $program } may send me recurring marketing text messages (SMS) at this number by automated means. My consent is not a condition of any purchase.
   *[two_factor] I agree to receive verification text messages (SMS) from { $program } at this number.
}

## Errors of the opt-in form

phone-error-empty = Enter your { $regions ->
    [us] US mobile number
   *[other] mobile number
}
phone-error-letters = Enter the number in digits, without letters or an extension
phone-error-unreadable = Enter the number in digits, such as <span class="nowrap">202 555 0147</span>
phone-error-too-short = Enter all 10 digits of your { $regions ->
    [us] US mobile number
   *[other] mobile number
}
phone-error-too-long = Enter 10 digits: this number has more
phone-error-impossible = Check the number: this isn't a valid US phone number
phone-error-service-code = Enter your own mobile number: <span class="nowrap">{ $phone }</span> is a service number
phone-error-toll-free = Enter a mobile number: toll-free numbers can't get our texts
phone-error-premium = Enter a mobile number: premium-rate numbers can't get our texts
phone-error-not-mobile = Enter a mobile number: this kind of number can't get our texts
phone-error-other-region = { $regions ->
    [us] Enter a US mobile number: we only text US phones
   *[other] Enter a US number, or one from a nearby place that we can text
}
phone-error-fictional = Enter your own number: 555-0100 to 555-0199 are reserved for examples
consent-error = Check the box to agree to receive our texts
disclosure-error = Our terms changed after you opened this page. Read them again, then check the box if you agree.
start-error-too-many = Too many codes have been requested from here. Try again in { $wait }.
start-error-unavailable = We can't take your number right now. Wait a minute, then press the button again.
start-error-paused = Our texts are paused right now. Try again later.
start-error-no-code = There's no code to check in this browser. Enter your number to get one.

## The code page

code-title = { $texts ->
    [no] Text us your code
   *[yes] Enter your code
}
code-lead-reply = To confirm that <span class="nowrap">{ $phone }</span> is yours, text us this code from it.
code-lead-paused = Our texts are paused right now. { $reply ->
    [yes] To confirm that <span class="nowrap">{ $phone }</span> is yours, text us this code from it.
   *[no] If you already got a code at <span class="nowrap">{ $phone }</span>, it still works.
}
code-lead-delayed = Our texts are delayed right now. { $reply ->
    [yes] To confirm that <span class="nowrap">{ $phone }</span> is yours, you can text us this code from it instead.
   *[no] If <span class="nowrap">{ $phone }</span> can get our texts, your code will arrive as soon as they go out again.
}
code-lead = If <span class="nowrap">{ $phone }</span> can get our texts, { $length ->
    [8] an
   *[other] a
} <span class="nowrap">{ $length }-digit</span> code is on its way.
code-lead-again = If <span class="nowrap">{ $phone }</span> can get our texts, a new <span class="nowrap">{ $length }-digit</span> code is on its way. Your last two codes both work.
code-change = Change number
code-label = { $length }-digit code
code-expires = Expires in { $minutes }.
code-submit = Verify
resend-title = { $texts ->
    [no] Need another code?
   *[yes] Didn't get it?
}
resend-hint = Texts can take a few minutes.
resend-stopped = Stopped our texts before? Text <b>START</b>{ $reply ->
    [yes] , or the code on this page,
   *[no] {""}
} to <b>{ $sender }</b>.
resend-overdue = Still nothing? Some numbers can't get texts from short codes. { $reply ->
    [yes] Text us instead.
   *[no] Try another mobile number.
}
resend-in = in { $wait }
resend-now = You can send a new code now.
resend-submit = { $texts ->
    [no] Show a new code
   *[yes] Send a new code
}
resend-none = { $reply ->
    [yes] { $texts ->
        [no] That's all the codes we can show for now. If none of them works, <a href="/">start again</a>.
       *[yes] That's all the texts we can send for now. You can still text us instead.
    }
   *[no] That's all the texts we can send for now. If none of them arrives, <a href="/">start again</a>.
}
resend-too-many = Too many codes have been requested from here. You can request another in { $wait }.
resend-paused = If you already got a code, it still works.
code-alternative = Can't get texts? <a href="{ $url }">Use another way</a>.
code-risk = Anyone with your phone can read your texts. Never share the code we text you.

code-error-empty = Enter the code from the text
code-error-not-digits = Enter the code in digits only
code-error-too-short = Enter all { $length } digits of the code
code-error-too-long = Enter { $length } digits: this code has more
code-error-wrong = That code isn't right. { $left ->
    [one] You have 1 try left.
   *[other] You have { $left } tries left.
}
code-error-reply = That's the code to text us. Enter the one we texted you.
code-error-expired = That code has expired. Enter the newest one, or get a new one.
code-error-other = You've asked for a code for <span class="nowrap">{ $phone }</span> since you opened this page. Enter the code for that number.

reply-title = { $place ->
    [first] Text us this code
    [again] The code to text
   *[or] Text us instead
}
reply-how = From that phone, text <b class="figures">{ $code }</b> to <b>{ $sender }</b>.
reply-open = Open Messages
reply-scan = Scan this with that phone to open Messages.
reply-qr = QR code that opens a text with { $code } to { $sender }
reply-sent = I've sent it
moving-on = Your text arrived and your phone is verified. The next page opens now.

## Waiting for the person's text

waiting-title = Waiting for your text
waiting-lead = When your text from <span class="nowrap">{ $phone }</span> arrives, the next page opens. This page checks every few seconds.
waiting-back = Back to your code

## When it has ended

ended-title = { $why ->
    [locked] Too many wrong codes
   *[expired] Your code has expired
}
ended-lead = { $why ->
    [locked] To protect your number, we've stopped checking codes for it here. To get a new code, check your number and the box, then press the button.
   *[expired] Codes only work for a short time. To get a new one, check your number and the box, then press the button.
}

## Done

done-title = { $kind ->
    [two_factor] Your phone is verified
   *[alerts] You're signed up
}
done-lead = { $session ->
    [yes] Here's what you agreed to for <span class="nowrap">{ $phone }</span> on
   *[no] You can close this page. Here's what you agreed to for <span class="nowrap">{ $phone }</span> on
}
done-continue = Continue to { $name }

## For people who come from one of the owner's sites

phone-hint-on-file = The number that { $site } has for you
session-title = { $why ->
    [verified] This request is done
    [locked] Too many wrong codes
    [canceled] This request was canceled
   *[expired] This request has expired
}
session-lead = { $why ->
    [verified] A number was already verified for { $site }.
    [locked] To protect your number, we've stopped checking codes for this request. Go back to { $site } to start again.
    [canceled] No number was verified. Go back to { $site } to start again.
   *[expired] Requests are open for 30 minutes. Go back to { $site } to start again.
}
session-back = Back to { $site }

## Terms and privacy

terms-title = Terms and conditions
terms-program = <b>{ $program }</b> sends text messages (SMS) to people who have asked for them. We text you:
terms-frequency-title = How often we text
terms-cost-title = What it costs
terms-cost = { $cost }. Your mobile carrier sets these rates. We don't charge for our texts.
terms-stop-title = How to stop
terms-stop = Text <b>STOP</b> to <b>{ $sender }</b> at any time. We'll send one last text to confirm it. After that, we only reply to texts you send us. You can also ask us to stop in any other reasonable way.
terms-help-title = How to get help
terms-help = Text <b>HELP</b> to <b>{ $sender }</b>, or contact { $contact }.
terms-carriers-title = Delivery
terms-carriers = Carriers are not liable for delayed or undelivered messages.
terms-consent-title = Your consent
terms-consent = We only text a number after its owner has agreed and confirmed that it's theirs. Before that, we only send the code that was requested on our page. Consent is not a condition of any purchase.
terms-privacy = Our <a href="{ $url }">Privacy policy</a> says how we handle your number.

privacy-title = Privacy policy
privacy-lead = How { $program } handles your mobile number.
privacy-sharing-title = We don't share it for marketing
privacy-sharing = We do not share mobile opt-in data, which is your number and your consent to receive texts, with third parties or affiliates for marketing or promotional purposes. The company that delivers our texts gets your number only to deliver them.
privacy-what-title = What we keep
privacy-what = Your number; when, where and how you agreed to our texts, with the exact page you saw; the IP address and browser you used; the texts we sent you, without the codes; and the texts you sent us.
privacy-why-title = Why and for how long
privacy-why = We keep it to prove that you agreed, and that we stopped when you asked. If you never confirm your number, we delete it within { $days } days.
privacy-stop-title = How to stop
privacy-stop = Text <b>STOP</b> to <b>{ $sender }</b> at any time.
privacy-contact-title = Questions
privacy-contact = Write to { $contact }. Our <a href="{ $url }">Terms and conditions</a> say how our texts work.

## Errors

error-reference = If you contact us for help, give this reference: <b>{ $reference }</b>
error-home = Go to the start page
error-title = { $status ->
    [400] We couldn't read that request
    [403] That request didn't come from our page
    [404] Page not found
    [405] That doesn't work on this page
    [413] That was too long
    [422] Something is missing from the form
    [429] Too many requests from here
    [503] We can't do this right now
   *[500] Something went wrong on our side
}
error-body = { $status ->
    [400] Go back and try again. If it happens again, try another browser.
    [403] To protect you, we only accept forms from our own pages. Open the page and try again there.
    [404] Check the address, or go to the start page.
    [405] Open the page in your browser instead.
    [413] Go back and enter less.
    [422] Go back to the form and fill it in again.
    [429] Wait a few minutes, then try again.
    [503] Wait a minute, then try again.
   *[500] We've logged the problem. Try again in a few minutes.
}
error-code-hint = We kept the code you entered.
cookies-title = Cookies are turned off
cookies-body = We need one cookie to match your code to this browser. It holds a random number and your language, and nothing else. Allow cookies for this site, then start again.

## The simulated phones

simulator-title = Simulated phones
simulator-lead = Texts to any number show up here instead of on a phone. Nothing is sent, and they're gone after a restart.
simulator-empty = No texts yet. <a href="/">Open the opt-in page</a>, enter a number such as 202 555 0147 and come back.
simulator-phone = Phone { $phone }
simulator-from-them = To { $sender }
simulator-from-us = From { $sender }
simulator-size = { $encoding }, { $parts ->
    [one] 1 part
   *[other] { $parts } parts
}, { $units } of { $room }
simulator-answer-label = Reply from this phone
simulator-answer-submit = Send
simulator-new-title = Another phone
simulator-new-phone = Phone number
simulator-new-text = Text to { $sender }
simulator-refresh = Show new texts
simulator-error = Enter a mobile number and a text

## Texts

sms-code = { $program }: { $code } is your code. Expires in { $minutes }. Don't share it. Not you? Reply STOP.
sms-goodbye = { $program }: You've opted out and will get no more texts from us. Reply START to opt back in.
sms-help = { $program }: For help, contact { $contact }. { $frequency }. { $cost }. Reply STOP to cancel.
sms-not-matched = { $program }: We weren't expecting this code from this phone. Get a new one at { $host }. HELP for help, STOP to cancel.
sms-type-it = { $program }: Thanks! To finish, enter that code on the page where you requested it. Reply HELP for help, STOP to cancel.
sms-unknown = { $program }: We didn't understand your text. To get no more texts, reply STOP. For help, reply HELP.
sms-welcome = { $program }: { $kind ->
    [two_factor] Your phone is verified.
   *[alerts] You're signed up for texts.
} { $frequency }. { $cost }. HELP for help, STOP to cancel.
# The same after a code from the page was texted in: it names the site, since somebody else may have asked for that code.
sms-welcome-on-host = { $program }: { $kind ->
    [two_factor] Phone verified at { $host }.
   *[alerts] You're signed up at { $host }.
} { $frequency }. { $cost }. HELP for help, STOP to cancel.
# Sent instead if no such welcome goes out. STOP wouldn't undo a verification, so it names the contact.
sms-confirmed = { $program }: Your number was just verified at { $host }. Not you? Contact { $contact }.

## Mail to the owner

email-subject = { $kind ->
    [digest] { $program }: { $count ->
        [one] 1 text needs your attention
       *[other] { $count } texts need your attention
    }
    [misconfigured] { $program }: the SMS provider is rejecting our texts
    [webhook] { $program }: texts from phones aren't reaching us
    [outage] { $program }: the SMS provider can't be reached
    [wal] { $program }: the database's log keeps growing
   *[receipts] { $program }: many texts aren't arriving
}
email-digest-lead = { $count ->
    [one] This text didn't match a keyword or a code. It may be a request to stop in words we don't know.
   *[other] These { $count } texts didn't match a keyword or a code. Each may be a request to stop in words we don't know.
}
email-digest-from = { $phone } wrote on { $received }:
email-digest-deadline = If they want no more texts, opt them out by { $deadline }:
email-digest-what = Replace the dots with the person's own words. If a text asks for something else, reply to it yourself.
email-notice-lead = { $kind ->
    [misconfigured] The SMS provider ({ $provider }) is rejecting our requests, and will until a setting is fixed.
    [webhook] What the SMS provider ({ $provider }) sends us can't be used. STOP, HELP and codes from phones are lost until this is fixed.
    [outage] The SMS provider ({ $provider }) has failed several times in a row. Texts are waiting and will be retried automatically. Code pages say that texts are delayed.
    [wal] The database's write-ahead log keeps growing, because something has been reading the database for too long. It takes up disk space until that ends.
   *[receipts] In the last 24 hours, 50 or more codes didn't reach their phones, according to the carriers' reports through { $provider }.
}
email-notice-why = Reason: { $why }
email-notice-what = { $kind ->
    [misconfigured] Compare the settings (assent check) with the provider's dashboard, then try assent send-test with your own number.
    [webhook] Fix it in the provider's dashboard or in the settings, then text HELP to your sender and check that you get a reply.
    [outage] You don't need to do anything. If it goes on, check the provider's status page.
    [wal] Find what keeps the database open, such as a backup or a shell, and end it. If there is nothing, restart Assent.
   *[receipts] The reasons are in messages.error in the database. If many are the same, a carrier may be blocking the sender: ask the provider.
}
sms-test = { $program }: This is a test of our texts, sent by the site's owner. Reply HELP for help, STOP to cancel.

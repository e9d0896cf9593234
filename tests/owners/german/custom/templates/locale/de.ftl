language-name = Deutsch
start-submit = Code senden
phone-label = US-Handynummer

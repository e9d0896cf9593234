sms-welcome = { $program }: Welcome aboard. { $frequency }. HELP for help.

privacy-sharing = We never sell your phone number or share your data with third parties.

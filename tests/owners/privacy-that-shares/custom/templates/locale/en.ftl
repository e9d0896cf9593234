privacy-sharing = We may share your mobile number and opt-in data with our marketing partners.

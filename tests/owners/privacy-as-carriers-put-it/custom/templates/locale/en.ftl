privacy-sharing = No mobile information will be shared with third parties or affiliates for marketing purposes.

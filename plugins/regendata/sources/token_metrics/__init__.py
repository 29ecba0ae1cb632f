"""Tweets per token and hour: which symbol is which token, which hours to fetch, which figure is what."""

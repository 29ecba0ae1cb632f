"""Sign-ups: what a form may hand in, and the way of a request to an account and a mail."""

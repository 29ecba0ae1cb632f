"""What leaves the house: posts, accounts, mails. Each module is one errand over hooks and pure rules."""

"""The publish engine's pure half: plans, statements, checks and receipts. Nothing here opens a connection."""

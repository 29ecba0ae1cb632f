"""Backups for real: PostgreSQL's programs, the bucket, and the databases they go between."""

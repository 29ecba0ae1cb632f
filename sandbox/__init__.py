"""The whole company on one laptop: PostgreSQL, S3 and upstream stand-ins, used by demo and tests alike."""

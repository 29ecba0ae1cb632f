"""The carbon removal market from its sources to its buckets: pull, stage, check, publish, promote."""

"""Public data sets: which relations, how their columns become Parquet, and the manifest that lists them."""

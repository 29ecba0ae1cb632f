"""One system per module: each talks to its system and knows no DAG."""

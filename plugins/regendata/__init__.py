"""Regendata: a public-goods and on-chain data warehouse on Apache Airflow."""

"""The public API: a process of its own, without Airflow's login, that serves only what is public."""

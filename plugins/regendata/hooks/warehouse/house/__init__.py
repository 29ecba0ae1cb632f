"""What the pages inside Airflow read, as analysts may; each query is bounded whatever the history."""

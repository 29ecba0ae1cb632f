"""Pages inside the Airflow UI: HTML from the server, read as analysts may, behind its login."""

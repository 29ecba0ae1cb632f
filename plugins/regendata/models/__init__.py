"""SQL files read as data: file -> header and SELECT -> references -> order. Nothing here knows Airflow."""

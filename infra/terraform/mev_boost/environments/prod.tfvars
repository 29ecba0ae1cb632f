environment = "prod"
project     = "regendata-prod"
bucket      = "regendata-mev-prod"
cluster     = "airflow"
analysts    = ["group:analysts@example.org"]
public      = true

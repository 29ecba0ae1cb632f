environment = "test"
project     = "regendata-test"
bucket      = "regendata-mev-test"
cluster     = "airflow"
analysts    = ["group:analysts@example.org"]
most_nodes  = 1

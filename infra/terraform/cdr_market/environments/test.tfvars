environment         = "test"
bucket              = "cdr-market-test"
publisher_arn       = "arn:aws:iam::000000000000:role/airflow"
origins             = ["https://staging.example.org"]
requests_per_second = 5

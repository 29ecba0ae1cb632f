environment   = "prod"
bucket        = "cdr-market-prod"
publisher_arn = "arn:aws:iam::000000000000:role/airflow"
origins = [
  "https://www.deepskyclimate.com",
  "https://deepskyclimate.com",
  "https://fr.deepskyclimate.com",
]

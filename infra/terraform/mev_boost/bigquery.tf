locals {
  tables = toset(["bids", "payloads"])
}

resource "google_bigquery_dataset" "mev_boost" {
  dataset_id                 = var.dataset
  location                   = var.location
  description                = "Bids and payloads of MEV-Boost relays."
  delete_contents_on_destroy = false

  default_encryption_configuration {
    kms_key_name = google_kms_crypto_key.tables.id
  }

  depends_on = [google_kms_crypto_key_iam_member.bigquery]
}

# Columns come from plugins/regendata/sources/mev_boost/schema.py: python -m infra.mev_boost_schemas
resource "google_bigquery_table" "rows" {
  for_each = local.tables

  dataset_id               = google_bigquery_dataset.mev_boost.dataset_id
  table_id                 = each.key
  schema                   = file("${path.module}/schemas/${each.key}.json")
  clustering               = ["relay", "slot"]
  deletion_protection      = true
  require_partition_filter = true

  time_partitioning {
    type  = "DAY"
    field = "day"
  }

  encryption_configuration {
    kms_key_name = google_kms_crypto_key.tables.id
  }
}

# The public data set: the last 28 days, through views that may read the tables above.
resource "google_bigquery_dataset" "public" {
  dataset_id                 = "${var.dataset}_public"
  location                   = var.location
  description                = "Bids and payloads of MEV-Boost relays of the last 28 days."
  delete_contents_on_destroy = false

  default_encryption_configuration {
    kms_key_name = google_kms_crypto_key.tables.id
  }

  depends_on = [google_kms_crypto_key_iam_member.bigquery]
}

resource "google_bigquery_table" "public" {
  for_each = local.tables

  dataset_id          = google_bigquery_dataset.public.dataset_id
  table_id            = each.key
  deletion_protection = true

  view {
    query          = "SELECT * FROM `${var.project}.${var.dataset}.${each.key}` WHERE day >= DATE_SUB(CURRENT_DATE(), INTERVAL 28 DAY)"
    use_legacy_sql = false
  }

  encryption_configuration {
    kms_key_name = google_kms_crypto_key.tables.id
  }

  depends_on = [google_bigquery_table.rows]
}

resource "google_bigquery_dataset_access" "public_views" {
  dataset_id = google_bigquery_dataset.mev_boost.dataset_id

  dataset {
    target_types = ["VIEWS"]

    dataset {
      project_id = var.project
      dataset_id = google_bigquery_dataset.public.dataset_id
    }
  }
}

# What analysts read besides: payloads beside the chain.
resource "google_bigquery_table" "payload_truth" {
  dataset_id          = google_bigquery_dataset.mev_boost.dataset_id
  table_id            = "payload_truth"
  deletion_protection = true

  view {
    use_legacy_sql = false

    query = templatefile("${path.module}/views/payload_truth.sql", {
      dataset = "${var.project}.${var.dataset}"
      blocks  = var.blocks
    })
  }

  encryption_configuration {
    kms_key_name = google_kms_crypto_key.tables.id
  }

  depends_on = [google_bigquery_table.rows]
}

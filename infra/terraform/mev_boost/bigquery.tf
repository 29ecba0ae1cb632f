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

# Statistics of days, and what builders sign with: some rows a day, written by the loader.
resource "google_bigquery_table" "derived" {
  for_each = toset(["relay_days", "builder_days", "builder_signatures"])

  dataset_id          = google_bigquery_dataset.mev_boost.dataset_id
  table_id            = each.key
  schema              = file("${path.module}/schemas/${each.key}.json")
  deletion_protection = true

  encryption_configuration {
    kms_key_name = google_kms_crypto_key.tables.id
  }
}

# The public data set: the last 28 days, through views that may read the tables above. The loader writes the
# views (include/bigquery/views): where they begin moves with what is stored.
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

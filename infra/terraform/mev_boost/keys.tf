# One key for the objects, in their region, and one for the tables, in theirs.
resource "google_kms_key_ring" "mev_boost" {
  name     = "mev-boost-${var.environment}"
  location = var.region
}

resource "google_kms_crypto_key" "mev_boost" {
  name            = "objects"
  key_ring        = google_kms_key_ring.mev_boost.id
  rotation_period = "7776000s"

  lifecycle {
    prevent_destroy = true
  }
}

resource "google_kms_key_ring" "tables" {
  name     = "mev-boost-${var.environment}-tables"
  location = lower(var.location)
}

resource "google_kms_crypto_key" "tables" {
  name            = "tables"
  key_ring        = google_kms_key_ring.tables.id
  rotation_period = "7776000s"

  lifecycle {
    prevent_destroy = true
  }
}

data "google_storage_project_service_account" "here" {}

data "google_bigquery_default_service_account" "here" {}

resource "google_kms_crypto_key_iam_member" "storage" {
  crypto_key_id = google_kms_crypto_key.mev_boost.id
  role          = "roles/cloudkms.cryptoKeyEncrypterDecrypter"
  member        = data.google_storage_project_service_account.here.member
}

resource "google_kms_crypto_key_iam_member" "bigquery" {
  crypto_key_id = google_kms_crypto_key.tables.id
  role          = "roles/cloudkms.cryptoKeyEncrypterDecrypter"
  member        = data.google_bigquery_default_service_account.here.member
}

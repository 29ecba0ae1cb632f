# Objects of bids, payloads and blocks, and the log of who reads them.
resource "google_storage_bucket" "objects" {
  name                        = var.bucket
  location                    = var.region
  force_destroy               = false
  uniform_bucket_level_access = true
  public_access_prevention    = "enforced"

  encryption {
    default_kms_key_name = google_kms_crypto_key.mev_boost.id
  }

  # An hour that is fetched again takes the place of the one before; a mistake can be taken back for a week.
  versioning {
    enabled = true
  }

  lifecycle_rule {
    action {
      type = "Delete"
    }

    condition {
      days_since_noncurrent_time = 7
    }
  }

  # Old hours are read when they are repaired only.
  lifecycle_rule {
    action {
      type          = "SetStorageClass"
      storage_class = "COLDLINE"
    }

    condition {
      age = 90
    }
  }

  logging {
    log_bucket = google_storage_bucket.log.name
  }

  depends_on = [google_kms_crypto_key_iam_member.storage]
}

resource "google_storage_bucket" "log" {
  #checkov:skip=CKV_GCP_62:The bucket that the logs go to logs nothing itself.
  name                        = "${var.bucket}-log"
  location                    = var.region
  force_destroy               = false
  uniform_bucket_level_access = true
  public_access_prevention    = "enforced"

  encryption {
    default_kms_key_name = google_kms_crypto_key.mev_boost.id
  }

  versioning {
    enabled = true
  }

  lifecycle_rule {
    action {
      type = "Delete"
    }

    condition {
      age = 400
    }
  }

  depends_on = [google_kms_crypto_key_iam_member.storage]
}

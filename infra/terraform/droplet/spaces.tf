# Archives, exports and what readers fetch. Public objects are made public one by one; the bucket is not.
resource "digitalocean_spaces_bucket" "data" {
  name   = var.bucket
  region = var.region
  acl    = "private"

  versioning {
    enabled = true
  }

  lifecycle_rule {
    id                                     = "old-versions"
    enabled                                = true
    abort_incomplete_multipart_upload_days = 2

    noncurrent_version_expiration {
      days = 30
    }
  }
}

# Backups, apart: whoever may write exports may not touch them. Versions outlive a deletion by mistake or by malice.
resource "digitalocean_spaces_bucket" "backups" {
  name   = var.backup_bucket
  region = var.region
  acl    = "private"

  versioning {
    enabled = true
  }

  lifecycle_rule {
    id                                     = "deleted-backups"
    enabled                                = true
    abort_incomplete_multipart_upload_days = 2

    noncurrent_version_expiration {
      days = 14
    }
  }

  lifecycle {
    prevent_destroy = true
  }
}

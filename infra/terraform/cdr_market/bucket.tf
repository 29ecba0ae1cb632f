# Private: readers come with presigned URLs. Versions let a manifest pin the very bytes it names.
resource "aws_s3_bucket" "market" {
  bucket = var.bucket
}

resource "aws_s3_bucket_public_access_block" "market" {
  bucket                  = aws_s3_bucket.market.id
  block_public_acls       = true
  block_public_policy     = true
  ignore_public_acls      = true
  restrict_public_buckets = true
}

resource "aws_s3_bucket_ownership_controls" "market" {
  bucket = aws_s3_bucket.market.id

  rule {
    object_ownership = "BucketOwnerEnforced"
  }
}

resource "aws_s3_bucket_versioning" "market" {
  bucket = aws_s3_bucket.market.id

  versioning_configuration {
    status = "Enabled"
  }
}

resource "aws_s3_bucket_server_side_encryption_configuration" "market" {
  bucket = aws_s3_bucket.market.id

  rule {
    bucket_key_enabled = true

    apply_server_side_encryption_by_default {
      sse_algorithm     = "aws:kms"
      kms_master_key_id = aws_kms_key.market.arn
    }
  }
}

resource "aws_s3_bucket_lifecycle_configuration" "market" {
  bucket = aws_s3_bucket.market.id

  rule {
    id     = "staging"
    status = "Enabled"

    filter {
      prefix = "staging/"
    }

    expiration {
      days = 7
    }

    noncurrent_version_expiration {
      noncurrent_days = 7
    }

    abort_incomplete_multipart_upload {
      days_after_initiation = 1
    }
  }

  rule {
    id     = "old_versions"
    status = "Enabled"

    filter {}

    noncurrent_version_expiration {
      noncurrent_days = 400
    }

    abort_incomplete_multipart_upload {
      days_after_initiation = 1
    }
  }
}

resource "aws_s3_bucket_cors_configuration" "market" {
  bucket = aws_s3_bucket.market.id

  cors_rule {
    allowed_methods = ["GET"]
    allowed_origins = var.origins
    max_age_seconds = 600
  }
}

resource "aws_s3_bucket_policy" "market" {
  bucket = aws_s3_bucket.market.id
  policy = data.aws_iam_policy_document.encrypted_transport.json
}

data "aws_iam_policy_document" "encrypted_transport" {
  statement {
    sid       = "EncryptedTransportOnly"
    effect    = "Deny"
    actions   = ["s3:*"]
    resources = [aws_s3_bucket.market.arn, "${aws_s3_bucket.market.arn}/*"]

    principals {
      type        = "*"
      identifiers = ["*"]
    }

    condition {
      test     = "Bool"
      variable = "aws:SecureTransport"
      values   = ["false"]
    }
  }
}

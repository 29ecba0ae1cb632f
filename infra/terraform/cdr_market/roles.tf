# What Airflow may do: write the market's objects, read them and the operator's files, look at the bucket's
# openness. Nothing is ever deleted.
resource "aws_iam_role" "publisher" {
  name               = "cdr-market-${var.environment}-publisher"
  assume_role_policy = data.aws_iam_policy_document.publisher_trust.json
}

data "aws_iam_policy_document" "publisher_trust" {
  statement {
    actions = ["sts:AssumeRole"]

    principals {
      type        = "AWS"
      identifiers = [var.publisher_arn]
    }
  }
}

resource "aws_iam_role_policy" "publisher" {
  name   = "publish"
  role   = aws_iam_role.publisher.id
  policy = data.aws_iam_policy_document.publisher.json
}

data "aws_iam_policy_document" "publisher" {
  statement {
    sid       = "Write"
    actions   = ["s3:PutObject"]
    resources = [for one in local.written : "${aws_s3_bucket.market.arn}/${one}"]
  }

  statement {
    sid       = "Read"
    actions   = ["s3:GetObject", "s3:GetObjectVersion"]
    resources = [for one in concat(local.written, ["inputs/*"]) : "${aws_s3_bucket.market.arn}/${one}"]
  }

  statement {
    sid       = "LookAtTheBucket"
    actions   = ["s3:ListBucket", "s3:GetBucketAcl", "s3:GetBucketPolicy", "s3:GetBucketPublicAccessBlock"]
    resources = [aws_s3_bucket.market.arn]
  }

  statement {
    sid       = "UseTheKey"
    actions   = ["kms:Decrypt", "kms:GenerateDataKey"]
    resources = [aws_kms_key.market.arn]
  }
}

# What the function may do: read what is published. Raw pulls, staged files and inputs stay out of its reach,
# and a URL it signs can do no more than itself.
resource "aws_iam_role" "function" {
  name               = "cdr-market-${var.environment}-presigned-url"
  assume_role_policy = data.aws_iam_policy_document.function_trust.json
}

data "aws_iam_policy_document" "function_trust" {
  statement {
    actions = ["sts:AssumeRole"]

    principals {
      type        = "Service"
      identifiers = ["lambda.amazonaws.com"]
    }
  }
}

resource "aws_iam_role_policy" "function" {
  name   = "read-published"
  role   = aws_iam_role.function.id
  policy = data.aws_iam_policy_document.function.json
}

data "aws_iam_policy_document" "function" {
  statement {
    sid       = "ReadPublished"
    actions   = ["s3:GetObject", "s3:GetObjectVersion"]
    resources = [for one in local.published : "${aws_s3_bucket.market.arn}/${one}"]
  }

  # Without it a missing object answers 403, and "not there" cannot be told from "not allowed".
  statement {
    sid       = "TellMissingFromForbidden"
    actions   = ["s3:ListBucket"]
    resources = [aws_s3_bucket.market.arn]

    condition {
      test     = "StringLike"
      variable = "s3:prefix"
      values   = local.published
    }
  }

  statement {
    sid       = "UseTheKey"
    actions   = ["kms:Decrypt"]
    resources = [aws_kms_key.market.arn]
  }

  statement {
    sid       = "WriteItsLog"
    actions   = ["logs:CreateLogStream", "logs:PutLogEvents"]
    resources = ["${aws_cloudwatch_log_group.function.arn}:*"]
  }
}

locals {
  published = ["processed/*", "manifests/*", "latest.json"]
  written   = concat(local.published, ["raw/*", "staging/*", "status.json"])
}

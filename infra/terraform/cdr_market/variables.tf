variable "environment" {
  description = "test or prod; each has its own state, bucket, roles and API."
  type        = string

  validation {
    condition     = contains(["test", "prod"], var.environment)
    error_message = "environment must be test or prod."
  }
}

variable "region" {
  description = "Region of everything."
  type        = string
  default     = "ca-central-1"
}

variable "bucket" {
  description = "Name of the environment's bucket, as REGENDATA_CDR_TEST_BUCKET or REGENDATA_CDR_PROD_BUCKET says."
  type        = string
}

variable "publisher_arn" {
  description = "Principal that runs Airflow and may take the publisher's role."
  type        = string
}

variable "origins" {
  description = "Origins of pages that may read files and ask for URLs."
  type        = list(string)

  validation {
    condition     = length(var.origins) > 0 && alltrue([for one in var.origins : startswith(one, "https://")])
    error_message = "origins must be https:// origins, at least one; a wildcard is not allowed."
  }
}

variable "function_zip" {
  description = "Zip built by python -m infra.aws_lambda.package."
  type        = string
  default     = "../../../build/presigned_url.zip"
}

variable "requests_per_second" {
  description = "Requests that the API answers per second, for all callers together."
  type        = number
  default     = 20
}

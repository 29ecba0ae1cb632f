variable "environment" {
  description = "test or prod; each has its own project, state, bucket, dataset and accounts."
  type        = string

  validation {
    condition     = contains(["test", "prod"], var.environment)
    error_message = "environment must be test or prod."
  }
}

variable "project" {
  description = "Google Cloud project."
  type        = string
}

variable "region" {
  description = "Region of the bucket, the key and the pool."
  type        = string
  default     = "us-central1"
}

variable "location" {
  description = "Location of the dataset, as REGENDATA_MEV_BIGQUERY_LOCATION says. That of public data sets is US."
  type        = string
  default     = "US"
}

variable "bucket" {
  description = "Name of the bucket, as REGENDATA_MEV_BUCKET says."
  type        = string
}

variable "dataset" {
  description = "Name of the dataset, as REGENDATA_MEV_BIGQUERY_DATASET says."
  type        = string
  default     = "mev_boost"
}

variable "analysts" {
  description = "Groups that may read the tables, such as group:analysts@example.org."
  type        = list(string)

  validation {
    condition     = !contains(var.analysts, "allUsers") && !contains(var.analysts, "allAuthenticatedUsers")
    error_message = "Everybody reads the public views only; see public."
  }
}

variable "public" {
  description = "Whether everybody may read the data set of the last 28 days."
  type        = bool
  default     = false
}

variable "cluster" {
  description = "GKE cluster that Airflow's tasks run on; it exists already."
  type        = string
}

variable "namespace" {
  description = "Kubernetes namespace and service account of backload pods, as namespace/name."
  type        = string
  default     = "regendata/mev-boost"
}

variable "machine_type" {
  description = "Machine of the pool that backloads run on."
  type        = string
  default     = "e2-standard-4"
}

variable "most_nodes" {
  description = "Machines that a backload may have at once; without work there is none."
  type        = number
  default     = 4
}

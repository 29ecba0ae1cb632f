variable "region" {
  description = "Region of droplet, volume and Spaces."
  type        = string
  default     = "fra1"
}

variable "size" {
  description = "Size of the droplet; the memory limits of docker-compose.yaml add up to less than 16 GB."
  type        = string
  default     = "s-8vcpu-16gb"
}

variable "data_gib" {
  description = "Size of the volume that holds PostgreSQL's data and Docker's images, in GiB."
  type        = number
  default     = 250

  validation {
    condition     = var.data_gib >= 100
    error_message = "data_gib must be at least 100: a refresh holds several builds at a time."
  }
}

variable "ssh_key_fingerprints" {
  description = "Fingerprints of SSH keys that may log in; passwords cannot."
  type        = list(string)

  validation {
    condition     = length(var.ssh_key_fingerprints) > 0
    error_message = "ssh_key_fingerprints must name at least one key."
  }
}

variable "admin_networks" {
  description = "Networks (CIDR) that may reach SSH."
  type        = list(string)

  validation {
    condition     = length(var.admin_networks) > 0 && alltrue([for one in var.admin_networks : can(cidrhost(one, 0)) && !endswith(one, "/0")])
    error_message = "admin_networks must be CIDR networks, and not the whole internet."
  }
}

variable "reader_networks" {
  description = "Networks (CIDR) of readers that read PostgreSQL directly; none unless named."
  type        = list(string)
  default     = []

  validation {
    condition     = alltrue([for one in var.reader_networks : can(cidrhost(one, 0)) && !endswith(one, "/0")])
    error_message = "reader_networks must be CIDR networks, and not the whole internet."
  }
}

variable "domain" {
  description = "Domain whose records are made; the three names below stand in it."
  type        = string
}

variable "names" {
  description = "Names in the domain: Airflow, Metabase and the public API."
  type        = list(string)
  default     = ["airflow", "metabase", "data"]
}

variable "bucket" {
  description = "Name of the bucket, as REGENDATA_SPACES_BUCKET says; names are unique over all of Spaces."
  type        = string
}

variable "backup_bucket" {
  description = "Name of the bucket of backups, as REGENDATA_BACKUP_BUCKET says."
  type        = string
}

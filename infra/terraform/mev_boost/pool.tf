# Machines for backloads only: none while there is no work, cheap ones that may be taken away at any time. A task
# that is killed has stored what is covered; the rest is a gap and is planned again.
resource "google_container_node_pool" "backload" {
  name           = "mev-boost-${var.environment}"
  cluster        = var.cluster
  location       = var.region
  node_locations = ["${var.region}-a"]

  autoscaling {
    min_node_count = 0
    max_node_count = var.most_nodes
  }

  management {
    auto_repair  = true
    auto_upgrade = true
  }

  node_config {
    machine_type    = var.machine_type
    spot            = true
    service_account = google_service_account.node.email
    oauth_scopes    = ["https://www.googleapis.com/auth/cloud-platform"]

    labels = {
      regendata-pool = "mev-boost"
    }

    taint {
      key    = "regendata-pool"
      value  = "mev-boost"
      effect = "NO_SCHEDULE"
    }

    shielded_instance_config {
      enable_secure_boot          = true
      enable_integrity_monitoring = true
    }

    workload_metadata_config {
      mode = "GKE_METADATA"
    }
  }
}

# What the machines themselves may do: write logs and metrics, pull images.
resource "google_service_account" "node" {
  account_id   = "mev-boost-node-${var.environment}"
  display_name = "Machines of the MEV-Boost pool"
}

resource "google_project_iam_member" "node" {
  for_each = toset([
    "roles/artifactregistry.reader",
    "roles/logging.logWriter",
    "roles/monitoring.metricWriter",
  ])

  project = var.project
  role    = each.value
  member  = google_service_account.node.member
}

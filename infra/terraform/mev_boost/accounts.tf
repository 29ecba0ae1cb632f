# The account that tasks run as, without a key: a pod gets it by its Kubernetes service account.
resource "google_service_account" "loader" {
  account_id   = "mev-boost-loader-${var.environment}"
  display_name = "Stores and loads bids and payloads"
}

resource "google_service_account_iam_member" "workers" {
  service_account_id = google_service_account.loader.name
  role               = "roles/iam.workloadIdentityUser"
  member             = "serviceAccount:${var.project}.svc.id.goog[${var.namespace}]"
}

# Reads and overwrites objects of this bucket and no other; changes nothing about the bucket.
resource "google_storage_bucket_iam_member" "loader" {
  bucket = google_storage_bucket.objects.name
  role   = "roles/storage.objectUser"
  member = google_service_account.loader.member
}

# Changes rows of this dataset, writes its views, and makes and drops the tables that hours are staged in.
resource "google_bigquery_dataset_iam_member" "loader" {
  dataset_id = google_bigquery_dataset.mev_boost.dataset_id
  role       = "roles/bigquery.dataEditor"
  member     = google_service_account.loader.member
}

# Writes the views that everybody may read.
resource "google_bigquery_dataset_iam_member" "loader_public" {
  dataset_id = google_bigquery_dataset.public.dataset_id
  role       = "roles/bigquery.dataEditor"
  member     = google_service_account.loader.member
}

# Runs jobs; what they read is decided above.
resource "google_project_iam_member" "loader_jobs" {
  project = var.project
  role    = "roles/bigquery.jobUser"
  member  = google_service_account.loader.member
}

resource "google_bigquery_dataset_iam_member" "analysts" {
  for_each = toset(var.analysts)

  dataset_id = google_bigquery_dataset.mev_boost.dataset_id
  role       = "roles/bigquery.dataViewer"
  member     = each.value
}

resource "google_bigquery_dataset_iam_member" "everybody" {
  count = var.public ? 1 : 0

  dataset_id = google_bigquery_dataset.public.dataset_id
  role       = "roles/bigquery.dataViewer"
  member     = "allAuthenticatedUsers"
}

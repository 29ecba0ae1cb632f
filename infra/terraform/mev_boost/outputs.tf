output "loader" {
  description = "Account for the Airflow connection google_cloud_default; annotate the workers' service account with it."
  value       = google_service_account.loader.email
}

output "objects" {
  description = "Where objects stand."
  value       = "gs://${google_storage_bucket.objects.name}"
}

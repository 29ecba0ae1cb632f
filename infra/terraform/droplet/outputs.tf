output "address" {
  description = "Address of the droplet; it stays when the droplet is made anew."
  value       = digitalocean_reserved_ip.regendata.ip_address
}

output "names" {
  description = "Names for AIRFLOW_DOMAIN, METABASE_DOMAIN and PUBLIC_API_DOMAIN in .env."
  value       = [for record in digitalocean_record.names : record.fqdn]
}

output "spaces_endpoint" {
  description = "endpoint_url of the Airflow connection spaces."
  value       = "https://${var.region}.digitaloceanspaces.com"
}

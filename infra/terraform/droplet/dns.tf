resource "digitalocean_record" "names" {
  for_each = toset(var.names)
  domain   = var.domain
  type     = "A"
  name     = each.value
  value    = digitalocean_reserved_ip.regendata.ip_address
  ttl      = 300
}

# Only Let's Encrypt may issue certificates for these names.
resource "digitalocean_record" "issuer" {
  for_each = toset(var.names)
  domain   = var.domain
  type     = "CAA"
  name     = each.value
  value    = "letsencrypt.org."
  flags    = 0
  tag      = "issue"
  ttl      = 3600
}

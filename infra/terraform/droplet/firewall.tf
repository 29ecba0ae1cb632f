# Everything else is closed: Docker publishes on the loopback address, and this firewall stands before the droplet.
resource "digitalocean_firewall" "regendata" {
  name        = "regendata"
  droplet_ids = [digitalocean_droplet.regendata.id]

  inbound_rule {
    protocol         = "tcp"
    port_range       = "22"
    source_addresses = var.admin_networks
  }

  # 80 answers certbot's challenges and sends everybody else to 443.
  inbound_rule {
    protocol         = "tcp"
    port_range       = "80"
    source_addresses = ["0.0.0.0/0", "::/0"]
  }

  inbound_rule {
    protocol         = "tcp"
    port_range       = "443"
    source_addresses = ["0.0.0.0/0", "::/0"]
  }

  dynamic "inbound_rule" {
    for_each = length(var.reader_networks) > 0 ? [1] : []

    content {
      protocol         = "tcp"
      port_range       = "5432"
      source_addresses = var.reader_networks
    }
  }

  outbound_rule {
    protocol              = "tcp"
    port_range            = "1-65535"
    destination_addresses = ["0.0.0.0/0", "::/0"]
  }

  outbound_rule {
    protocol              = "udp"
    port_range            = "1-65535"
    destination_addresses = ["0.0.0.0/0", "::/0"]
  }
}

resource "digitalocean_vpc" "regendata" {
  name     = "regendata-${var.region}"
  region   = var.region
  ip_range = "10.118.0.0/24"
}

resource "digitalocean_volume" "data" {
  name                    = "regendata-data"
  region                  = var.region
  size                    = var.data_gib
  initial_filesystem_type = "ext4"

  lifecycle {
    prevent_destroy = true
  }
}

resource "digitalocean_droplet" "regendata" {
  #checkov:skip=CKV_DIO_2:the keys are a variable that has to name at least one
  name       = "regendata"
  image      = "debian-13-x64"
  region     = var.region
  size       = var.size
  vpc_uuid   = digitalocean_vpc.regendata.id
  ssh_keys   = var.ssh_key_fingerprints
  monitoring = true
  ipv6       = true
  volume_ids = [digitalocean_volume.data.id]
  user_data  = file("${path.module}/cloud-init.yaml")

  lifecycle {
    # A change of the first start's script must not make the machine anew.
    ignore_changes = [user_data, image]
  }
}

resource "digitalocean_reserved_ip" "regendata" {
  region     = var.region
  droplet_id = digitalocean_droplet.regendata.id
}

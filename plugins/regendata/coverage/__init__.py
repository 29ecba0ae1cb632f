"""What has been proved fetched, as intervals of whole numbers; what is wanted and not covered is a gap."""

"""One module per upstream; each exports `SERVICE`."""

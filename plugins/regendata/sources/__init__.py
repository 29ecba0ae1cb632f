"""One module per upstream: what it offers and how its answers become rows. Pure: nothing connects here."""

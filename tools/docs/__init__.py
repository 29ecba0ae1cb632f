"""Pages that are made from the code: `make docs` writes them, and a test fails where one is behind."""

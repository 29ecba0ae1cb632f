"""Rows from an upstream into the warehouse: each load is one cut, switched in as a whole."""

"""What people are told of, and when. Sends nothing by itself."""

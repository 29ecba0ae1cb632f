"""What runs in AWS Lambda, and how it gets there."""

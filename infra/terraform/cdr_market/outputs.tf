output "presigned_url_endpoint" {
  description = "Where the website asks for URLs."
  value       = "${aws_apigatewayv2_api.public.api_endpoint}/presigned-url"
}

output "publisher_role" {
  description = "Role for the Airflow connection of this environment."
  value       = aws_iam_role.publisher.arn
}

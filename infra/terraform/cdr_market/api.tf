resource "aws_cloudwatch_log_group" "function" {
  name              = "/aws/lambda/cdr-market-${var.environment}-presigned-url"
  retention_in_days = 400
  kms_key_id        = aws_kms_key.market.arn
}

resource "aws_lambda_function" "presigned_url" {
  function_name                  = "cdr-market-${var.environment}-presigned-url"
  role                           = aws_iam_role.function.arn
  runtime                        = "python3.12"
  architectures                  = ["arm64"]
  handler                        = "regendata.api.aws_lambda.handler"
  filename                       = var.function_zip
  source_code_hash               = filebase64sha256(var.function_zip)
  memory_size                    = 256
  timeout                        = 10
  reserved_concurrent_executions = 20
  kms_key_arn                    = aws_kms_key.market.arn

  environment {
    variables = {
      CDR_BUCKET  = aws_s3_bucket.market.id
      CDR_ORIGINS = join(",", var.origins)
    }
  }

  depends_on = [aws_cloudwatch_log_group.function, aws_iam_role_policy.function]
}

resource "aws_apigatewayv2_api" "public" {
  name          = "cdr-market-${var.environment}"
  protocol_type = "HTTP"
}

resource "aws_apigatewayv2_integration" "presigned_url" {
  api_id                 = aws_apigatewayv2_api.public.id
  integration_type       = "AWS_PROXY"
  integration_uri        = aws_lambda_function.presigned_url.invoke_arn
  payload_format_version = "2.0"
}

# Open to everybody on purpose: the function signs published files only. It answers preflights itself.
resource "aws_apigatewayv2_route" "presigned_url" {
  for_each = toset(["GET", "OPTIONS"])

  api_id             = aws_apigatewayv2_api.public.id
  route_key          = "${each.key} /presigned-url"
  target             = "integrations/${aws_apigatewayv2_integration.presigned_url.id}"
  authorization_type = "NONE" #checkov:skip=CKV_AWS_309:public by design
}

resource "aws_apigatewayv2_stage" "public" {
  api_id      = aws_apigatewayv2_api.public.id
  name        = "$default"
  auto_deploy = true

  default_route_settings {
    throttling_rate_limit  = var.requests_per_second
    throttling_burst_limit = var.requests_per_second * 2
  }

  access_log_settings {
    destination_arn = aws_cloudwatch_log_group.api.arn
    format = jsonencode({
      time   = "$context.requestTime"
      route  = "$context.routeKey"
      status = "$context.status"
      millis = "$context.responseLatency"
    })
  }
}

resource "aws_cloudwatch_log_group" "api" {
  name              = "/aws/apigateway/cdr-market-${var.environment}"
  retention_in_days = 400
  kms_key_id        = aws_kms_key.market.arn
}

resource "aws_lambda_permission" "api" {
  statement_id  = "OnlyThisApi"
  action        = "lambda:InvokeFunction"
  function_name = aws_lambda_function.presigned_url.function_name
  principal     = "apigateway.amazonaws.com"
  source_arn    = "${aws_apigatewayv2_api.public.execution_arn}/*/*/presigned-url"
}

"""The AWS-compatible HTTP endpoint: what `aws`, boto3 and every SDK speak to."""

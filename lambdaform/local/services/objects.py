"""Objects of S3, for code that is there.

Source: Amazon S3 API Reference, GetObject.
"""

from __future__ import annotations

from lambdaform.local.errors import AwsError
from lambdaform.local.services.stack_resources import Clients


def read_object(clients: Clients, bucket: str, key: str, version: str | None) -> bytes:
    """An object's content. Raises `AwsError` with S3's code and message where there is none."""
    from botocore.exceptions import BotoCoreError, ClientError

    which = {"VersionId": version} if version else {}
    try:
        content: bytes = clients("s3").get_object(Bucket=bucket, Key=key, **which)["Body"].read()
    except ClientError as error:
        told = error.response["Error"]
        status = error.response["ResponseMetadata"]["HTTPStatusCode"]
        raise AwsError(told["Code"], told["Message"], status) from error
    except BotoCoreError as error:
        raise AwsError("ServiceUnavailable", str(error), 503) from error
    return content

"""Whether an event source is there, and what decides on its mapping.

Source: API References of SQS (GetQueueAttributes), Kinesis (DescribeStreamSummary) and DynamoDB Streams (DescribeStream).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from lambdaform.local.services.stack_resources import Clients


def describe_source(clients: Clients, arn: str) -> Mapping[str, Any] | None:
    """What is known of a queue or a stream; None where it is not there. Other kinds of sources are taken as they are."""
    from botocore.exceptions import ClientError

    service, name = arn.split(":")[2], arn.split(":", 5)[5]
    try:
        if service == "sqs":
            sqs = clients("sqs")
            url = sqs.get_queue_url(QueueName=name)["QueueUrl"]
            told = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["VisibilityTimeout"])
            return {"VisibilityTimeout": int(told["Attributes"]["VisibilityTimeout"])}
        if service == "kinesis":
            clients("kinesis").describe_stream_summary(StreamName=name.partition("/")[2].partition("/")[0])
        elif service == "dynamodb":
            clients("dynamodbstreams").describe_stream(StreamArn=arn)
    except ClientError:
        return None
    return {}

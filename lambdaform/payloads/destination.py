"""Records of invocations: what Lambda sends to the destination of an asynchronous one, and of a failed batch.

Source: AWS Lambda Developer Guide, invocation-async-retain-records, kinesis-on-failure-destination, services-dynamodb-errors.
"""

from __future__ import annotations

from typing import Any

from attrs import frozen

from lambdaform.payloads.payload import Payload, named


@frozen(kw_only=True)
class RequestContext(Payload):
    """The invocation, and why the record was sent."""

    request_id: str
    function_arn: str
    condition: str
    approximate_invoke_count: int


@frozen(kw_only=True)
class ResponseContext(Payload):
    """How Lambda answered."""

    status_code: int
    executed_version: str | None = None
    function_error: str | None = None


@frozen(kw_only=True)
class Record(Payload):
    """An asynchronous invocation, with its event and what the function answered."""

    version: str
    timestamp: str
    request_context: RequestContext
    request_payload: Any
    response_context: ResponseContext | None = None
    response_payload: Any = None


@frozen(kw_only=True)
class BatchInfo(Payload):
    """Where in the stream the failed records are."""

    shard_id: str
    start_sequence_number: str
    end_sequence_number: str
    approximate_arrival_of_first_record: str
    approximate_arrival_of_last_record: str
    batch_size: int
    stream_arn: str


@frozen(kw_only=True)
class BatchRecord(Payload):
    """A batch of a stream that failed; one of the two infos says of which stream. Only S3 gets the records too."""

    request_context: RequestContext
    response_context: ResponseContext | None = None
    version: str
    timestamp: str
    kinesis_batch_info: BatchInfo | None = named("KinesisBatchInfo", None)
    ddb_stream_batch_info: BatchInfo | None = named("DDBStreamBatchInfo", None)
    payload: str | None = None


def sample(
    condition: str = "RetriesExhausted",
    *,
    payload: Any = None,
    error: str = "Unhandled",
    function: str = "my-function",
    region: str = "us-east-1",
    account: str = "123456789012",
) -> Record:
    """An event that failed all its attempts; with ``condition="Success"``, one that went well."""
    failed = condition != "Success"
    return Record(
        version="1.0",
        timestamp="2019-11-14T18:16:05.568Z",
        request_context=RequestContext(
            request_id="e4b46cbf-b738-xmpl-8880-a18cdf61200e",
            function_arn=f"arn:aws:lambda:{region}:{account}:function:{function}:$LATEST",
            condition=condition,
            approximate_invoke_count=3 if failed else 1,
        ),
        request_payload={"ORDER_IDS": ["9e07af03-ce31-4ff3-xmpl-36dce652cb4f"]}
        if payload is None
        else payload,
        response_context=ResponseContext(
            status_code=200, executed_version="$LATEST", function_error=error if failed else None
        ),
        response_payload={"errorMessage": "Process exited before completing request"} if failed else {},
    )


def sample_batch(
    stream: str = "mystream",
    *,
    function: str = "myfunction",
    region: str = "us-east-2",
    account: str = "123456789012",
) -> BatchRecord:
    """A batch of a Kinesis stream that failed all its attempts."""
    return BatchRecord(
        request_context=RequestContext(
            request_id="c9b8fa9f-5a7f-xmpl-af9c-0c604cde93a5",
            function_arn=f"arn:aws:lambda:{region}:{account}:function:{function}",
            condition="RetryAttemptsExhausted",
            approximate_invoke_count=1,
        ),
        response_context=ResponseContext(
            status_code=200, executed_version="$LATEST", function_error="Unhandled"
        ),
        version="1.0",
        timestamp="2019-11-14T00:38:06.021Z",
        kinesis_batch_info=BatchInfo(
            shard_id="shardId-000000000001",
            start_sequence_number="49601189658422359378836298521827638475320189012309704722",
            end_sequence_number="49601189658422359378836298522902373528957594348623495186",
            approximate_arrival_of_first_record="2019-11-14T00:38:04.835Z",
            approximate_arrival_of_last_record="2019-11-14T00:38:05.580Z",
            batch_size=500,
            stream_arn=f"arn:aws:kinesis:{region}:{account}:stream/{stream}",
        ),
    )

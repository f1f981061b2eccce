"""What a function answers that Lambda hands batches to: which of the items failed.

Source: AWS Lambda Developer Guide, services-sqs-errorhandling, services-kinesis-batchfailurereporting.
"""

from __future__ import annotations

from collections.abc import Sequence

from attrs import frozen

from lambdaform.payloads.payload import Payload


@frozen(kw_only=True)
class BatchItemFailure(Payload):
    """One item that failed: a message's id, or a record's sequence number."""

    item_identifier: str


@frozen(kw_only=True)
class BatchResponse(Payload):
    """The items that are to be tried again; none where all went well."""

    batch_item_failures: Sequence[BatchItemFailure]


def failed(*identifiers: str) -> BatchResponse:
    """The answer that names the items that failed."""
    return BatchResponse(batch_item_failures=[BatchItemFailure(item_identifier=each) for each in identifiers])

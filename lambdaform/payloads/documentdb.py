"""Changes of a DocumentDB cluster, from its change stream.

Source: AWS Lambda Developer Guide, with-documentdb; MongoDB Manual, "Change Events".
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from attrs import frozen

from lambdaform.payloads.payload import Payload, named


@frozen(kw_only=True)
class Namespace(Payload):
    """The database and the collection."""

    db: str
    coll: str | None = None


@frozen(kw_only=True)
class Change(Payload):
    """One change, in MongoDB's extended JSON."""

    id: Mapping[str, Any] = named("_id")
    cluster_time: Mapping[str, Any] | None = None
    document_key: Mapping[str, Any] | None = None
    full_document: Mapping[str, Any] | None = None
    update_description: Mapping[str, Any] | None = None
    ns: Namespace
    operation_type: str


@frozen(kw_only=True)
class Record(Payload):
    """The envelope of one change."""

    event: Change


@frozen(kw_only=True)
class Event(Payload):
    """A batch of changes."""

    event_source_arn: str
    events: Sequence[Record]
    event_source: str


def sample(
    operation_type: str = "insert",
    *,
    database: str = "test_database",
    collection: str = "test_collection",
    region: str = "us-east-1",
    account: str = "123456789012",
) -> Event:
    """One change of a document."""
    key = {"_id": {"$oid": "63eeb6e7d418cd98afb1c1d7"}}
    change = Change(
        id={"_data": "0163eeb6e7000000090100000009000041e1"},
        cluster_time={"$timestamp": {"t": 1676588775, "i": 9}},
        document_key=key,
        full_document={**key, "anyField": "sampleValue"} if operation_type != "delete" else None,
        ns=Namespace(db=database, coll=collection),
        operation_type=operation_type,
    )
    return Event(
        event_source_arn=f"arn:aws:rds:{region}:{account}:cluster:canaryclusterb2a659a2-qo5tcmqkcl03",
        events=[Record(event=change)],
        event_source="aws:docdb",
    )

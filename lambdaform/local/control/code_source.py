"""Where a function's code comes from: bytes in the request, an object in S3, or a container image.

Objects are read by whoever knows the account's S3; where nobody does, code cannot come from there. Images are named and
never read.

Source: Lambda API Reference, FunctionCode and UpdateFunctionCode; recorded answers.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Any

from attrs import field, frozen

from lambdaform.local.control.records import StoredCode
from lambdaform.local.control.state import State
from lambdaform.local.errors import AwsError, invalid_parameter

#: What is unpacked on the event loop itself; more goes to a thread.
_SMALL = 1 << 20


@frozen(kw_only=True)
class Code:
    """A function's code as it is kept: an archive, or an image by its address."""

    stored: StoredCode | None = None
    image_uri: str | None = None
    #: What is told of where it came from.
    source: Mapping[str, Any] = field(factory=dict)


async def code_from(given: Mapping[str, Any], state: State) -> Code:
    """The code that a FunctionCode names. Raises `AwsError` where it is none that Lambda takes."""
    if given.get("ImageUri"):
        return Code(image_uri=given["ImageUri"])
    data, source = await _archive(given, state)
    if given.get("SourceKMSKeyArn"):
        source["SourceKMSKeyArn"] = given["SourceKMSKeyArn"]
    return Code(stored=await _stored(data, state), source=source)


async def _archive(given: Mapping[str, Any], state: State) -> tuple[bytes, dict[str, Any]]:
    data = given.get("ZipFile")
    if data is not None:
        limit = state.quotas.zip_bytes
        if len(data) >= limit:
            raise AwsError(
                "RequestEntityTooLargeException", f"Zipped size must be smaller than {limit} bytes", 413
            )
        return data, {}
    bucket, key, version = given.get("S3Bucket"), given.get("S3Key"), given.get("S3ObjectVersion")
    if not bucket or not key:
        raise invalid_parameter("Please provide a source for function code.")
    if state.read_object is None:
        raise invalid_parameter(
            f"s3://{bucket}/{key} cannot be read: there is no S3 here. Send the archive itself, as ZipFile."
        )
    try:
        data = await state.read_object(bucket, key, version)
    except AwsError as error:
        raise invalid_parameter(
            f"Error occurred while GetObject. S3 Error Code: {error.code}. S3 Error Message: {error.message}"
        ) from error
    if given.get("S3ObjectStorageMode") != "REFERENCE":
        return data, {}
    resolved = {"S3Bucket": bucket, "S3Key": key, "S3ObjectVersion": version}
    return data, {"ResolvedS3Object": {name: each for name, each in resolved.items() if each is not None}}


async def _stored(data: bytes, state: State) -> StoredCode:
    if len(data) <= _SMALL:
        return state.codes.put_zip(data)
    return await asyncio.to_thread(state.codes.put_zip, data)

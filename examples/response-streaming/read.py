"""Reads a story as it is told; its arguments are the endpoint and the hero."""

import json
import sys

import boto3

url, hero = sys.argv[1:]
local = {"region_name": "us-east-1", "aws_access_key_id": "any", "aws_secret_access_key": "any"}
client = boto3.client("lambda", endpoint_url=url, **local)
event = json.dumps({"hero": hero})
answer = client.invoke_with_response_stream(FunctionName="Tell", Payload=event)
for each in answer["EventStream"]:
    if "PayloadChunk" in each:
        print(each["PayloadChunk"]["Payload"].decode(), end="", flush=True)
    else:
        print("\nThe end:", each["InvokeComplete"].get("ErrorCode", "as it should be"))

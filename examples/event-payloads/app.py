"""An album: lists the pictures that are put into a bucket, and skips what is none."""

from lambdaform import Bucket, Function, Queue, Runtime, S3Event, Stack

stack = Stack("album", description="Lists the pictures that are put into a bucket")

pictures = stack.add(Bucket("Pictures"))
failed = stack.add(Queue("Failed"))
stack.add(
    Function(
        "List",
        runtime=Runtime.PYTHON_3_13,
        handler="album.handler",
        code_uri="src",
        timeout=30,
        dead_letter_queue=failed,
        events={"New": S3Event(pictures, events=["s3:ObjectCreated:*"])},
    )
)

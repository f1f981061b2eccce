"""An inbox for invoices: what is uploaded is looked at, and its copy goes elsewhere, so that nothing runs in circles."""

from lambdaform import Bucket, Function, PublicAccessBlockConfiguration, Queue, Runtime, S3Event, Stack

stack = Stack("invoices", description="Takes invoices in")

closed = PublicAccessBlockConfiguration(
    block_public_acls=True, block_public_policy=True, ignore_public_acls=True, restrict_public_buckets=True
)
inbox = stack.add(Bucket("Inbox", public_access_block_configuration=closed))
missed = stack.add(Queue("MissedInvoices", message_retention_period=14 * 24 * 60 * 60))
stack.add(
    Function(
        "Register",
        runtime=Runtime.PYTHON_3_13,
        handler="register.handler",
        code_uri="src",
        dead_letter_queue=missed,
        events={
            "Uploaded": S3Event(
                inbox, events="s3:ObjectCreated:*", filter={"prefix": "incoming/", "suffix": ".pdf"}
            )
        },
    )
)

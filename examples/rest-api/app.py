"""A guest book behind a REST API: requests are checked by the gateway before the function sees them."""

from lambdaform import Api, ApiCors, ApiEvent, Function, RequestModel, Runtime, Stack

stack = Stack("guestbook", description="A guest book")

api = stack.add(
    Api(
        "GuestBook",
        stage_name="v1",
        cors=ApiCors(allow_origin="'https://example.com'", allow_headers="'content-type'"),
        models={
            "Entry": {
                "type": "object",
                "required": ["name", "text"],
                "properties": {"name": {"type": "string"}, "text": {"type": "string", "maxLength": 500}},
            }
        },
        tracing_enabled=True,
    )
)
stack.add(
    Function(
        "Write",
        runtime=Runtime.PYTHON_3_13,
        handler="guestbook.write",
        code_uri="src",
        timeout=10,
        events={
            "Post": ApiEvent(
                "/entries/{year}",
                "post",
                rest_api_id=api,
                request_model=RequestModel(model="Entry", required=True, validate_body=True),
            )
        },
    )
)

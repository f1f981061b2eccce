"""A club's bar: a doorman function decides who may ask for the price list."""

from lambdaform import (
    Function,
    HttpApi,
    HttpApiAuth,
    HttpApiEvent,
    HttpApiLambdaAuthorizer,
    HttpApiLambdaAuthorizerIdentity,
    Runtime,
    Stack,
)

stack = Stack("bar", description="Prices for members")
stack.globals_for(Function, runtime=Runtime.PYTHON_3_13, code_uri="src", timeout=5)

doorman = stack.add(Function("Doorman", handler="doorman.handler", environment={"MEMBERS": "ada,grace"}))
api = stack.add(
    HttpApi(
        "Bar",
        auth=HttpApiAuth(
            authorizers={
                "Doorman": HttpApiLambdaAuthorizer(
                    doorman,
                    authorizer_payload_format_version="2.0",
                    enable_simple_responses=True,
                    enable_function_default_permissions=True,
                    identity=HttpApiLambdaAuthorizerIdentity(headers=["x-member"], reauthorize_every=300),
                )
            },
            default_authorizer="Doorman",
        ),
    )
)
stack.add(
    Function("Prices", handler="prices.handler", events={"Get": HttpApiEvent("/prices", "GET", api_id=api)})
)

"""A list of errands behind an HTTP API that only signed-in users may call."""

from lambdaform import (
    Function,
    HttpApi,
    HttpApiAuth,
    HttpApiCors,
    HttpApiEvent,
    JwtConfiguration,
    OAuth2Authorizer,
    RouteSettings,
    Runtime,
    Stack,
)

stack = Stack("errands", description="What is to be done")

issuer = stack.parameter("Issuer", default="https://login.example.com/")
api = stack.add(
    HttpApi(
        "Errands",
        auth=HttpApiAuth(
            authorizers={
                "Users": OAuth2Authorizer(
                    identity_source="$request.header.Authorization",
                    jwt_configuration=JwtConfiguration(issuer=issuer.ref, audience=["errands"]),
                )
            },
            default_authorizer="Users",
        ),
        cors_configuration=HttpApiCors(allow_origins=["https://example.com"], allow_methods=["GET"]),
        default_route_settings=RouteSettings(throttling_burst_limit=50, throttling_rate_limit=100),
    )
)
stack.add(
    Function(
        "List",
        runtime=Runtime.PYTHON_3_13,
        handler="errands.handler",
        code_uri="src",
        timeout=10,
        events={"Get": HttpApiEvent("/errands/{day}", "GET", api_id=api)},
    )
)
stack.output("Address", api.url)

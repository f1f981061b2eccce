"""A forecast that needs a station's password and a partner's key, neither of which is in the template."""

from troposphere import secretsmanager

from lambdaform import Function, Runtime, Stack, grants, secret, ssm

stack = Stack("forecast", description="Says what the weather will be")

partner = stack.add(
    secretsmanager.Secret("Partner", GenerateSecretString=secretsmanager.GenerateSecretString())
)
stack.add(
    Function(
        "Forecast",
        runtime=Runtime.PYTHON_3_13,
        handler="forecast.handler",
        code_uri="src",
        environment={
            # Fetched by CloudFormation when the function is deployed.
            "STATION_PASSWORD": secret("forecast/station", "password"),
            "STATION_HEIGHT": ssm("/forecast/height"),
            # Read by the code when it runs.
            "PARTNER_SECRET": partner.ref,
        },
        policies=[grants.read(partner)],
    )
)

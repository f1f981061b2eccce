"""A post office that needs more than Lambda: troposphere's resources, raw properties, and a resource in AWS's own words."""

from troposphere import secretsmanager, ssm

from lambdaform import Function, RawResource, Runtime, Stack, policies

stack = Stack("post", description="Franks letters", tags={"team": "post"})

rate = stack.add(ssm.Parameter("PostageRate", Type="String", Value="0.95", Name="/post/rate"))
key = stack.add(
    secretsmanager.Secret(
        "StampKey", GenerateSecretString=secretsmanager.GenerateSecretString(PasswordLength=40)
    )
)
places = stack.add(
    RawResource(
        "Places",
        type="AWS::Location::PlaceIndex",
        raw={"IndexName": "post-places", "DataSource": "Here", "PricingPlan": "RequestBasedUsage"},
    )
)

stack.add(
    Function(
        "Frank",
        runtime=Runtime.PYTHON_3_13,
        handler="frank.handler",
        code_uri="src",
        environment={"RATE": rate.attr("Value"), "KEY": key.ref, "PLACES": places.ref},
        policies=[policies.secrets_manager_get_secret_value(key.ref)],
        raw={"Description": "Franks a letter"},
    )
)

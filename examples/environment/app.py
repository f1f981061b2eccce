"""Currency exchange: rates and the key for them come from the environment."""

from troposphere import kms, secretsmanager

from lambdaform import Function, Runtime, Stack, policies, sub

stack = Stack("exchange", description="Converts amounts")

stage = stack.parameter("Stage", default="dev", allowed_values=["dev", "prod"])
key = stack.add(
    kms.Key(
        "VariablesKey",
        EnableKeyRotation=True,
        KeyPolicy={
            "Version": "2012-10-17",
            "Statement": [
                {
                    "Effect": "Allow",
                    "Principal": {"AWS": sub("arn:${AWS::Partition}:iam::${AWS::AccountId}:root")},
                    "Action": "kms:*",
                    "Resource": "*",
                }
            ],
        },
    )
)
api_key = stack.add(
    secretsmanager.Secret("RatesApiKey", GenerateSecretString=secretsmanager.GenerateSecretString())
)

stack.add(
    Function(
        "Convert",
        runtime=Runtime.PYTHON_3_13,
        handler="convert.handler",
        code_uri="src",
        environment={
            "STAGE": stage.ref,
            "RATES": '{"EUR": "1", "SEK": "11.05", "USD": "1.16"}',
            "API_KEY_SECRET": api_key.ref,
        },
        kms_key_arn=key.attr("Arn"),
        policies=[policies.secrets_manager_get_secret_value(api_key.ref), policies.kms_decrypt(key.ref)],
    )
)

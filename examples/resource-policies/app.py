"""A rate service that a topic, a partner's account and one's own organisation may call, and nobody else."""

from lambdaform import Aws, Function, Permission, Runtime, Stack, Topic

stack = Stack("rates", description="Exchange rates for partners")

partner = stack.parameter("PartnerAccount", default="123456789012", allowed_pattern=r"\d{12}")
changes = stack.add(Topic("RateChanges"))
rates = stack.add(
    Function(
        "Rates",
        runtime=Runtime.PYTHON_3_13,
        handler="rates.handler",
        code_uri="src",
        auto_publish_alias="live",
    )
)

stack.add(
    Permission(
        "TopicMayInvoke",
        function_name=rates.alias,
        principal="sns.amazonaws.com",
        source_arn=changes,
        source_account=Aws.ACCOUNT_ID,
    )
)
stack.add(Permission("PartnerMayInvoke", function_name=rates.alias, principal=partner.ref))
stack.add(
    Permission("OrganisationMayInvoke", function_name=rates, principal="*", principal_org_id="o-a1b2c3d4e5")
)

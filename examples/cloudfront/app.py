"""Nice addresses: a function at the edge adds index.html before the origin is asked."""

from troposphere import cloudfront as cdn

from lambdaform import Function, Runtime, Stack, Trust

stack = Stack("site", description="A web site with functions at the edge; for us-east-1")

origin = stack.parameter("OriginDomain", default="origin.example.com")
rewrite = stack.add(
    Function(
        "Rewrite",
        runtime=Runtime.PYTHON_3_13,
        handler="rewrite.handler",
        code_uri="src",
        timeout=5,
        auto_publish_alias="live",
        assume_role_policy_document=Trust("lambda.amazonaws.com", "edgelambda.amazonaws.com"),
    )
)
stack.add(
    cdn.Distribution(
        "Site",
        DistributionConfig=cdn.DistributionConfig(
            Enabled=True,
            Origins=[
                cdn.Origin(
                    Id="site",
                    DomainName=origin.ref,
                    CustomOriginConfig=cdn.CustomOriginConfig(OriginProtocolPolicy="https-only"),
                )
            ],
            DefaultCacheBehavior=cdn.DefaultCacheBehavior(
                TargetOriginId="site",
                ViewerProtocolPolicy="redirect-to-https",
                CachePolicyId="658327ea-f89d-4fab-a63d-7e88639e58f6",
                LambdaFunctionAssociations=[
                    cdn.LambdaFunctionAssociation(
                        EventType="origin-request", LambdaFunctionARN=rewrite.version
                    )
                ],
            ),
        ),
    )
)

"""A weigh house: measurements on their way to a bucket are converted, and what is no measurement is set aside."""

from troposphere import firehose

from lambdaform import Allow, Bucket, Function, InlinePolicy, Role, Runtime, Stack, Trust

stack = Stack("weighhouse", description="Converts measurements on their way to a bucket")

archive = stack.add(Bucket("Archive"))
convert = stack.add(
    Function("Convert", runtime=Runtime.PYTHON_3_13, handler="convert.handler", code_uri="src", timeout=60)
)
role = stack.add(
    Role(
        "DeliveryRole",
        assume_role_policy_document=Trust("firehose.amazonaws.com"),
        policies=[
            InlinePolicy(
                "deliver",
                [
                    Allow("lambda:InvokeFunction", on=convert),
                    Allow("s3:PutObject", "s3:AbortMultipartUpload", on=archive.objects_arn),
                    Allow(
                        "s3:GetBucketLocation", "s3:ListBucket", "s3:ListBucketMultipartUploads", on=archive
                    ),
                ],
            )
        ],
    )
)
stack.add(
    firehose.DeliveryStream(
        "Measurements",
        DeliveryStreamType="DirectPut",
        ExtendedS3DestinationConfiguration=firehose.ExtendedS3DestinationConfiguration(
            BucketARN=archive.arn,
            RoleARN=role.arn,
            ErrorOutputPrefix="errors/",
            Prefix="measurements/",
            BufferingHints=firehose.BufferingHints(IntervalInSeconds=60, SizeInMBs=5),
            ProcessingConfiguration=firehose.ProcessingConfiguration(
                Enabled=True,
                Processors=[
                    firehose.Processor(
                        Type="Lambda",
                        Parameters=[
                            firehose.ProcessorParameter(ParameterName="LambdaArn", ParameterValue=convert.arn)
                        ],
                    )
                ],
            ),
        ),
    )
)

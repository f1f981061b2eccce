"""A photo archive with least privilege: what each function may do, on which resource, under which condition."""

from lambdaform import Allow, Bucket, Deny, Function, Runtime, SimpleTable, Stack, policies

stack = Stack("photos", description="Keeps photos and their captions")
stack.globals_for(Function, runtime=Runtime.PYTHON_3_13, code_uri="src")

photos = stack.add(Bucket("Photos"))
captions = stack.add(SimpleTable("Captions"))

stack.add(
    Function(
        "Archive",
        handler="photos.archive",
        policies=[
            Allow(
                "s3:PutObject",
                on=photos.objects_arn,
                condition={"StringEquals": {"s3:x-amz-server-side-encryption": "aws:kms"}},
            ),
            Allow("dynamodb:PutItem", "dynamodb:UpdateItem", on=captions),
            Deny("s3:DeleteObject", on=photos.objects_arn),
        ],
    )
)
stack.add(
    Function(
        "Caption",
        handler="photos.caption",
        policies=[policies.dynamodb_read(captions), "AmazonRekognitionReadOnlyAccess"],
    )
)

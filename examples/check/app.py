"""Thumbnails for a photo archive: a small application whose checks are set up for CI."""

from lambdaform import Bucket, Function, LogGroup, Runtime, Stack, VpcConfig

stack = Stack("thumbnails", description="Makes thumbnails of archived photos")

archive = stack.add(Bucket("Archive"))
stack.add(LogGroup("Log", log_group_name="/thumbnails/resize", retention_in_days=30))
group = stack.parameter("SecurityGroup", "AWS::EC2::SecurityGroup::Id")

resize = stack.add(
    Function(
        "Resize",
        runtime=Runtime.PYTHON_3_13,
        handler="resize.handler",
        code_uri="src",
        timeout=30,
        vpc_config=VpcConfig(subnet_ids=["subnet-0c1d2e3f4a5b6c7d8"], security_group_ids=[group.ref]),
        environment={"ARCHIVE": archive.ref},
        suppress={"LF401": "the file server is in this zone alone"},
    )
)

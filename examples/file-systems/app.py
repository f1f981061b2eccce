"""A diary on a file system that outlives its function: EFS, mounted in a private network."""

from troposphere import efs

from lambdaform import FileSystemConfig, Function, Runtime, Stack, VpcConfig

stack = Stack("diary", description="Keeps a diary")

subnets = stack.parameter(
    "SubnetIds", "List<AWS::EC2::Subnet::Id>", description="Subnets with a mount target"
)
group = stack.parameter("SecurityGroupId", "AWS::EC2::SecurityGroup::Id")
files = stack.parameter("FileSystemId", description="The EFS file system")

diary = stack.add(
    efs.AccessPoint(
        "Diary",
        FileSystemId=files.ref,
        PosixUser=efs.PosixUser(Uid="1000", Gid="1000"),
        RootDirectory=efs.RootDirectory(
            Path="/diary", CreationInfo=efs.CreationInfo(OwnerUid="1000", OwnerGid="1000", Permissions="0750")
        ),
    )
)
stack.add(
    Function(
        "Write",
        runtime=Runtime.PYTHON_3_13,
        handler="diary.handler",
        code_uri="src",
        timeout=30,
        environment={"DIARY": "/mnt/diary"},
        vpc_config=VpcConfig(subnet_ids=subnets.ref, security_group_ids=[group.ref]),
        file_system_configs=[FileSystemConfig(diary.attr("Arn"), "/mnt/diary")],
        policies=["AmazonElasticFileSystemClientReadWriteAccess"],
    )
)

"""A librarian: pushes to a repository are announced, but for those to other branches."""

from troposphere import codecommit

from lambdaform import Aws, Function, Permission, Runtime, Stack, sub

stack = Stack("librarian", description="Announces pushes")

announce = stack.add(
    Function("Announce", runtime=Runtime.PYTHON_3_13, handler="announce.handler", code_uri="src", timeout=10)
)
stack.add(
    Permission(
        "RepositoryMayInvoke",
        function_name=announce,
        principal="codecommit.amazonaws.com",
        source_arn=sub("arn:${AWS::Partition}:codecommit:${AWS::Region}:${AWS::AccountId}:cookbook"),
        source_account=Aws.ACCOUNT_ID,
    )
)
stack.add(
    codecommit.Repository(
        "Cookbook",
        RepositoryName="cookbook",
        Triggers=[
            codecommit.Trigger(
                Name="announce", DestinationArn=announce.arn, Branches=["main"], Events=["updateReference"]
            )
        ],
        DependsOn="RepositoryMayInvoke",
    )
)

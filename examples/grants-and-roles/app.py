"""A photo lab: what each function may do is said by the resources themselves, and a role is made of what it needs."""

from troposphere import kms

from lambdaform import (
    Bucket,
    DeadLetterConfig,
    EventSourceMapping,
    Function,
    LambdaFunction,
    Queue,
    Runtime,
    SimpleTable,
    Stack,
    Topic,
    execution_role,
    get_att,
    sub,
)

stack = Stack("lab", description="Develops photos")

owner = {"AWS": sub("arn:${AWS::Partition}:iam::${AWS::AccountId}:root")}
account = {"Effect": "Allow", "Principal": owner, "Action": "kms:*", "Resource": "*"}
key = stack.add(kms.Key("Key", KeyPolicy={"Version": "2012-10-17", "Statement": [account]}))
films = stack.add(Queue("Films", visibility_timeout=180, kms_master_key_id=key.ref))
lost = stack.add(Queue("Lost"))
photos = stack.add(Bucket("Photos"))
prices = stack.add(SimpleTable("Prices"))
done = stack.add(Topic("Done"))

# SAM makes the role, from these statements and from what the function's settings ask for.
take_in = stack.add(
    Function(
        "TakeIn",
        runtime=Runtime.PYTHON_3_13,
        handler="lab.take_in",
        code_uri="src",
        policies=[films.send(), prices.read()],
    )
)

# Without SAM's transform, the role is made of what the function is.
develop = stack.add(
    LambdaFunction(
        "Develop",
        runtime=Runtime.PYTHON_3_13,
        handler="lab.develop",
        code="src",
        role=get_att("DevelopRole", "Arn"),
        timeout=30,
        reserved_concurrent_executions=10,
        dead_letter_config=DeadLetterConfig(lost),
    )
)
polling = stack.add(EventSourceMapping("Poll", function_name=develop, event_source_arn=films))
stack.add(execution_role(develop, polling, policies=[photos.write("developed/"), done.publish()]))

# A branch in another account hands its films in.
stack.add(take_in.allow_invoke_from("210987654321"))

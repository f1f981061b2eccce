"""A status page behind an Application Load Balancer that is there already."""

from troposphere import elasticloadbalancingv2 as alb

from lambdaform import Function, Permission, Runtime, Stack

stack = Stack("status", description="A status page")

listener = stack.parameter("ListenerArn", description="The load balancer's HTTPS listener")
status = stack.add(
    Function("Status", runtime=Runtime.PYTHON_3_13, handler="status.handler", code_uri="src", timeout=5)
)
permission = stack.add(
    Permission("BalancerMayInvoke", function_name=status, principal="elasticloadbalancing.amazonaws.com")
)
target = stack.add(
    alb.TargetGroup(
        "StatusTarget",
        TargetType="lambda",
        Targets=[alb.TargetDescription(Id=status.arn)],
        DependsOn=permission.logical_id,
    )
)
stack.add(
    alb.ListenerRule(
        "StatusRule",
        ListenerArn=listener.ref,
        Priority=10,
        Conditions=[alb.Condition(Field="path-pattern", Values=["/status*"])],
        Actions=[alb.ListenerRuleAction(Type="forward", TargetGroupArn=target.ref)],
    )
)

"""A club: who signs up with the club's address is let in at once, everyone else is asked to wait."""

from troposphere import cognito

from lambdaform import CognitoEvent, Function, Runtime, Stack

stack = Stack("club", description="Signs members up")

members = stack.add(
    cognito.UserPool("Members", UsernameAttributes=["email"], AutoVerifiedAttributes=["email"])
)
stack.add(
    Function(
        "SignUp",
        runtime=Runtime.PYTHON_3_13,
        handler="signup.handler",
        code_uri="src",
        timeout=5,
        events={"BeforeSignUp": CognitoEvent(members, trigger="PreSignUp")},
    )
)

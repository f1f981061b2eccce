"""What a Cognito user pool asks its triggers; each answers with the event itself, its ``response`` filled in.

Source: Amazon Cognito Developer Guide, cognito-user-pools-working-with-lambda-triggers, and the page of each trigger.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from attrs import frozen

from lambdaform.payloads.payload import Payload, named, nullable


@frozen(kw_only=True)
class CallerContext(Payload):
    """Which app client asks."""

    aws_sdk_version: str
    client_id: str


@frozen(kw_only=True)
class Trigger(Payload):
    """What the events of all triggers have."""

    version: str
    trigger_source: str
    region: str
    user_pool_id: str
    user_name: str | None = nullable()
    caller_context: CallerContext


@frozen(kw_only=True)
class UserRequest(Payload):
    """A user."""

    user_attributes: Mapping[str, str]
    client_metadata: Mapping[str, str] | None = None


@frozen(kw_only=True)
class Nothing(Payload):
    """An answer that has nothing to say."""


@frozen(kw_only=True)
class PreSignUpRequest(UserRequest):
    """Somebody who signs up."""

    validation_data: Mapping[str, str] | None = nullable()


@frozen(kw_only=True)
class PreSignUpResponse(Payload):
    """Whether the user, the email address and the phone number are confirmed at once."""

    auto_confirm_user: bool | None = None
    auto_verify_phone: bool | None = None
    auto_verify_email: bool | None = None


@frozen(kw_only=True)
class PreSignUp(Trigger):
    """Before somebody signs up."""

    request: PreSignUpRequest
    response: PreSignUpResponse


@frozen(kw_only=True)
class PostConfirmation(Trigger):
    """After somebody has confirmed the sign-up, or a new password."""

    request: UserRequest
    response: Nothing


@frozen(kw_only=True)
class PreAuthenticationRequest(UserRequest):
    """Somebody who signs in."""

    validation_data: Mapping[str, str] | None = None
    user_not_found: bool | None = None


@frozen(kw_only=True)
class PreAuthentication(Trigger):
    """Before somebody signs in; an error of the function refuses it."""

    request: PreAuthenticationRequest
    response: Nothing


@frozen(kw_only=True)
class PostAuthenticationRequest(UserRequest):
    """Somebody who has signed in."""

    new_device_used: bool


@frozen(kw_only=True)
class PostAuthentication(Trigger):
    """After somebody has signed in."""

    request: PostAuthenticationRequest
    response: Nothing


@frozen(kw_only=True)
class GroupConfiguration(Payload):
    """The user's groups and their roles."""

    groups_to_override: Sequence[str] | None = None
    iam_roles_to_override: Sequence[str] | None = None
    preferred_role: str | None = None


@frozen(kw_only=True)
class PreTokenRequest(UserRequest):
    """The user for whom tokens are made."""

    group_configuration: GroupConfiguration
    scopes: Sequence[str] | None = None


@frozen(kw_only=True)
class ClaimsOverride(Payload):
    """Claims of the ID token."""

    claims_to_add_or_override: Mapping[str, str] | None = None
    claims_to_suppress: Sequence[str] | None = None
    group_override_details: GroupConfiguration | None = None


@frozen(kw_only=True)
class PreTokenResponse(Payload):
    """What the ID token says otherwise."""

    claims_override_details: ClaimsOverride | None = nullable()


@frozen(kw_only=True)
class PreTokenGeneration(Trigger):
    """Before tokens are made, in version 1 of the event."""

    request: PreTokenRequest
    response: PreTokenResponse


@frozen(kw_only=True)
class TokenGeneration(Payload):
    """Claims and scopes of one token."""

    claims_to_add_or_override: Mapping[str, Any] | None = None
    claims_to_suppress: Sequence[str] | None = None
    scopes_to_add: Sequence[str] | None = None
    scopes_to_suppress: Sequence[str] | None = None


@frozen(kw_only=True)
class ClaimsAndScopes(Payload):
    """What both tokens say otherwise."""

    id_token_generation: TokenGeneration | None = None
    access_token_generation: TokenGeneration | None = None
    group_override_details: GroupConfiguration | None = None


@frozen(kw_only=True)
class PreTokenResponseV2(Payload):
    """What the tokens say otherwise."""

    claims_and_scope_override_details: ClaimsAndScopes | None = nullable()


@frozen(kw_only=True)
class PreTokenGenerationV2(Trigger):
    """Before tokens are made, in versions 2 and 3 of the event."""

    request: PreTokenRequest
    response: PreTokenResponseV2


@frozen(kw_only=True)
class MigrateUserRequest(Payload):
    """Somebody whom the pool does not know."""

    password: str | None = None
    validation_data: Mapping[str, str] | None = nullable()
    client_metadata: Mapping[str, str] | None = nullable()


@frozen(kw_only=True)
class MigrateUserResponse(Payload):
    """The user as another directory knows him."""

    user_attributes: Mapping[str, str] | None = nullable()
    final_user_status: str | None = nullable()
    message_action: str | None = nullable()
    desired_delivery_mediums: Sequence[str] | None = nullable()
    force_alias_creation: bool | None = nullable()
    enable_smsmfa: bool | None = named("enableSMSMFA", None)


@frozen(kw_only=True)
class MigrateUser(Trigger):
    """Somebody signs in, or has forgotten the password, whom the pool does not know yet."""

    request: MigrateUserRequest
    response: MigrateUserResponse


@frozen(kw_only=True)
class CustomMessageRequest(UserRequest):
    """A message to a user: the texts that stand for the code, the link and the name."""

    code_parameter: str
    link_parameter: str | None = None
    username_parameter: str | None = nullable()


@frozen(kw_only=True)
class CustomMessageResponse(Payload):
    """The message. It must have the text that stands for the code."""

    sms_message: str | None = nullable()
    email_message: str | None = nullable()
    email_subject: str | None = nullable()


@frozen(kw_only=True)
class CustomMessage(Trigger):
    """Before a message is sent."""

    request: CustomMessageRequest
    response: CustomMessageResponse


@frozen(kw_only=True)
class CustomSenderRequest(Payload):
    """A message to send by oneself; ``code`` is encrypted with the pool's key."""

    type: str
    code: str | None = nullable()
    client_metadata: Mapping[str, str] | None = nullable()
    user_attributes: Mapping[str, str]


@frozen(kw_only=True)
class CustomSender(Trigger):
    """An email or text message to send by oneself."""

    request: CustomSenderRequest
    response: Nothing


@frozen(kw_only=True)
class Challenge(Payload):
    """One challenge that was put, and whether it was met."""

    challenge_name: str
    challenge_result: bool
    challenge_metadata: str | None = None


@frozen(kw_only=True)
class DefineChallengeRequest(UserRequest):
    """The challenges so far."""

    session: Sequence[Challenge]
    user_not_found: bool | None = None


@frozen(kw_only=True)
class DefineChallengeResponse(Payload):
    """The next challenge, or that it is enough."""

    challenge_name: str | None = nullable()
    issue_tokens: bool | None = nullable()
    fail_authentication: bool | None = nullable()


@frozen(kw_only=True)
class DefineAuthChallenge(Trigger):
    """Which challenge is the next."""

    request: DefineChallengeRequest
    response: DefineChallengeResponse


@frozen(kw_only=True)
class CreateChallengeRequest(UserRequest):
    """The challenge to make."""

    challenge_name: str
    session: Sequence[Challenge]
    user_not_found: bool | None = None


@frozen(kw_only=True)
class CreateChallengeResponse(Payload):
    """The challenge: what the client sees, and what the answer is checked against."""

    public_challenge_parameters: Mapping[str, str] | None = nullable()
    private_challenge_parameters: Mapping[str, str] | None = nullable()
    challenge_metadata: str | None = nullable()


@frozen(kw_only=True)
class CreateAuthChallenge(Trigger):
    """What a challenge is."""

    request: CreateChallengeRequest
    response: CreateChallengeResponse


@frozen(kw_only=True)
class VerifyChallengeRequest(UserRequest):
    """The answer to a challenge."""

    private_challenge_parameters: Mapping[str, str]
    challenge_answer: str | Mapping[str, str]
    user_not_found: bool | None = None


@frozen(kw_only=True)
class VerifyChallengeResponse(Payload):
    """Whether it is right."""

    answer_correct: bool | None = nullable()


@frozen(kw_only=True)
class VerifyAuthChallenge(Trigger):
    """Whether an answer to a challenge is right."""

    request: VerifyChallengeRequest
    response: VerifyChallengeResponse


def _pool(trigger_source: str, user: str | None, region: str, version: str = "1") -> dict[str, Any]:
    return {
        "version": version,
        "trigger_source": trigger_source,
        "region": region,
        "user_pool_id": f"{region}_EXAMPLE",
        "user_name": user,
        "caller_context": CallerContext(
            aws_sdk_version="aws-sdk-unknown-unknown", client_id="1example23456789"
        ),
    }


def _attributes(email: str) -> dict[str, str]:
    return {
        "sub": "a1b2c3d4-5678-90ab-cdef-EXAMPLE11111",
        "email_verified": "true",
        "cognito:user_status": "CONFIRMED",
        "email": email,
    }


def sample_pre_sign_up(
    user: str = "test-user", *, email: str = "test-user@example.com", region: str = "us-east-1"
) -> PreSignUp:
    """Somebody who signs up."""
    return PreSignUp(
        **_pool("PreSignUp_SignUp", user, region),
        request=PreSignUpRequest(user_attributes={"email": email}),
        response=PreSignUpResponse(auto_confirm_user=False, auto_verify_phone=False, auto_verify_email=False),
    )


def sample_post_confirmation(
    user: str = "test-user", *, email: str = "test-user@example.com", region: str = "us-east-1"
) -> PostConfirmation:
    """Somebody who has confirmed the sign-up."""
    return PostConfirmation(
        **_pool("PostConfirmation_ConfirmSignUp", user, region),
        request=UserRequest(user_attributes=_attributes(email)),
        response=Nothing(),
    )


def sample_pre_authentication(
    user: str = "test-user", *, email: str = "test-user@example.com", region: str = "us-east-1"
) -> PreAuthentication:
    """Somebody who signs in."""
    return PreAuthentication(
        **_pool("PreAuthentication_Authentication", user, region),
        request=PreAuthenticationRequest(user_attributes=_attributes(email), validation_data={}),
        response=Nothing(),
    )


def sample_post_authentication(
    user: str = "test-user", *, email: str = "test-user@example.com", region: str = "us-east-1"
) -> PostAuthentication:
    """Somebody who has signed in."""
    return PostAuthentication(
        **_pool("PostAuthentication_Authentication", user, region),
        request=PostAuthenticationRequest(user_attributes=_attributes(email), new_device_used=False),
        response=Nothing(),
    )


def sample_pre_token_generation(
    user: str = "test-user",
    *,
    email: str = "test-user@example.com",
    group: str = "new-group-A",
    region: str = "us-east-1",
) -> PreTokenGeneration:
    """Tokens that are to be made, in version 1."""
    return PreTokenGeneration(
        **_pool("TokenGeneration_Authentication", user, region),
        request=PreTokenRequest(
            user_attributes=_attributes(email),
            group_configuration=GroupConfiguration(groups_to_override=[group], iam_roles_to_override=[]),
        ),
        response=PreTokenResponse(),
    )


def sample_pre_token_generation_v2(
    user: str = "test-user",
    *,
    email: str = "test-user@example.com",
    group: str = "new-group-A",
    region: str = "us-east-1",
) -> PreTokenGenerationV2:
    """Tokens that are to be made, in version 2."""
    return PreTokenGenerationV2(
        **_pool("TokenGeneration_Authentication", user, region, "2"),
        request=PreTokenRequest(
            user_attributes=_attributes(email),
            group_configuration=GroupConfiguration(groups_to_override=[group], iam_roles_to_override=[]),
            scopes=["aws.cognito.signin.user.admin"],
        ),
        response=PreTokenResponseV2(),
    )


def sample_migrate_user(
    user: str = "test-user",
    *,
    password: str = "test-password",
    region: str = "us-east-1",
) -> MigrateUser:
    """Somebody who signs in for the first time."""
    return MigrateUser(
        **_pool("UserMigration_Authentication", user, region),
        request=MigrateUserRequest(password=password),
        response=MigrateUserResponse(),
    )


def sample_custom_message(
    user: str = "test-user",
    *,
    email: str = "test-user@example.com",
    trigger_source: str = "CustomMessage_SignUp",
    region: str = "us-east-1",
) -> CustomMessage:
    """A message that is to be sent."""
    return CustomMessage(
        **_pool(trigger_source, user, region),
        request=CustomMessageRequest(
            user_attributes=_attributes(email), code_parameter="{####}", link_parameter="{##Click Here##}"
        ),
        response=CustomMessageResponse(),
    )


def sample_custom_email_sender(
    user: str = "test-user",
    *,
    email: str = "test-user@example.com",
    code: str = "AYADeAbcD",
    region: str = "us-east-1",
) -> CustomSender:
    """An email to send by oneself."""
    return CustomSender(
        **_pool("CustomEmailSender_SignUp", user, region),
        request=CustomSenderRequest(
            type="customEmailSenderRequestV1", code=code, user_attributes=_attributes(email)
        ),
        response=Nothing(),
    )


def sample_custom_sms_sender(
    user: str = "test-user",
    *,
    phone: str = "+12065551212",
    code: str = "AYADeAbcD",
    region: str = "us-east-1",
) -> CustomSender:
    """A text message to send by oneself."""
    return CustomSender(
        **_pool("CustomSMSSender_SignUp", user, region),
        request=CustomSenderRequest(
            type="customSMSSenderRequestV1", code=code, user_attributes={"phone_number": phone}
        ),
        response=Nothing(),
    )


def sample_define_auth_challenge(
    user: str = "test-user", *, email: str = "test-user@example.com", region: str = "us-east-1"
) -> DefineAuthChallenge:
    """Somebody who has met the first challenge."""
    met = Challenge(challenge_name="SRP_A", challenge_result=True)
    return DefineAuthChallenge(
        **_pool("DefineAuthChallenge_Authentication", user, region),
        request=DefineChallengeRequest(user_attributes=_attributes(email), session=[met]),
        response=DefineChallengeResponse(),
    )


def sample_create_auth_challenge(
    user: str = "test-user", *, email: str = "test-user@example.com", region: str = "us-east-1"
) -> CreateAuthChallenge:
    """A challenge that is to be made."""
    return CreateAuthChallenge(
        **_pool("CreateAuthChallenge_Authentication", user, region),
        request=CreateChallengeRequest(
            user_attributes=_attributes(email), challenge_name="CUSTOM_CHALLENGE", session=[]
        ),
        response=CreateChallengeResponse(),
    )


def sample_verify_auth_challenge(
    answer: str = "5",
    *,
    user: str = "test-user",
    email: str = "test-user@example.com",
    expected: str = "5",
    region: str = "us-east-1",
) -> VerifyAuthChallenge:
    """An answer that is to be checked."""
    return VerifyAuthChallenge(
        **_pool("VerifyAuthChallengeResponse_Authentication", user, region),
        request=VerifyChallengeRequest(
            user_attributes=_attributes(email),
            private_challenge_parameters={"answer": expected},
            challenge_answer=answer,
        ),
        response=VerifyChallengeResponse(),
    )

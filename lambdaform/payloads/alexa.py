"""What Alexa asks a skill: a request of a custom skill, or a directive of a smart home skill; and the answers.

Source: Alexa Skills Kit, "Request and Response JSON Reference" and "Smart Home Skill API Message Reference".
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from attrs import frozen

from lambdaform.payloads.payload import Payload


@frozen(kw_only=True)
class Application(Payload):
    """The skill."""

    application_id: str


@frozen(kw_only=True)
class User(Payload):
    """Who speaks, as the skill may know it."""

    user_id: str
    access_token: str | None = None


@frozen(kw_only=True)
class Session(Payload):
    """The conversation."""

    new: bool
    session_id: str
    application: Application
    attributes: Mapping[str, Any] | None = None
    user: User


@frozen(kw_only=True)
class Event(Payload):
    """A request of a custom skill; ``request`` has its ``type``, and what that type has."""

    version: str
    session: Session | None = None
    context: Mapping[str, Any] | None = None
    request: Mapping[str, Any]


@frozen(kw_only=True)
class Response(Payload):
    """The answer of a custom skill."""

    version: str = "1.0"
    session_attributes: Mapping[str, Any] | None = None
    response: Mapping[str, Any]


@frozen(kw_only=True)
class Directive(Payload):
    """What a smart home skill is to do."""

    header: Mapping[str, Any]
    endpoint: Mapping[str, Any] | None = None
    payload: Mapping[str, Any]


@frozen(kw_only=True)
class SmartHomeEvent(Payload):
    """A directive to a smart home skill."""

    directive: Directive


def sample(intent: str = "GetNewFactIntent", *, locale: str = "en-US") -> Event:
    """An intent of a custom skill."""
    application = Application(application_id="amzn1.ask.skill.a1b2c3d4-5678-90ab-cdef-EXAMPLE11111")
    user = User(user_id="amzn1.ask.account.EXAMPLE")
    return Event(
        version="1.0",
        session=Session(
            new=True,
            session_id="amzn1.echo-api.session.a1b2c3d4-5678-90ab-cdef-EXAMPLE22222",
            application=application,
            attributes={},
            user=user,
        ),
        context={
            "System": {
                "application": application.to_json(),
                "user": user.to_json(),
                "device": {"supportedInterfaces": {}},
                "apiEndpoint": "https://api.amazonalexa.com",
            }
        },
        request={
            "type": "IntentRequest",
            "requestId": "amzn1.echo-api.request.a1b2c3d4-5678-90ab-cdef-EXAMPLE33333",
            "timestamp": "2016-10-27T21:06:28Z",
            "locale": locale,
            "intent": {"name": intent, "confirmationStatus": "NONE", "slots": {}},
        },
    )


def sample_smart_home(name: str = "Discover", *, namespace: str = "Alexa.Discovery") -> SmartHomeEvent:
    """A directive to a smart home skill."""
    return SmartHomeEvent(
        directive=Directive(
            header={
                "namespace": namespace,
                "name": name,
                "payloadVersion": "3",
                "messageId": "1bd5d003-31b9-476f-ad03-71d471922820",
            },
            payload={"scope": {"type": "BearerToken", "token": "access-token-from-skill"}},
        )
    )

"""What a bot of Lex V2 asks a function, and what that answers.

Source: Amazon Lex V2 Developer Guide, lambda-input-format, lambda-response-format, lambda-common-structures.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from attrs import frozen

from lambdaform.payloads.payload import Payload, named, nullable


@frozen(kw_only=True)
class Bot(Payload):
    """The bot."""

    id: str
    name: str
    locale_id: str
    version: str
    alias_id: str
    alias_name: str | None = None


@frozen(kw_only=True)
class Intent(Payload):
    """What the user wants, and the slots that are filled."""

    name: str
    slots: Mapping[str, Any]
    state: str | None = None
    confirmation_state: str | None = None


@frozen(kw_only=True)
class Interpretation(Payload):
    """One way to understand the user."""

    intent: Intent
    interpretation_source: str | None = None
    nlu_confidence: float | None = None
    sentiment_response: Mapping[str, Any] | None = None


@frozen(kw_only=True)
class SessionState(Payload):
    """Where the conversation is."""

    active_contexts: Sequence[Mapping[str, Any]] | None = None
    session_attributes: Mapping[str, str] | None = None
    runtime_hints: Mapping[str, Any] | None = None
    dialog_action: Mapping[str, Any] | None = None
    intent: Intent | None = None
    originating_request_id: str | None = None


@frozen(kw_only=True)
class Event(Payload):
    """A turn of the conversation."""

    message_version: str
    invocation_source: str
    input_mode: str
    response_content_type: str
    session_id: str
    input_transcript: str
    invocation_label: str | None = None
    bot: Bot
    interpretations: Sequence[Interpretation]
    proposed_next_state: Mapping[str, Any] | None = None
    request_attributes: Mapping[str, str] | None = nullable()
    session_state: SessionState
    transcriptions: Sequence[Mapping[str, Any]] | None = None


@frozen(kw_only=True)
class Message(Payload):
    """What the bot says."""

    content_type: str
    content: str | None = None
    image_response_card: Mapping[str, Any] | None = None


@frozen(kw_only=True)
class Response(Payload):
    """How the conversation goes on."""

    session_state: SessionState
    messages: Sequence[Message] | None = None
    request_attributes: Mapping[str, str] | None = named("requestAttributes", None)


def sample(
    intent: str = "OrderFlowers",
    *,
    transcript: str = "I would like to order flowers",
    source: str = "DialogCodeHook",
    slots: Mapping[str, Any] | None = None,
) -> Event:
    """One turn."""
    meant = Intent(name=intent, slots=slots or {}, state="InProgress", confirmation_state="None")
    return Event(
        message_version="1.0",
        invocation_source=source,
        input_mode="Text",
        response_content_type="text/plain; charset=utf-8",
        session_id="12345678-1234-1234-1234-123456789012",
        input_transcript=transcript,
        bot=Bot(
            id="BOTID12345",
            name="OrderFlowers",
            locale_id="en_US",
            version="DRAFT",
            alias_id="TSTALIASID",
            alias_name="TestBotAlias",
        ),
        interpretations=[Interpretation(intent=meant, interpretation_source="Lex", nlu_confidence=0.91)],
        session_state=SessionState(session_attributes={}, intent=meant),
        transcriptions=[{"transcription": transcript, "transcriptionConfidence": 1.0}],
    )

"""What AWS IoT hands to a function: the message that a rule selects, as it is, or the click of an IoT button.

A rule's message is whatever the device sends; only the button's has a form of its own.

Source: AWS Lambda Developer Guide, services-iot; AWS IoT Core Developer Guide, lambda-rule-action.
"""

from __future__ import annotations

from attrs import frozen

from lambdaform.payloads.payload import Payload


@frozen(kw_only=True)
class ButtonEvent(Payload):
    """A click: SINGLE, DOUBLE or LONG."""

    serial_number: str
    battery_voltage: str
    click_type: str


@frozen(kw_only=True)
class Message(Payload):
    """A device's message; all of it is in ``unknown``, for only the device knows its form."""


def sample(temperature: float = 21.5, *, device: str = "sensor-1") -> Message:
    """A message of a sensor, as a rule ``SELECT *`` hands it over."""
    return Message(unknown={"device": device, "temperature": temperature})


def sample_button(click_type: str = "SINGLE", *, serial_number: str = "ABCDEFG12345") -> ButtonEvent:
    """A click."""
    return ButtonEvent(serial_number=serial_number, battery_voltage="2000 mV", click_type=click_type)

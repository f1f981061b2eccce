"""LF1xx: what one value may be. The fields' own types find these, at construction or while reading a template."""

from lambdaform.check.rule import Level, declare

_RESOURCES = "AWS CloudFormation User Guide, the resource type's page"

declare("LF100", "wrong-kind", demand="A property has a value of its kind.", source=_RESOURCES)
declare(
    "LF101",
    "out-of-range",
    demand="A number lies within the range that AWS allows.",
    source="AWS Lambda Developer Guide, gettingstarted-limits",
)
declare(
    "LF102",
    "bad-text",
    demand="A name or text has the form that AWS allows.",
    source="AWS Lambda API Reference",
)
declare(
    "LF103",
    "unknown-choice",
    demand="A property with a closed set of values has one of them.",
    source=_RESOURCES,
)
declare(
    "LF104",
    "too-much",
    demand="A list, mapping or text is no larger than AWS allows.",
    source="AWS Lambda Developer Guide, gettingstarted-limits",
)
declare("LF105", "missing", demand="A required property has a value.", source=_RESOURCES)
declare("LF106", "refused-property", demand="A resource has only properties of its type.", source=_RESOURCES)
declare(
    "LF107",
    "no-type",
    demand="Each resource and event names its type.",
    source="AWS CloudFormation User Guide, Resources section",
)
declare(
    "LF110",
    "schedule-syntax",
    demand="A schedule is rate(value unit) or cron(six fields) as EventBridge reads them.",
    source="Amazon EventBridge User Guide, eb-scheduled-rule-pattern; deck section C13",
)
declare(
    "LF118",
    "unquoted-cors",
    level=Level.WARNING,
    demand="A value of a REST API's CORS headers has its own quotes.",
    source="SAM Developer Guide, CorsConfiguration of AWS::Serverless::Api",
)

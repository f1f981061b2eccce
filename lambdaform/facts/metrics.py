"""The metrics that Lambda writes, for alarms that watch them.

Source: AWS Lambda Developer Guide, monitoring-metrics-types.
"""

from __future__ import annotations

LAMBDA_METRICS = frozenset(
    (
        "AsyncEventAge",
        "AsyncEventsDropped",
        "AsyncEventsReceived",
        "CPUThrottles",
        "ClaimedAccountConcurrency",
        "ConcurrencyThrottles",
        "ConcurrentExecutions",
        "DeadLetterErrors",
        "DeletedEventCount",
        "DestinationDeliveryFailures",
        "DiskThrottles",
        "DroppedEventCount",
        "Duration",
        "Errors",
        "FailedInvokeEventCount",
        "FilteredOutEventCount",
        "Invocations",
        "InvokedEventCount",
        "IteratorAge",
        "MemoryThrottles",
        "OffsetLag",
        "OnFailureDestinationDeliveredEventCount",
        "OversizedRecordCount",
        "PolledEventCount",
        "PostRuntimeExtensionsDuration",
        "ProvisionedConcurrencyInvocations",
        "ProvisionedConcurrencySpilloverInvocations",
        "ProvisionedConcurrencyUtilization",
        "ProvisionedConcurrentExecutions",
        "RecursiveInvocationsDropped",
        "SignatureValidationErrors",
        "Throttles",
        "UnreservedConcurrentExecutions",
        "UrlRequestCount",
        "UrlRequestLatency",
        "Url4xxCount",
        "Url5xxCount",
    )
)
#: By what Lambda's metrics can be narrowed.
LAMBDA_DIMENSIONS = frozenset(("EventSourceMappingUUID", "ExecutedVersion", "FunctionName", "Resource"))

"""The metrics that Lambda writes, for alarms that watch them.

Source: AWS Lambda Developer Guide, monitoring-metrics-types, durable-monitoring, urls-monitoring and
lambda-managed-instances-monitoring-metrics.
"""

from __future__ import annotations

_OF_FUNCTIONS = """
    AsyncEventAge AsyncEventsDropped AsyncEventsReceived CPUThrottles ClaimedAccountConcurrency
    ConcurrencyThrottles ConcurrentExecutions DeadLetterErrors DestinationDeliveryFailures DiskThrottles
    Duration Errors Invocations IteratorAge MemoryThrottles OffsetLag OversizedRecordCount
    PostRuntimeExtensionsDuration ProvisionedConcurrencyInvocations ProvisionedConcurrencySpilloverInvocations
    ProvisionedConcurrencyUtilization ProvisionedConcurrentExecutions RecursiveInvocationsDropped
    SignatureValidationErrors Throttles UnreservedConcurrentExecutions Url4xxCount Url5xxCount UrlRequestCount
    UrlRequestLatency
"""
_OF_MAPPINGS = """
    PolledEventCount FilteredOutEventCount InvokedEventCount FailedInvokeEventCount DroppedEventCount
    OnFailureDestinationDeliveredEventCount DeletedEventCount CommittedEventCount PollingErrorCount
    InvokeErrorCount OnFailureDestinationDeliveryErrorCount SchemaRegistryErrorCount CommitErrorCount
    MaxOffsetLag SumOffsetLag ProvisionedPollers EventPollerUnit EventPollerThroughputInBytes
"""
_OF_DURABLE_FUNCTIONS = """
    ApproximateRunningDurableExecutions ApproximateRunningDurableExecutionsUtilization DurableExecutionDuration
    DurableExecutionStarted DurableExecutionStopped DurableExecutionSucceeded DurableExecutionFailed
    DurableExecutionTimedOut DurableExecutionOperations DurableExecutionStorageWrittenBytes
"""
_OF_MANAGED_INSTANCES = """
    CPUUtilization MemoryUtilization vCPUAvailable MemoryAvailable vCPUAllocated MemoryAllocated
    ExecutionEnvironmentConcurrency ExecutionEnvironmentConcurrencyLimit ExecutionEnvironmentCPUUtilization
    ExecutionEnvironmentMemoryUtilization
"""
LAMBDA_METRICS = frozenset(
    name
    for names in (_OF_FUNCTIONS, _OF_MAPPINGS, _OF_DURABLE_FUNCTIONS, _OF_MANAGED_INSTANCES)
    for name in names.split()
)
#: By what Lambda's metrics can be narrowed.
LAMBDA_DIMENSIONS = frozenset(
    (
        "CapacityProviderName",
        "EventSourceMappingUUID",
        "ExecutedVersion",
        "FunctionName",
        "InstanceType",
        "Resource",
    )
)

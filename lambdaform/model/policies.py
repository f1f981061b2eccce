"""SAM's policy templates as calls: ``policies=[policies.dynamodb_crud(table), policies.sqs_send_message(queue)]``.

Each says what the function may do, and with which resource: an object of the stack, a name or id, or a reference.
SAM writes the statements; `lambdaform.Allow` says one's own.

Source: SAM Developer Guide, "AWS SAM policy templates".
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from lambdaform.errors import DefinitionError, shown
from lambdaform.model.iam import PolicyTemplate
from lambdaform.model.references import Ref, from_troposphere
from lambdaform.model.resource import RawResource, Resource
from lambdaform.origin import here

if TYPE_CHECKING:
    from lambdaform.model.bucket import Bucket
    from lambdaform.model.function import FunctionSettings
    from lambdaform.model.log_group import LogGroup
    from lambdaform.model.queue import Queue, Topic
    from lambdaform.model.rule import EventBus
    from lambdaform.model.state_machine import StateMachine
    from lambdaform.model.stream import Stream
    from lambdaform.model.table import SimpleTable, Table

Text = str | Ref[str]
#: A name or id, a reference to one, or a resource that has no class of its own here.
Named = RawResource | str | Ref[str]

_REF = "Ref"
#: What each argument takes: types of resources, and what gives the name that the template wants.
_NAMES: Mapping[str, Mapping[str, str]] = {
    "queue": {"AWS::SQS::Queue": "QueueName"},
    "topic": {"AWS::SNS::Topic": "TopicName"},
    "table": {
        "AWS::DynamoDB::Table": _REF,
        "AWS::DynamoDB::GlobalTable": _REF,
        "AWS::Serverless::SimpleTable": _REF,
    },
    "stream": {"AWS::Kinesis::Stream": _REF},
    "function": {"AWS::Serverless::Function": _REF, "AWS::Lambda::Function": _REF},
    "bucket": {"AWS::S3::Bucket": _REF},
    "state_machine": {"AWS::Serverless::StateMachine": "Name", "AWS::StepFunctions::StateMachine": "Name"},
    "event_bus": {"AWS::Events::EventBus": "Name"},
    "log_group": {"AWS::Logs::LogGroup": _REF},
    "delivery_stream": {"AWS::KinesisFirehose::DeliveryStream": _REF},
    "key": {"AWS::KMS::Key": _REF},
    "secret": {"AWS::SecretsManager::Secret": _REF},
    "certificate": {"AWS::CertificateManager::Certificate": _REF},
    "work_group": {"AWS::Athena::WorkGroup": _REF},
    "repository": {"AWS::CodeCommit::Repository": "Name"},
    "pipeline": {"AWS::CodePipeline::Pipeline": _REF},
    "access_point": {"AWS::EFS::AccessPoint": _REF},
    "file_system": {"AWS::EFS::FileSystem": _REF},
    "cluster": {"AWS::EMR::Cluster": _REF},
    "domain": {"AWS::Elasticsearch::Domain": _REF, "AWS::OpenSearchService::Domain": _REF},
    "application": {"AWS::Pinpoint::App": _REF},
    "collection": {"AWS::Rekognition::Collection": _REF},
    "hosted_zone": {"AWS::Route53::HostedZone": _REF},
    "identity": {"AWS::SES::EmailIdentity": _REF},
    "parameter": {"AWS::SSM::Parameter": _REF},
    "endpoint_config": {"AWS::SageMaker::EndpointConfig": "EndpointConfigName"},
    "endpoint": {"AWS::SageMaker::Endpoint": "EndpointName"},
}


def _name(argument: str, given: object) -> str | Ref[str]:
    """The name of the resource that an argument was given, as the templates want it."""
    target = from_troposphere(given)
    if isinstance(target, str | Ref):
        return target
    known = _NAMES.get(argument, {})
    if isinstance(target, Resource) and target.aws_type in known:
        attribute = known[target.aws_type]
        return target.ref if attribute == _REF else target.attr(attribute)
    origin = here()
    what = f"the {target.aws_type} {target.logical_id!r}" if isinstance(target, Resource) else shown(target)
    kinds = "".join(f"an {aws_type}, " for aws_type in known)
    raise DefinitionError(
        f"{argument} is {what}.",
        right=f"It must be {kinds}a name or a reference.",
        where=origin.locate((argument,)) if origin else None,
        rule="LF100",
    )


def ami_describe() -> PolicyTemplate:
    """Describe Amazon Machine Images."""
    return PolicyTemplate("AMIDescribePolicy")


def secrets_manager_get_secret_value(secret: Named) -> PolicyTemplate:
    """Read the value of a secret."""
    return PolicyTemplate("AWSSecretsManagerGetSecretValuePolicy", {"SecretArn": _name("secret", secret)})


def secrets_manager_rotation(function: FunctionSettings | Named) -> PolicyTemplate:
    """Rotate the secrets whose rotation function this is."""
    return PolicyTemplate("AWSSecretsManagerRotationPolicy", {"FunctionName": _name("function", function)})


def acm_get_certificate(certificate: Named) -> PolicyTemplate:
    """Read a certificate."""
    return PolicyTemplate("AcmGetCertificatePolicy", {"CertificateArn": _name("certificate", certificate)})


def athena_query(work_group: Named) -> PolicyTemplate:
    """Run queries in a workgroup of Athena."""
    return PolicyTemplate("AthenaQueryPolicy", {"WorkGroupName": _name("work_group", work_group)})


def cloudformation_describe_stacks() -> PolicyTemplate:
    """Describe stacks."""
    return PolicyTemplate("CloudFormationDescribeStacksPolicy")


def cloudwatch_dashboard() -> PolicyTemplate:
    """Read and write dashboards, and list metrics."""
    return PolicyTemplate("CloudWatchDashboardPolicy")


def cloudwatch_describe_alarm_history() -> PolicyTemplate:
    """Read the history of alarms."""
    return PolicyTemplate("CloudWatchDescribeAlarmHistoryPolicy")


def cloudwatch_put_metric() -> PolicyTemplate:
    """Write metrics."""
    return PolicyTemplate("CloudWatchPutMetricPolicy")


def codecommit_crud(repository: Named) -> PolicyTemplate:
    """Read, write and delete in a repository."""
    return PolicyTemplate("CodeCommitCrudPolicy", {"RepositoryName": _name("repository", repository)})


def codecommit_read(repository: Named) -> PolicyTemplate:
    """Read a repository."""
    return PolicyTemplate("CodeCommitReadPolicy", {"RepositoryName": _name("repository", repository)})


def codepipeline_lambda_execution() -> PolicyTemplate:
    """Report the result of a job that a pipeline gave to the function."""
    return PolicyTemplate("CodePipelineLambdaExecutionPolicy")


def codepipeline_read_only(pipeline: Named) -> PolicyTemplate:
    """List a pipeline's executions."""
    return PolicyTemplate("CodePipelineReadOnlyPolicy", {"PipelineName": _name("pipeline", pipeline)})


def comprehend_basic_access() -> PolicyTemplate:
    """Detect entities, key phrases, languages and sentiments."""
    return PolicyTemplate("ComprehendBasicAccessPolicy")


def cost_explorer_read_only() -> PolicyTemplate:
    """Read costs and usage."""
    return PolicyTemplate("CostExplorerReadOnlyPolicy")


def dynamodb_backup_full_access(table: Table | SimpleTable | Named) -> PolicyTemplate:
    """Make, read and delete backups of a table."""
    return PolicyTemplate("DynamoDBBackupFullAccessPolicy", {"TableName": _name("table", table)})


def dynamodb_crud(table: Table | SimpleTable | Named) -> PolicyTemplate:
    """Read, write and delete a table's items."""
    return PolicyTemplate("DynamoDBCrudPolicy", {"TableName": _name("table", table)})


def dynamodb_read(table: Table | SimpleTable | Named) -> PolicyTemplate:
    """Read a table's items."""
    return PolicyTemplate("DynamoDBReadPolicy", {"TableName": _name("table", table)})


def dynamodb_reconfigure(table: Table | SimpleTable | Named) -> PolicyTemplate:
    """Change a table's settings."""
    return PolicyTemplate("DynamoDBReconfigurePolicy", {"TableName": _name("table", table)})


def dynamodb_restore_from_backup(table: Table | SimpleTable | Named) -> PolicyTemplate:
    """Restore a table from a backup."""
    return PolicyTemplate("DynamoDBRestoreFromBackupPolicy", {"TableName": _name("table", table)})


def dynamodb_stream_read(table: Table | SimpleTable | Named, stream_name: Text = "*") -> PolicyTemplate:
    """Read a table's stream: the one with the label ``stream_name``, or all of them."""
    return PolicyTemplate(
        "DynamoDBStreamReadPolicy",
        {"TableName": _name("table", table), "StreamName": _name("stream_name", stream_name)},
    )


def dynamodb_write(table: Table | SimpleTable | Named) -> PolicyTemplate:
    """Write a table's items, without reading them."""
    return PolicyTemplate("DynamoDBWritePolicy", {"TableName": _name("table", table)})


def ec2_copy_image(image_id: Text) -> PolicyTemplate:
    """Copy an image."""
    return PolicyTemplate("EC2CopyImagePolicy", {"ImageId": _name("image_id", image_id)})


def ec2_describe() -> PolicyTemplate:
    """Describe EC2 instances."""
    return PolicyTemplate("EC2DescribePolicy")


def efs_write_access(file_system: Named, access_point: Named) -> PolicyTemplate:
    """Mount a file system and write to it."""
    return PolicyTemplate(
        "EFSWriteAccessPolicy",
        {"FileSystem": _name("file_system", file_system), "AccessPoint": _name("access_point", access_point)},
    )


def eks_describe() -> PolicyTemplate:
    """Describe and list Kubernetes clusters."""
    return PolicyTemplate("EKSDescribePolicy")


def ecs_run_task(task_definition: Text) -> PolicyTemplate:
    """Run a task of a task definition, named ``family:revision``."""
    return PolicyTemplate("EcsRunTaskPolicy", {"TaskDefinition": _name("task_definition", task_definition)})


def elastic_map_reduce_add_job_flow_steps(cluster: Named) -> PolicyTemplate:
    """Add steps to a running cluster."""
    return PolicyTemplate("ElasticMapReduceAddJobFlowStepsPolicy", {"ClusterId": _name("cluster", cluster)})


def elastic_map_reduce_cancel_steps(cluster: Named) -> PolicyTemplate:
    """Cancel steps of a running cluster."""
    return PolicyTemplate("ElasticMapReduceCancelStepsPolicy", {"ClusterId": _name("cluster", cluster)})


def elastic_map_reduce_modify_instance_fleet(cluster: Named) -> PolicyTemplate:
    """List a cluster's instance fleets and change their capacities."""
    return PolicyTemplate(
        "ElasticMapReduceModifyInstanceFleetPolicy", {"ClusterId": _name("cluster", cluster)}
    )


def elastic_map_reduce_modify_instance_groups(cluster: Named) -> PolicyTemplate:
    """List a cluster's instance groups and change their settings."""
    return PolicyTemplate(
        "ElasticMapReduceModifyInstanceGroupsPolicy", {"ClusterId": _name("cluster", cluster)}
    )


def elastic_map_reduce_set_termination_protection(cluster: Named) -> PolicyTemplate:
    """Protect a cluster from termination, or no longer."""
    return PolicyTemplate(
        "ElasticMapReduceSetTerminationProtectionPolicy", {"ClusterId": _name("cluster", cluster)}
    )


def elastic_map_reduce_terminate_job_flows(cluster: Named) -> PolicyTemplate:
    """Shut a cluster down."""
    return PolicyTemplate("ElasticMapReduceTerminateJobFlowsPolicy", {"ClusterId": _name("cluster", cluster)})


def elasticsearch_http_post(domain: Named) -> PolicyTemplate:
    """Send POST and PUT requests to a search domain."""
    return PolicyTemplate("ElasticsearchHttpPostPolicy", {"DomainName": _name("domain", domain)})


def eventbridge_put_events(event_bus: EventBus | Named) -> PolicyTemplate:
    """Send events to an event bus."""
    return PolicyTemplate("EventBridgePutEventsPolicy", {"EventBusName": _name("event_bus", event_bus)})


def filter_log_events(log_group: LogGroup | Named) -> PolicyTemplate:
    """Search a log group."""
    return PolicyTemplate("FilterLogEventsPolicy", {"LogGroupName": _name("log_group", log_group)})


def firehose_crud(delivery_stream: Named) -> PolicyTemplate:
    """Make, change, write to and delete a delivery stream."""
    return PolicyTemplate(
        "FirehoseCrudPolicy", {"DeliveryStreamName": _name("delivery_stream", delivery_stream)}
    )


def firehose_write(delivery_stream: Named) -> PolicyTemplate:
    """Write to a delivery stream."""
    return PolicyTemplate(
        "FirehoseWritePolicy", {"DeliveryStreamName": _name("delivery_stream", delivery_stream)}
    )


def kms_decrypt(key: Named) -> PolicyTemplate:
    """Decrypt with a key."""
    return PolicyTemplate("KMSDecryptPolicy", {"KeyId": _name("key", key)})


def kms_encrypt(key: Named) -> PolicyTemplate:
    """Encrypt with a key."""
    return PolicyTemplate("KMSEncryptPolicy", {"KeyId": _name("key", key)})


def kms_encrypt_v2(key: Named) -> PolicyTemplate:
    """Encrypt with a key, and make data keys of it."""
    return PolicyTemplate("KMSEncryptPolicy_v2", {"KeyId": _name("key", key)})


def kinesis_crud(stream: Stream | Named) -> PolicyTemplate:
    """Make, write to, read and delete a stream."""
    return PolicyTemplate("KinesisCrudPolicy", {"StreamName": _name("stream", stream)})


def kinesis_stream_read(stream: Stream | Named) -> PolicyTemplate:
    """Read a stream."""
    return PolicyTemplate("KinesisStreamReadPolicy", {"StreamName": _name("stream", stream)})


def lambda_invoke(function: FunctionSettings | Named) -> PolicyTemplate:
    """Invoke a function, and its aliases and versions."""
    return PolicyTemplate("LambdaInvokePolicy", {"FunctionName": _name("function", function)})


def mobile_analytics_write_only_access() -> PolicyTemplate:
    """Write events of all applications."""
    return PolicyTemplate("MobileAnalyticsWriteOnlyAccessPolicy")


def organizations_list_accounts() -> PolicyTemplate:
    """List the names and ids of the organization's accounts."""
    return PolicyTemplate("OrganizationsListAccountsPolicy")


def pinpoint_endpoint_access(application: Named) -> PolicyTemplate:
    """Read and change endpoints of an application."""
    return PolicyTemplate(
        "PinpointEndpointAccessPolicy", {"PinpointApplicationId": _name("application", application)}
    )


def polly_full_access(lexicon_name: Text) -> PolicyTemplate:
    """Speak, and read and delete a lexicon."""
    return PolicyTemplate("PollyFullAccessPolicy", {"LexiconName": _name("lexicon_name", lexicon_name)})


def rekognition_detect_only() -> PolicyTemplate:
    """Detect faces, labels and text."""
    return PolicyTemplate("RekognitionDetectOnlyPolicy")


def rekognition_faces_management(collection: Named) -> PolicyTemplate:
    """Add, find and delete faces of a collection."""
    return PolicyTemplate(
        "RekognitionFacesManagementPolicy", {"CollectionId": _name("collection", collection)}
    )


def rekognition_faces() -> PolicyTemplate:
    """Compare and detect faces and labels."""
    return PolicyTemplate("RekognitionFacesPolicy")


def rekognition_labels() -> PolicyTemplate:
    """Detect objects and what needs moderation."""
    return PolicyTemplate("RekognitionLabelsPolicy")


def rekognition_no_data_access(collection: Named) -> PolicyTemplate:
    """Compare and detect faces and labels, without a collection's data."""
    return PolicyTemplate("RekognitionNoDataAccessPolicy", {"CollectionId": _name("collection", collection)})


def rekognition_read(collection: Named) -> PolicyTemplate:
    """List and find faces."""
    return PolicyTemplate("RekognitionReadPolicy", {"CollectionId": _name("collection", collection)})


def rekognition_write_only_access(collection: Named) -> PolicyTemplate:
    """Make collections and add faces to them."""
    return PolicyTemplate(
        "RekognitionWriteOnlyAccessPolicy", {"CollectionId": _name("collection", collection)}
    )


def route53_change_resource_record_sets(hosted_zone: Named) -> PolicyTemplate:
    """Change the records of a hosted zone."""
    return PolicyTemplate(
        "Route53ChangeResourceRecordSetsPolicy", {"HostedZoneId": _name("hosted_zone", hosted_zone)}
    )


def s3_crud(bucket: Bucket | Named) -> PolicyTemplate:
    """Read, write and delete a bucket's objects."""
    return PolicyTemplate("S3CrudPolicy", {"BucketName": _name("bucket", bucket)})


def s3_full_access(bucket: Bucket | Named) -> PolicyTemplate:
    """Read, write and delete a bucket's objects with their tags and access lists, and its lifecycle rules."""
    return PolicyTemplate("S3FullAccessPolicy", {"BucketName": _name("bucket", bucket)})


def s3_read(bucket: Bucket | Named) -> PolicyTemplate:
    """Read a bucket's objects."""
    return PolicyTemplate("S3ReadPolicy", {"BucketName": _name("bucket", bucket)})


def s3_write(bucket: Bucket | Named) -> PolicyTemplate:
    """Write a bucket's objects, without reading them."""
    return PolicyTemplate("S3WritePolicy", {"BucketName": _name("bucket", bucket)})


def ses_bulk_templated_crud(identity: Named) -> PolicyTemplate:
    """Send mail, also of templates and in bulk, and verify an identity."""
    return PolicyTemplate("SESBulkTemplatedCrudPolicy", {"IdentityName": _name("identity", identity)})


def ses_bulk_templated_crud_v2(identity: Named, template_name: Text) -> PolicyTemplate:
    """Send mail, also of one template and in bulk, and verify an identity."""
    return PolicyTemplate(
        "SESBulkTemplatedCrudPolicy_v2",
        {"IdentityName": _name("identity", identity), "TemplateName": _name("template_name", template_name)},
    )


def ses_crud(identity: Named) -> PolicyTemplate:
    """Send mail and verify an identity."""
    return PolicyTemplate("SESCrudPolicy", {"IdentityName": _name("identity", identity)})


def ses_email_template_crud() -> PolicyTemplate:
    """Make, read, list, change and delete mail templates."""
    return PolicyTemplate("SESEmailTemplateCrudPolicy")


def ses_send_bounce(identity: Named) -> PolicyTemplate:
    """Send bounces for an identity."""
    return PolicyTemplate("SESSendBouncePolicy", {"IdentityName": _name("identity", identity)})


def sns_crud(topic: Topic | Named) -> PolicyTemplate:
    """Make topics, publish to them and subscribe to them."""
    return PolicyTemplate("SNSCrudPolicy", {"TopicName": _name("topic", topic)})


def sns_publish_message(topic: Topic | Named) -> PolicyTemplate:
    """Publish to a topic."""
    return PolicyTemplate("SNSPublishMessagePolicy", {"TopicName": _name("topic", topic)})


def sqs_poller(queue: Queue | Named) -> PolicyTemplate:
    """Receive and delete a queue's messages."""
    return PolicyTemplate("SQSPollerPolicy", {"QueueName": _name("queue", queue)})


def sqs_send_message(queue: Queue | Named) -> PolicyTemplate:
    """Send messages to a queue."""
    return PolicyTemplate("SQSSendMessagePolicy", {"QueueName": _name("queue", queue)})


def ssm_parameter_read(parameter: Named) -> PolicyTemplate:
    """Read a parameter whose name has no slash in front. A key of one's own needs `kms_decrypt` as well."""
    return PolicyTemplate("SSMParameterReadPolicy", {"ParameterName": _name("parameter", parameter)})


def ssm_parameter_with_slash_prefix_read(parameter: Named) -> PolicyTemplate:
    """Read a parameter whose name has a slash in front. A key of one's own needs `kms_decrypt` as well."""
    return PolicyTemplate(
        "SSMParameterWithSlashPrefixReadPolicy", {"ParameterName": _name("parameter", parameter)}
    )


def sagemaker_create_endpoint_config(endpoint_config: Named) -> PolicyTemplate:
    """Make an endpoint configuration."""
    return PolicyTemplate(
        "SageMakerCreateEndpointConfigPolicy",
        {"EndpointConfigName": _name("endpoint_config", endpoint_config)},
    )


def sagemaker_create_endpoint(endpoint: Named) -> PolicyTemplate:
    """Make an endpoint."""
    return PolicyTemplate("SageMakerCreateEndpointPolicy", {"EndpointName": _name("endpoint", endpoint)})


def serverlessrepo_read_write_access() -> PolicyTemplate:
    """Make and list applications of the Serverless Application Repository."""
    return PolicyTemplate("ServerlessRepoReadWriteAccessPolicy")


def step_functions_callback(state_machine: StateMachine | Named) -> PolicyTemplate:
    """Tell a state machine the outcome of a task that waits for it."""
    return PolicyTemplate(
        "StepFunctionsCallbackPolicy", {"StateMachineName": _name("state_machine", state_machine)}
    )


def step_functions_execution(state_machine: StateMachine | Named) -> PolicyTemplate:
    """Start a state machine."""
    return PolicyTemplate(
        "StepFunctionsExecutionPolicy", {"StateMachineName": _name("state_machine", state_machine)}
    )


def step_functions_execution_v2(state_machine: StateMachine | Named) -> PolicyTemplate:
    """Start a state machine; an express one also to wait for its result."""
    return PolicyTemplate(
        "StepFunctionsExecutionPolicy_v2", {"StateMachineName": _name("state_machine", state_machine)}
    )


def textract_detect_analyze() -> PolicyTemplate:
    """Detect and analyse text in documents."""
    return PolicyTemplate("TextractDetectAnalyzePolicy")


def textract_get_result() -> PolicyTemplate:
    """Read the results of detecting and analysing text."""
    return PolicyTemplate("TextractGetResultPolicy")


def textract() -> PolicyTemplate:
    """Detect and analyse text in documents, and read the results."""
    return PolicyTemplate("TextractPolicy")


def vpc_access() -> PolicyTemplate:
    """Make, describe and delete network interfaces."""
    return PolicyTemplate("VPCAccessPolicy")

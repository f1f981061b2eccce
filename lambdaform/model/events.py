"""All kinds of events of functions and state machines, from one place; each kind's module says what it is.

Source: SAM Developer Guide, "EventSource".
"""

from __future__ import annotations

from lambdaform.model.api_events import ApiEvent as ApiEvent
from lambdaform.model.api_events import HttpApiEvent as HttpApiEvent
from lambdaform.model.event import Event as Event
from lambdaform.model.event import FunctionEvent as FunctionEvent
from lambdaform.model.event import RawEvent as RawEvent
from lambdaform.model.event import StateMachineEvent as StateMachineEvent
from lambdaform.model.poll_events import DocumentDBEvent as DocumentDBEvent
from lambdaform.model.poll_events import DynamoDBEvent as DynamoDBEvent
from lambdaform.model.poll_events import KinesisEvent as KinesisEvent
from lambdaform.model.poll_events import MqEvent as MqEvent
from lambdaform.model.poll_events import MskEvent as MskEvent
from lambdaform.model.poll_events import SelfManagedKafkaEvent as SelfManagedKafkaEvent
from lambdaform.model.poll_events import SqsEvent as SqsEvent
from lambdaform.model.polling import BatchingWindow as BatchingWindow
from lambdaform.model.polling import ScalingConfig as ScalingConfig
from lambdaform.model.push_events import AlexaSkillEvent as AlexaSkillEvent
from lambdaform.model.push_events import CloudWatchLogsEvent as CloudWatchLogsEvent
from lambdaform.model.push_events import CognitoEvent as CognitoEvent
from lambdaform.model.push_events import IoTRuleEvent as IoTRuleEvent
from lambdaform.model.push_events import S3Event as S3Event
from lambdaform.model.push_events import SnsEvent as SnsEvent
from lambdaform.model.rule_events import CloudWatchEvent as CloudWatchEvent
from lambdaform.model.rule_events import EventBridgeRuleEvent as EventBridgeRuleEvent
from lambdaform.model.schedule_events import ScheduleEvent as ScheduleEvent
from lambdaform.model.schedule_events import ScheduleV2Event as ScheduleV2Event
from lambdaform.model.schedule_syntax import ScheduleSyntax as ScheduleSyntax

"""A troposphere object in a stack is a resource like any other."""

from __future__ import annotations

import inspect
import subprocess
import sys
from typing import Any

import pytest
import troposphere
from troposphere import autoscaling, dynamodb, ec2, logs, ssm

from lambdaform import (
    Aws,
    DefinitionError,
    EventSourceMapping,
    Function,
    Parameter,
    Queue,
    RawResource,
    Ref,
    Stack,
    SubscriptionFilter,
    TroposphereResource,
    VpcConfig,
    get_att,
    if_,
    join,
    ref,
    sub,
)
from lambdaform.check.findings import check
from lambdaform.model.references import GetAtt, Intrinsic, LogicalRef, Sub
from lambdaform.synth.template import template_of


def entry(stack: Stack, logical_id: str) -> dict[str, Any]:
    written: dict[str, Any] = template_of(stack)["Resources"][logical_id]
    return written


def current_line() -> int:
    frame = inspect.currentframe()
    assert frame is not None
    assert frame.f_back is not None
    return frame.f_back.f_lineno


def network(**tags: str) -> tuple[Stack, Any]:
    stack = Stack("shop", tags=tags or None)
    return stack, stack.add(ec2.VPC("Vpc", CidrBlock="10.0.0.0/16"))


def test_lambdaform_does_not_import_troposphere() -> None:
    program = "import sys, lambdaform; lambdaform.Stack('s').add(lambdaform.Queue('Q')); print('troposphere' in sys.modules)"
    answer = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert answer.stdout.strip() == "False"


class TestAdded:
    def test_it_comes_back_as_a_resource(self) -> None:
        _, vpc = network()
        assert isinstance(vpc, TroposphereResource)
        assert (vpc.logical_id, vpc.aws_type) == ("Vpc", "AWS::EC2::VPC")

    def test_its_properties_are_written(self) -> None:
        stack, _ = network()
        assert entry(stack, "Vpc") == {"Type": "AWS::EC2::VPC", "Properties": {"CidrBlock": "10.0.0.0/16"}}

    def test_its_references_are_values(self) -> None:
        _, vpc = network()
        assert (vpc.ref, vpc.attr("CidrBlock")) == (ref("Vpc"), get_att("Vpc", "CidrBlock"))

    def test_its_references_lead_back_to_it(self) -> None:
        _, vpc = network()
        assert vpc.ref.target is vpc

    def test_it_knows_the_line_that_made_it(self) -> None:
        line = current_line() + 2
        stack = Stack("shop")
        vpc = ec2.VPC("Elsewhere", CidrBlock="10.0.0.0/16")
        added: Any = stack.add(vpc)
        assert (added.origin.locate().file, added.origin.locate().line) == (__file__, line)

    def test_it_knows_the_line_of_each_property(self) -> None:
        stack = Stack("shop")
        line = current_line() + 4
        added: Any = stack.add(
            ec2.VPC(
                "OverSeveralLines",
                CidrBlock="10.0.0.0/16",
            )
        )
        assert added.origin.locate(("CidrBlock",)).line == line

    def test_where_the_call_that_made_it_is_not_to_be_found_the_line_that_added_it_stands_in(self) -> None:
        line = current_line() + 2
        name = "Computed"
        added: Any = Stack("shop").add(ec2.VPC(name, CidrBlock="10.0.0.0/16"))
        assert added.origin.locate().line == line

    def test_its_logical_id_is_taken(self) -> None:
        stack, _ = network()
        with pytest.raises(DefinitionError, match="'Vpc' is taken"):
            stack.add(Queue("Vpc"))

    def test_its_attributes_are_kept(self) -> None:
        stack, vpc = network()
        stack.condition("IsProd", Aws.REGION)  # type: ignore[arg-type]
        stack.add(
            ec2.Subnet(
                "Subnet",
                VpcId=vpc.ref,
                CidrBlock="10.0.0.0/24",
                DependsOn=[vpc],
                Condition="IsProd",
                DeletionPolicy="Retain",
                UpdateReplacePolicy="Retain",
                Metadata={"Owner": troposphere.Ref("Vpc")},
            )
        )
        written = entry(stack, "Subnet")
        del written["Properties"]
        assert written == {
            "Type": "AWS::EC2::Subnet",
            "Condition": "IsProd",
            "DependsOn": "Vpc",
            "Metadata": {"Owner": {"Ref": "Vpc"}},
            "DeletionPolicy": "Retain",
            "UpdateReplacePolicy": "Retain",
        }

    def test_parts_of_it_are_written_whole(self) -> None:
        stack = Stack("shop")
        rule = ec2.SecurityGroupRule(IpProtocol="tcp", FromPort=443, ToPort=443, CidrIp="0.0.0.0/0")
        stack.add(ec2.SecurityGroup("Group", GroupDescription="web", SecurityGroupIngress=[rule]))
        assert entry(stack, "Group")["Properties"]["SecurityGroupIngress"] == [
            {"IpProtocol": "tcp", "FromPort": 443, "ToPort": 443, "CidrIp": "0.0.0.0/0"}
        ]

    def test_an_incomplete_one_is_refused_at_the_users_line(self) -> None:
        with pytest.raises(DefinitionError) as caught:
            Stack("shop").add(ssm.Parameter("P", Type="String"))
        assert "Value required" in str(caught.value)
        assert caught.value.where is not None
        assert caught.value.where.file == __file__

    def test_one_that_was_changed_afterwards_is_refused_rather_than_written_without_the_change(self) -> None:
        stack = Stack("shop")
        vpc = ec2.VPC("Vpc", CidrBlock="10.0.0.0/16")
        stack.add(vpc)
        vpc.EnableDnsSupport = True
        with pytest.raises(DefinitionError, match="was changed after it was added"):
            template_of(stack)


class TestTagged:
    def test_it_has_the_stacks_tags(self) -> None:
        stack, _ = network(team="shop")
        assert entry(stack, "Vpc")["Properties"]["Tags"] == [{"Key": "team", "Value": "shop"}]

    def test_its_own_tags_win(self) -> None:
        stack = Stack("shop", tags={"team": "shop", "stage": "test"})
        stack.add(ec2.VPC("Vpc", CidrBlock="10.0.0.0/16", Tags=troposphere.Tags(team="network")))
        assert entry(stack, "Vpc")["Properties"]["Tags"] == [
            {"Key": "stage", "Value": "test"},
            {"Key": "team", "Value": "network"},
        ]

    def test_a_type_that_takes_a_mapping_gets_one(self) -> None:
        stack = Stack("shop", tags={"team": "shop"})
        stack.add(ssm.Parameter("P", Type="String", Value="x", Tags={"own": "y"}))
        assert entry(stack, "P")["Properties"]["Tags"] == {"team": "shop", "own": "y"}

    def test_a_type_without_tags_gets_none(self) -> None:
        stack = Stack("shop", tags={"team": "shop"})
        stack.add(ec2.VPCGatewayAttachment("Attachment", VpcId="vpc-1", InternetGatewayId="igw-1"))
        assert "Tags" not in entry(stack, "Attachment")["Properties"]

    def test_a_raw_resource_of_a_type_it_knows_has_them_too(self) -> None:
        stack = Stack("shop", tags={"team": "shop"})
        stack.add(RawResource("Key", type="AWS::KMS::Key"))
        assert entry(stack, "Key")["Properties"] == {"Tags": [{"Key": "team", "Value": "shop"}]}

    def test_a_raw_resource_of_an_unknown_type_has_none(self) -> None:
        stack = Stack("shop", tags={"team": "shop"})
        stack.add(RawResource("Thing", type="My::Own::Thing", raw={"A": 1}))
        assert entry(stack, "Thing")["Properties"] == {"A": 1}

    def test_an_auto_scaling_groups_instances_get_them_too(self) -> None:
        stack = Stack("shop", tags={"team": "shop"})
        stack.add(
            autoscaling.AutoScalingGroup("Group", MinSize="1", MaxSize="1", AvailabilityZones=["eu-west-1a"])
        )
        assert entry(stack, "Group")["Properties"]["Tags"] == [
            {"Key": "team", "Value": "shop", "PropagateAtLaunch": True}
        ]


class TestOurReferencesInIt:
    @pytest.mark.parametrize(
        ("value", "expected"),
        [
            (Queue("Q").arn, {"Fn::GetAtt": ["Q", "Arn"]}),
            (Parameter("Size").ref, {"Ref": "Size"}),
            (Aws.REGION, {"Ref": "AWS::Region"}),
            (sub("${AWS::StackName}-x"), {"Fn::Sub": "${AWS::StackName}-x"}),
            (join("-", ["a", Queue("Q").ref]), {"Fn::Join": ["-", ["a", {"Ref": "Q"}]]}),
            (if_("IsProd", "a", "b"), {"Fn::If": ["IsProd", "a", "b"]}),
        ],
        ids=lambda each: type(each).__name__ if isinstance(each, Ref) else "",
    )
    def test_one_is_taken_for_a_scalar(self, value: Any, expected: object) -> None:
        stack = Stack("shop")
        stack.add(ssm.Parameter("P", Type="String", Value=value))
        assert entry(stack, "P")["Properties"]["Value"] == expected

    def test_one_is_taken_where_troposphere_converts_values(self) -> None:
        stack = Stack("shop")
        size = stack.parameter("Size", "Number")
        stack.add(ec2.Volume("Disk", AvailabilityZone="eu-west-1a", Size=size.ref))
        assert entry(stack, "Disk")["Properties"]["Size"] == {"Ref": "Size"}

    def test_some_are_taken_in_a_list(self) -> None:
        stack = Stack("shop")
        group = ec2.SecurityGroup("Group", GroupDescription="web")
        added: Any = stack.add(group)
        stack.add(ec2.Instance("Host", ImageId="ami-1", SecurityGroupIds=[added.attr("GroupId"), "sg-1"]))
        assert entry(stack, "Host")["Properties"]["SecurityGroupIds"] == [
            {"Fn::GetAtt": ["Group", "GroupId"]},
            "sg-1",
        ]

    def test_some_are_taken_in_its_helpers(self) -> None:
        stack = Stack("shop")
        queue = stack.add(Queue("Q"))
        value = troposphere.Join("/", [queue.ref, troposphere.Sub("${X}", {"X": queue.arn})])
        stack.add(ssm.Parameter("P", Type="String", Value=value))
        assert entry(stack, "P")["Properties"]["Value"] == {
            "Fn::Join": ["/", [{"Ref": "Q"}, {"Fn::Sub": ["${X}", {"X": {"Fn::GetAtt": ["Q", "Arn"]}}]}]]
        }

    def test_a_helper_takes_the_object_itself(self) -> None:
        stack = Stack("shop")
        queue = stack.add(Queue("Q"))
        stack.add(ssm.Parameter("P", Type="String", Value=troposphere.GetAtt(queue, "Arn")))
        assert entry(stack, "P")["Properties"]["Value"] == {"Fn::GetAtt": ["Q", "Arn"]}

    def test_a_reference_stays_what_it_is(self) -> None:
        reference = Queue("Q").arn
        assert isinstance(reference, troposphere.AWSHelperFn)
        assert type(reference) is GetAtt

    def test_a_reference_made_before_equals_one_made_after(self) -> None:
        assert ref("AWS::Region") == Aws.REGION


class TestInOurFields:
    def test_a_log_group_of_its_stands_for_its_name(self) -> None:
        group: Any = Stack("shop").add(logs.LogGroup("Logs"))
        subscription = SubscriptionFilter(
            "Filter",
            log_group_name=group,
            filter_pattern="",
            destination_arn="arn:aws:lambda:eu-west-1:1:function:f",
        )
        assert subscription.log_group_name == group.ref

    def test_a_table_of_its_stands_for_its_stream(self) -> None:
        table: Any = Stack("shop").add(
            dynamodb.Table(
                "T",
                BillingMode="PAY_PER_REQUEST",
                KeySchema=[dynamodb.KeySchema(AttributeName="id", KeyType="HASH")],
            )
        )
        mapping = EventSourceMapping("M", function_name="f", event_source_arn=table)
        assert mapping.event_source_arn == table.attr("StreamArn")

    def test_one_of_the_wrong_kind_is_refused(self) -> None:
        _, vpc = network()
        with pytest.raises(DefinitionError, match="event_source_arn is TroposphereResource 'Vpc'"):
            EventSourceMapping("M", function_name="f", event_source_arn=vpc)

    def test_it_may_be_waited_for(self) -> None:
        stack, vpc = network()
        stack.add(Queue("Q", depends_on=vpc))
        assert entry(stack, "Q")["DependsOn"] == "Vpc"


class TestItsHelpersInOurs:
    def test_one_is_taken_for_a_scalar(self) -> None:
        function = Function("F", role=troposphere.GetAtt("Role", "Arn"))
        assert function.role == get_att("Role", "Arn")

    def test_some_are_taken_in_lists_and_mappings(self) -> None:
        config = VpcConfig(subnet_ids=[troposphere.Ref("Subnet")], security_group_ids=["sg-1"])
        function = Function(
            "F", vpc_config=config, environment={"NAME": troposphere.Sub("${AWS::StackName}-x")}
        )
        assert config.subnet_ids == (ref("Subnet"),)
        assert function.environment.variables["NAME"] == Sub("${AWS::StackName}-x")  # type: ignore[union-attr, index]

    def test_one_is_taken_in_an_output(self) -> None:
        assert Stack("shop").output("Name", troposphere.Ref("Vpc")).value == LogicalRef("Vpc")

    def test_one_is_taken_in_a_raw_property(self) -> None:
        assert Queue("Q", raw={"Novelty": troposphere.Ref("X")}).raw["Novelty"] == ref("X")

    def test_one_is_taken_in_a_function_of_ours(self) -> None:
        reference = join("-", ["a", troposphere.Ref("X")])
        assert isinstance(reference, Intrinsic)
        assert reference.argument == ["-", ["a", ref("X")]]

    def test_one_is_taken_as_a_condition(self) -> None:
        condition = Stack("shop").condition("IsProd", troposphere.Equals(troposphere.Ref("Stage"), "prod"))
        assert condition.expression == Intrinsic("Fn::Equals", [ref("Stage"), "prod"])


class TestChecked:
    def test_a_dangling_reference_in_it_is_found(self) -> None:
        stack, _ = network()
        stack.add(
            ec2.Subnet(
                "Lost",
                CidrBlock="10.0.0.0/24",
                VpcId=troposphere.Ref("Vcp"),
            )
        )
        [found] = [finding for finding in check(stack) if finding.rule == "LF201"]
        assert found.right == "Did you mean Vpc?"
        assert found.location is not None
        assert (found.location.source_line or "").strip() == 'VpcId=troposphere.Ref("Vcp"),'

    def test_a_reference_to_one_that_was_not_added_is_found(self) -> None:
        _, vpc = network()
        other = Stack("other")
        other.add(ec2.Subnet("Subnet", VpcId=vpc.ref, CidrBlock="10.0.0.0/24"))
        assert [finding.rule for finding in check(other)] == ["LF201"]

    def test_an_undefined_condition_in_it_is_found(self) -> None:
        stack, vpc = network()
        stack.add(ec2.Subnet("Subnet", VpcId=vpc.ref, CidrBlock="10.0.0.0/24", Condition="Nowhere"))
        assert [finding.rule for finding in check(stack)] == ["LF203"]

    def test_a_circle_through_it_is_found(self) -> None:
        stack = Stack("shop")
        stack.add(ssm.Parameter("P", Type="String", Value=troposphere.GetAtt("Q", "Arn")))
        stack.add(Queue("Q", queue_name=ref("P")))
        assert "LF202" in [finding.rule for finding in check(stack)]

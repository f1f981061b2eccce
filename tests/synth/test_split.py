"""Large stacks are cut into nested stacks: nothing is lost, nothing is renamed, every reference finds its way."""

from __future__ import annotations

import json
import time
from collections.abc import Mapping
from typing import Any

import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from lambdaform import Function, HttpApi, HttpApiEvent, Queue, SimpleTable, SqsEvent, Stack
from lambdaform.errors import DefinitionError
from lambdaform.synth.assembly import Assembly, assemble, expand
from lambdaform.synth.partition import Limits
from lambdaform.synth.split import Split, split
from lambdaform.synth.template_references import Key, references, rewritten

SMALL = Limits(things=6, weight=100_000, inward=8, outward=8)
CODE: dict[str, Any] = {
    "runtime": "python3.13",
    "handler": "index.handler",
    "inline_code": "def handler(event, context): return 1",
}


def parted(resources: Mapping[str, Any], limits: Limits = SMALL, /, **sections: Any) -> Split:
    return split(Assembly("shop", {"Resources": dict(resources), **sections}, "cfn"), limits)


def thing(*names: str, **attributes: Any) -> dict[str, Any]:
    """A resource that refers to others."""
    properties = {f"P{index}": {"Ref": name} for index, name in enumerate(names)}
    return {"Type": "AWS::SSM::Association", "Properties": properties, **attributes}


def joined(done: Split) -> dict[str, Any]:
    """The resources of all parts with what crosses the cuts put back, as they were before."""
    root = done.assembly.template
    parts = done.assembly.nested

    def from_root(key: Key) -> Any | None:
        if key.name not in parts:
            return None
        assert key.attribute is not None
        output = parts[key.name].template["Outputs"][key.attribute.removeprefix("Outputs.")]
        return rewritten(output["Value"], lambda inner: from_part(key.name, inner))

    def from_part(title: str, key: Key) -> Any | None:
        if key.attribute is not None or key.name not in parts[title].template.get("Parameters", {}):
            return None
        given = root["Resources"][title]["Properties"]["Parameters"][key.name]
        if isinstance(given, dict) and "Fn::If" in given:
            given = given["Fn::If"][1]
        return rewritten(given, from_root)

    resources = {
        name: rewritten(entry, from_root) for name, entry in root["Resources"].items() if name not in parts
    }
    for title, part in parts.items():
        for name, entry in part.template["Resources"].items():
            assert name not in resources, "in two parts"
            resources[name] = rewritten(entry, lambda key, title=title: from_part(title, key))  # type: ignore[misc]
    return resources


def without_dependencies(resources: Mapping[str, Any]) -> dict[str, Any]:
    return {name: {k: v for k, v in each.items() if k != "DependsOn"} for name, each in resources.items()}


def check_whole(done: Split, resources: Mapping[str, Any]) -> None:
    """Nothing is lost or changed, every reference is resolvable, and no limit is broken."""
    back = {name: each for name, each in joined(done).items() if name in resources}
    assert without_dependencies(back) == without_dependencies(resources)
    templates = [done.assembly.template, *(each.template for each in done.assembly.nested.values())]
    for template in templates:
        known = {*template["Resources"], *template.get("Parameters", {})}
        used = {key.name for key in references([template["Resources"], template.get("Outputs", {})])}
        assert {name for name in used if not name.startswith("AWS::")} <= known
        for entry in template["Resources"].values():
            depends = entry.get("DependsOn", [])
            assert {depends} if isinstance(depends, str) else set(depends) <= template["Resources"].keys()
    check_order(done.assembly.template)


def check_order(root: Mapping[str, Any]) -> None:
    """The root's resources need each other in no circle."""
    needs = {
        name: {key.name for key in references(entry) if key.name in root["Resources"]}
        | set(entry.get("DependsOn", []))
        for name, entry in root["Resources"].items()
    }
    while needs:
        ready = [name for name, others in needs.items() if not others & needs.keys()]
        assert ready, f"a circle among {sorted(needs)}"
        for name in ready:
            del needs[name]


@st.composite
def templates(draw: st.DrawFn) -> dict[str, Any]:
    """Resources, each with references to earlier ones, in a random order."""
    count = draw(st.integers(1, 40))
    names = [f"R{number}" for number in range(count)]
    resources: dict[str, Any] = {}
    for number, name in enumerate(names):
        earlier = st.sampled_from(names[:number]) if number else st.nothing()
        used = draw(st.lists(earlier, max_size=4, unique=True)) if number else []
        attributes = draw(
            st.lists(st.sampled_from(["Ref", "Arn", "Sub"]), min_size=len(used), max_size=len(used))
        )
        properties: dict[str, Any] = {}
        for index, (other, how) in enumerate(zip(used, attributes, strict=True)):
            properties[f"P{index}"] = {
                "Ref": {"Ref": other},
                "Arn": {"Fn::GetAtt": [other, "Arn"]},
                "Sub": {"Fn::Sub": f"a:${{{other}}}:${{{other}.Arn}}:${{AWS::Region}}"},
            }[how]
        entry: dict[str, Any] = {
            "Type": draw(st.sampled_from(["AWS::SSM::Association", "AWS::SQS::Queue"])),
            "Properties": properties,
        }
        if number and draw(st.booleans()):
            entry["DependsOn"] = draw(earlier)
        resources[name] = entry
    order = draw(st.permutations(names))
    return {name: resources[name] for name in order}


@given(templates(), st.integers(3, 9))
@settings(max_examples=150, deadline=None)
def test_all_parts_together_are_what_was_split(resources: dict[str, Any], most: int) -> None:
    limits = Limits(things=most, weight=100_000, inward=30, outward=30)
    done = parted(resources, limits)
    check_whole(done, resources)
    for part in done.assembly.nested.values():
        assert len(part.template["Resources"]) <= most
        assert len(part.template.get("Parameters", {})) <= 30
        assert len(part.template.get("Outputs", {})) <= 30


@given(templates())
@settings(max_examples=30, deadline=None)
def test_the_same_stack_is_always_split_alike(resources: dict[str, Any]) -> None:
    limits = Limits(things=5, weight=100_000, inward=30, outward=30)
    assert json.dumps(parted(resources, limits).parts) == json.dumps(parted(resources, limits).parts)


@given(templates(), templates(), st.integers(0, 10))
@settings(max_examples=60, deadline=None, phases=[Phase.explicit, Phase.generate])
def test_with_a_plan_what_stays_stays_where_it_was(
    before: dict[str, Any], added: dict[str, Any], gone: int
) -> None:
    limits = Limits(things=7, weight=100_000, inward=30, outward=30)
    plan = parted(before, limits).parts
    new = {
        f"N{name}": rewritten(
            each, lambda key: Key(f"N{key.name}", key.attribute).as_data() if key.name in added else None
        )
        for name, each in added.items()
    }
    for each in new.values():
        each.pop("DependsOn", None)
    left = dict(list(before.items())[gone:])
    kept = {name: without(each, before.keys() - left.keys()) for name, each in left.items()}
    done = split(Assembly("shop", {"Resources": {**new, **kept}}, "cfn"), limits, plan)
    check_whole(done, {**new, **kept})
    where = {name: title for title, names in done.parts.items() for name in names}
    was = {name: title for title, names in plan.items() for name in names}
    assert [name for name in kept if where[name] != was[name]] == []
    assert done.relocated == []


def without(entry: Any, gone: Any) -> Any:
    """A resource without what refers to resources that are gone."""
    properties = {
        name: value
        for name, value in entry["Properties"].items()
        if not {key.name for key in references(value)} & set(gone)
    }
    left = {**entry, "Properties": properties}
    if left.get("DependsOn") in gone:
        del left["DependsOn"]
    return left


def test_what_has_to_move_for_its_needs_is_told() -> None:
    resources = {f"R{number}": thing() for number in range(12)}
    plan = parted(resources).parts
    first, *_, last = plan.values()
    assert first[0] not in last
    resources[first[0]] = thing(last[0])
    done = split(Assembly("shop", {"Resources": resources}, "cfn"), SMALL, plan)
    check_whole(done, resources)
    assert done.relocated


def test_a_part_has_a_name_that_no_resource_has() -> None:
    done = parted({f"Part{number}": thing() for number in range(12)})
    assert list(done.parts) == ["StackPart1", "StackPart2"]


def test_what_is_connected_stays_together() -> None:
    resources = {
        f"{name}{number}": thing(*([f"A{number}"] if name == "B" else []))
        for number in range(6)
        for name in "AB"
    }
    done = parted(resources)
    for part in done.parts.values():
        assert {name[1:] for name in part if name[0] == "A"} == {name[1:] for name in part if name[0] == "B"}


def test_a_reference_across_the_cut_is_an_output_and_a_parameter() -> None:
    resources = {f"R{number}": thing(*(["R0"] if number else [])) for number in range(12)}
    done = parted(resources)
    check_whole(done, resources)
    users = [part for part in done.assembly.nested.values() if "R0" not in part.template["Resources"]]
    assert users
    assert users[0].template["Parameters"] == {"R0Ref": {"Type": "String"}}
    owner = next(each for each in done.assembly.nested.values() if "R0" in each.template["Resources"])
    assert owner.template["Outputs"] == {"R0Ref": {"Value": {"Ref": "R0"}}}


def test_what_holds_data_stays_in_the_root() -> None:
    resources = {"Jobs": {"Type": "AWS::SQS::Queue"}, **{f"R{number}": thing("Jobs") for number in range(12)}}
    done = parted(resources)
    assert "Jobs" in done.assembly.template["Resources"]
    assert done.moved == []
    [nested, *_] = [each for each in done.assembly.template["Resources"].values() if "Properties" in each]
    assert nested["Properties"]["Parameters"] == {"JobsRef": {"Ref": "Jobs"}}


def test_what_holds_data_and_has_no_room_in_the_root_is_told() -> None:
    done = parted({f"Q{number}": {"Type": "AWS::SQS::Queue"} for number in range(12)})
    assert done.moved


def test_the_root_keeps_tables_before_queues() -> None:
    queues = {f"Q{number}": {"Type": "AWS::SQS::Queue"} for number in range(12)}
    done = parted({**queues, "Table": {"Type": "AWS::DynamoDB::Table"}})
    assert "Table" in done.parts["Root"]
    assert "Table" not in done.moved


def test_dependencies_across_the_cut_are_dependencies_of_nested_stacks() -> None:
    resources = {f"R{number}": thing(**({"DependsOn": "R0"} if number else {})) for number in range(12)}
    done = parted(resources)
    root = done.assembly.template["Resources"]
    [owner] = [title for title, names in done.parts.items() if "R0" in names]
    others = [title for title in done.parts if title != owner]
    assert others
    assert all(root[title]["DependsOn"] == [owner] for title in others)


def test_outputs_and_exports_stay_in_the_root() -> None:
    outputs = {"Arn": {"Value": {"Fn::GetAtt": ["R3", "Arn"]}, "Export": {"Name": "arn"}}}
    done = parted({f"R{number}": thing() for number in range(12)}, Outputs=outputs)
    [title] = [title for title, names in done.parts.items() if "R3" in names]
    written = done.assembly.template["Outputs"]["Arn"]
    assert written == {
        "Value": {"Fn::GetAtt": [title, "Outputs.R3Arn"]},
        "Export": {"Name": "arn"},
    }


def test_parameters_go_to_the_parts_that_use_them() -> None:
    parameters = {"Stage": {"Type": "String", "Default": "dev"}, "Secret": {"Type": "String", "NoEcho": True}}
    resources = {
        f"R{number}": thing(*(["Stage"] if number == 1 else ["Secret"] if number == 9 else []))
        for number in range(12)
    }
    done = parted(resources, Parameters=parameters)
    check_whole(done, resources)
    declared = [part.template.get("Parameters") for part in done.assembly.nested.values()]
    assert declared == [{"Stage": {"Type": "String"}}, {"Secret": {"Type": "String", "NoEcho": True}}]
    assert list(done.assembly.template["Parameters"]) == ["Stage", "Secret", "AssetBucket"]


def test_a_list_goes_to_a_part_as_a_list() -> None:
    parameters = {"Subnets": {"Type": "List<AWS::EC2::Subnet::Id>"}}
    done = parted({f"R{number}": thing("Subnets") for number in range(12)}, Parameters=parameters)
    [part, *_] = done.assembly.nested.values()
    assert part.template["Parameters"] == {"Subnets": {"Type": "CommaDelimitedList"}}
    [nested, *_] = done.assembly.template["Resources"].values()
    assert nested["Properties"]["Parameters"] == {"Subnets": {"Fn::Join": [",", {"Ref": "Subnets"}]}}


def test_a_list_of_a_resource_goes_to_a_part_as_a_list() -> None:
    user = {
        "Type": "AWS::SSM::Association",
        "Properties": {"Entries": {"Fn::GetAtt": ["Endpoint", "DnsEntries"]}},
    }
    resources = {
        "Endpoint": {"Type": "AWS::EC2::VPCEndpoint"},
        **{f"R{number}": user for number in range(12)},
    }
    done = parted(resources)
    owner = next(each for each in done.assembly.nested.values() if "Endpoint" in each.template["Resources"])
    other = next(
        each for each in done.assembly.nested.values() if "Endpoint" not in each.template["Resources"]
    )
    assert owner.template["Outputs"]["EndpointDnsEntries"]["Value"] == {
        "Fn::Join": [",", {"Fn::GetAtt": ["Endpoint", "DnsEntries"]}]
    }
    assert other.template["Parameters"]["EndpointDnsEntries"] == {"Type": "CommaDelimitedList"}


def test_the_stacks_own_name_stays_the_roots() -> None:
    entry = {
        "Type": "AWS::SSM::Association",
        "Properties": {"Name": {"Fn::Sub": "${AWS::StackName}-${AWS::Region}"}},
    }
    done = parted({f"R{number}": entry for number in range(8)})
    [part, *_] = done.assembly.nested.values()
    [written, *_] = part.template["Resources"].values()
    assert written["Properties"]["Name"] == {"Fn::Sub": "${RootStackName}-${AWS::Region}"}
    [nested, *_] = done.assembly.template["Resources"].values()
    assert nested["Properties"]["Parameters"] == {"RootStackName": {"Ref": "AWS::StackName"}}


def test_conditions_go_with_the_resources_that_use_them() -> None:
    sections: dict[str, Any] = {
        "Parameters": {"Stage": {"Type": "String"}},
        "Conditions": {
            "IsProd": {"Fn::Equals": [{"Ref": "Stage"}, "prod"]},
            "IsNotProd": {"Fn::Not": [{"Condition": "IsProd"}]},
            "Unused": {"Fn::Equals": ["a", "b"]},
        },
    }
    resources = {
        "R0": thing(Condition="IsNotProd"),
        **{f"R{number}": thing() for number in range(1, 7)},
        "Last": {
            "Type": "AWS::SSM::Association",
            "Properties": {"P": {"Fn::If": ["IsNotProd", {"Ref": "R0"}, "none"]}},
        },
        **{f"S{number}": thing("R0", Condition="IsNotProd") for number in range(9)},
    }
    done = parted(resources, **sections)
    check_whole(done, resources)
    owner = next(each for each in done.assembly.nested.values() if "R0" in each.template["Resources"])
    assert list(owner.template["Conditions"]) == ["IsProd", "IsNotProd"]
    assert owner.template["Outputs"]["R0Ref"]["Condition"] == "IsNotProd"
    given = [each["Properties"]["Parameters"] for each in done.assembly.template["Resources"].values()]
    handed = next(each["R0Ref"] for each in given if "R0Ref" in each)
    assert handed["Fn::If"][0] == "IsNotProd"
    assert handed["Fn::If"][2] == ""


def test_a_part_always_has_a_resource_that_is_made() -> None:
    sections: dict[str, Any] = {"Conditions": {"Never": {"Fn::Equals": ["a", "b"]}}}
    done = parted({f"R{number}": thing(Condition="Never") for number in range(8)}, **sections)
    for part in done.assembly.nested.values():
        assert any("Condition" not in each for each in part.template["Resources"].values())


def test_mappings_go_with_the_resources_that_look_up_in_them() -> None:
    entry = {"Type": "AWS::SSM::Association", "Properties": {"Name": {"Fn::FindInMap": ["Names", "a", "b"]}}}
    resources = {"R0": entry, **{f"R{number}": thing() for number in range(1, 8)}}
    done = parted(resources, Mappings={"Names": {"a": {"b": "c"}}, "Others": {"a": {"b": "c"}}})
    mappings = [part.template.get("Mappings") for part in done.assembly.nested.values()]
    assert mappings == [{"Names": {"a": {"b": "c"}}}, None]


def test_what_needs_more_than_a_part_may_be_given_stays_in_the_root() -> None:
    names = [f"R{number}" for number in range(12)]
    resources = {**{name: thing() for name in names}, "Wide": thing(*names)}
    done = parted(resources)
    check_whole(done, resources)
    assert "Wide" in done.assembly.template["Resources"]


def test_a_stack_with_a_macro_is_not_split() -> None:
    with pytest.raises(DefinitionError, match="has the macro Shout, whose resources only AWS knows"):
        parted({"R": thing()}, Transform=["Shout"])


def test_a_stack_with_a_loop_is_not_split() -> None:
    with pytest.raises(DefinitionError, match=r"has a loop \(Fn::ForEach\)"):
        parted({"Fn::ForEach::Loop": ["A", ["B"], {}]})


def test_what_belongs_together_and_is_too_much_is_an_error() -> None:
    circle = {f"R{number}": thing(f"R{(number + 1) % 9}") for number in range(9)}
    with pytest.raises(
        DefinitionError, match="cannot be split: 9 resources would have to be in one template"
    ):
        parted(circle)


def jobs(count: int, *, web: bool = False) -> Stack:
    """An application as people have them: a table that all use, many functions with queues, perhaps an API."""
    stack = Stack("shop")
    table = stack.add(SimpleTable("Table"))
    api = stack.add(HttpApi("Web")) if web else None
    for number in range(count):
        queue = stack.add(Queue(f"Jobs{number}"))
        events: dict[str, Any] = {"Jobs": SqsEvent(queue)}
        if api is not None:
            events["Web"] = HttpApiEvent(path=f"/{number}", method="GET", api_id=api)
        stack.add(
            Function(
                f"Fn{number}",
                **CODE,
                environment={"TABLE": table.ref},
                auto_publish_alias="live",
                events=events,
            )
        )
    return stack


def test_an_api_with_many_functions_is_split_from_them() -> None:
    assembly = expand(assemble(jobs(20, web=True)))
    done = split(assembly, Limits(things=40, weight=500_000, inward=15, outward=60))
    check_whole(done, assembly.template["Resources"])
    assert "Web" in done.assembly.template["Resources"]
    assert len(done.assembly.nested) > 2


def test_a_function_stays_with_its_role_version_and_alias() -> None:
    assembly = expand(assemble(jobs(20)))
    done = split(assembly, Limits(things=43, weight=500_000, inward=60, outward=60))
    for number in range(20):
        own = {f"Fn{number}{ending}" for ending in ("Role", "Aliaslive", "Jobs")}
        own |= {name for name in assembly.template["Resources"] if name.startswith(f"Fn{number}Version")}
        homes = {title for title, names in done.parts.items() if (own | {f"Fn{number}"}) & set(names)}
        assert len(own) == 4
        assert len(homes) == 1


@pytest.mark.slow
def test_a_stack_of_1200_functions_is_split_in_seconds() -> None:
    assembly = expand(assemble(jobs(1200)))
    started = time.process_time()
    done = split(assembly)
    spent = time.process_time() - started
    check_whole(done, assembly.template["Resources"])
    for template in (done.assembly.template, *(each.template for each in done.assembly.nested.values())):
        assert len(template["Resources"]) <= 500
        assert len(template.get("Parameters", {})) <= 200
        assert len(template.get("Outputs", {})) <= 200
    for part in done.assembly.nested.values():
        assert len(part.text().encode()) <= 1_000_000
    assert spent < 20  # About 2 on a machine that does nothing else.

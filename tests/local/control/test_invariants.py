"""Random operations, right ones and wrong ones, on functions, versions and aliases, against a simple model of them.

Whatever comes: versions are numbered without gaps or reuse and never change; revision ids change exactly where something
did; what is deleted is gone with its parts; totals hold; a refused call changes nothing; a new run finds all as it was.
Policies and concurrency have a machine of their own, in `test_account_invariants`.
"""

from __future__ import annotations

import shutil
import tempfile
from pathlib import Path
from typing import Any

from attrs import define, evolve, field
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from lambdaform.local.control.function_operations import TRANSITION_S
from lambdaform.local.control.records import LATEST
from tests.local.control.planes import Bench, bench, function, zipped

NAMES = ("one", "two")
ALIASES = ("live", "beta")
PACKAGES = [zipped(text) for text in ("a = 1", "b = 22", "c = 333")]

names = st.sampled_from(NAMES)
aliases = st.sampled_from(ALIASES)
packages = st.integers(0, len(PACKAGES) - 1)
timeouts = st.sampled_from((1, 3, 900))
descriptions = st.sampled_from(("", "first", "second"))
numbers = st.sampled_from(("1", "1", "2", "2", "3", "17"))
revisions = st.sampled_from(("none", "none", "none", "right", "right", "wrong"))
mostly = st.sampled_from((True, True, True, False))
rarely = st.sampled_from((False, False, False, True))
#: How long a caller waits first; transitions are through after the longest.
pauses = st.sampled_from((5.0, 5.0, 5.0, TRANSITION_S, 0.1, 0.0))


@define
class Content:
    """What of a version callers can change."""

    package: int
    timeout: int = 3
    description: str = ""


@define
class Published:
    """A version as it was told when it was published."""

    content: Content
    document: dict[str, Any]


@define
class Model:
    """One function, as simply as it can be said."""

    latest: Content
    pending_until: float
    updating_until: float
    last: int = 0
    last_content: Content | None = None
    versions: dict[str, Published] = field(factory=dict)
    aliases: dict[str, tuple[str, str | None]] = field(factory=dict)
    #: The revision ids that ``$LATEST`` has had, and whether the next must be another.
    seen: list[str] = field(factory=list)
    must_change: bool = True


class Functions(RuleBasedStateMachine):
    """The operations, each called where it must succeed and where it must be refused."""

    @initialize()
    def start(self) -> None:
        self.folder = Path(tempfile.mkdtemp())
        self.runs = 0
        self.models: dict[str, Model] = {}
        self.aws = self.opened()
        for name in NAMES:
            self.create(name, 0, False)

    def teardown(self) -> None:
        self.aws.state.store.close()
        shutil.rmtree(self.folder)

    def opened(self) -> Bench:
        self.runs += 1
        made = bench(
            self.folder / f"run-{self.runs}",
            file=self.folder / "control.sqlite3",
            archives=self.folder / "archives",
        )
        # Ids must not come again.
        for _ in range(1000 * self.runs):
            made.state.new_id()
        return made

    # What the model says.

    def is_busy(self, model: Model) -> bool:
        return self.aws.clock.now() < max(model.pending_until, model.updating_until)

    def changed(self, model: Model) -> None:
        model.must_change = True

    def publish(self, model: Model, document: dict[str, Any], description: str | None) -> None:
        """A version was told by an operation that publishes."""
        if model.last_content == model.latest and str(model.last) in model.versions:
            assert document["Version"] == str(model.last)
            return
        model.last += 1
        model.last_content = evolve(model.latest)
        assert document["Version"] == str(model.last)
        content = evolve(model.latest)
        if description is not None:
            content.description = description
        model.versions[str(model.last)] = Published(
            content, self.record(document["FunctionName"], str(model.last))
        )
        self.changed(model)

    def record(self, name: str, version: str) -> dict[str, Any]:
        """A version's record, for comparison with what it will be."""
        return {"record": self.aws.state.versions[name, version]}

    def revision(self, name: str, which: str) -> dict[str, str]:
        """A precondition, right or wrong."""
        if which == "none":
            return {}
        latest = self.aws.state.versions[name, LATEST]
        return {"RevisionId": latest.revision(self.aws.clock.now()) if which == "right" else "wrong"}

    # What callers do.

    @rule(seconds=pauses)
    def wait(self, seconds: float) -> None:
        """Time goes on, and with it transitions."""
        before = self.aws.clock.now()
        self.aws.clock.forward(seconds)
        now = self.aws.clock.now()
        for model in self.models.values():
            ends = max(model.pending_until, model.updating_until)
            if before < ends <= now:
                self.changed(model)

    @rule(name=names, package=packages, publish=st.booleans())
    def create(self, name: str, package: int, publish: bool) -> None:
        members = function(name, Code={"ZipFile": PACKAGES[package]}, Publish=publish)
        if name in self.models:
            assert self.aws.refused("CreateFunction", **members).code == "ResourceConflictException"
            return
        document = self.aws.ask("CreateFunction", **members)
        until = self.aws.clock.now() + TRANSITION_S
        model = self.models[name] = Model(Content(package), until, until)
        assert (document["State"], "LastUpdateStatus" in document) == ("Pending", False)
        if publish:
            self.publish(model, document, None)

    @rule(
        name=names,
        wrong=st.sampled_from(({"Role": None}, {"Runtime": "cobol"}, {"Code": {"ZipFile": b"no"}})),
    )
    def create_wrongly(self, name: str, wrong: dict[str, Any]) -> None:
        members = function(f"{name}-wrong", **wrong)
        if members["Role"] is None:
            members["Timeout"], members["Role"] = 901, "arn:aws:iam::123456789012:role/lambda"
        assert self.aws.refused("CreateFunction", **members).status == 400

    @rule(pause=pauses, name=names, timeout=timeouts, description=st.none() | descriptions, which=revisions)
    def configure(self, pause: float, name: str, timeout: int, description: str | None, which: str) -> None:
        self.wait(pause)
        model = self.models.get(name)
        members = {"FunctionName": name, "Timeout": timeout, "Description": description}
        if model is None:
            assert self.aws.refused("UpdateFunctionConfiguration", **members).status == 404
            return
        members |= self.revision(name, which)
        if self.is_busy(model):
            assert self.aws.refused("UpdateFunctionConfiguration", **members).status == 409
            return
        if which == "wrong":
            assert self.aws.refused("UpdateFunctionConfiguration", **members).status == 412
            return
        document = self.aws.ask("UpdateFunctionConfiguration", **members)
        model.latest.timeout = timeout
        if description is not None:
            model.latest.description = description
        model.updating_until = self.aws.clock.now() + TRANSITION_S
        self.changed(model)
        assert document["LastUpdateStatus"] == "InProgress"

    @rule(pause=pauses, name=names, package=packages, publish=st.booleans(), dry=rarely, which=revisions)
    def deploy(self, pause: float, name: str, package: int, publish: bool, dry: bool, which: str) -> None:
        self.wait(pause)
        model = self.models.get(name)
        members = {"FunctionName": name, "ZipFile": PACKAGES[package], "Publish": publish, "DryRun": dry}
        if model is None:
            assert self.aws.refused("UpdateFunctionCode", **members).status == 404
            return
        members |= self.revision(name, which)
        if self.is_busy(model):
            assert self.aws.refused("UpdateFunctionCode", **members).status == 409
            return
        if which == "wrong":
            assert self.aws.refused("UpdateFunctionCode", **members).status == 412
            return
        document = self.aws.ask("UpdateFunctionCode", **members)
        assert document["CodeSize"] == len(PACKAGES[package])
        if dry:
            return
        model.latest.package = package
        model.updating_until = self.aws.clock.now() + TRANSITION_S
        self.changed(model)
        if publish:
            self.publish(model, document, None)

    @rule(pause=pauses, name=names, description=st.none() | descriptions, right_code=mostly, which=revisions)
    def publish_version(
        self, pause: float, name: str, description: str | None, right_code: bool, which: str
    ) -> None:
        self.wait(pause)
        model = self.models.get(name)
        members: dict[str, Any] = {"FunctionName": name, "Description": description}
        if model is None:
            assert self.aws.refused("PublishVersion", **members).status == 404
            return
        members |= self.revision(name, which)
        code = self.aws.state.versions[name, LATEST].code
        assert code is not None
        members["CodeSha256"] = code.sha256 if right_code else "wrong"
        if self.is_busy(model):
            assert self.aws.refused("PublishVersion", **members).status == 409
        elif which == "wrong":
            assert self.aws.refused("PublishVersion", **members).status == 412
        elif not right_code:
            assert self.aws.refused("PublishVersion", **members).status == 400
        else:
            self.publish(model, self.aws.ask("PublishVersion", **members), description)

    @rule(name=names, timeout=timeouts)
    def release(self, name: str, timeout: int) -> None:
        """What people do mostly: change, wait, publish."""
        self.configure(5.0, name, timeout, None, "none")
        self.publish_version(5.0, name, None, True, "right")

    @rule(name=names, version=st.sampled_from(("1", "1", "2", "2", "3", LATEST, "live")))
    def delete_version(self, name: str, version: str) -> None:
        model = self.models.get(name)
        members = {"FunctionName": name, "Qualifier": version}
        if version in (LATEST, "live"):
            assert self.aws.refused("DeleteFunction", **members).status == 400
        elif model is None:
            assert self.aws.refused("DeleteFunction", **members).status == 404
        elif any(version in route for route in model.aliases.values()):
            assert self.aws.refused("DeleteFunction", **members).status == 409
        else:
            self.aws.ask("DeleteFunction", **members)
            model.versions.pop(version, None)

    @rule(name=names, sure=rarely)
    def delete(self, name: str, sure: bool) -> None:
        if not sure and name in self.models:
            return
        if self.models.pop(name, None) is None:
            assert self.aws.refused("DeleteFunction", FunctionName=name).status == 404
            return
        self.aws.ask("DeleteFunction", FunctionName=name)

    @rule(name=names, alias=aliases, version=numbers | st.just(LATEST), further=st.none() | numbers)
    def put_alias(self, name: str, alias: str, version: str, further: str | None) -> None:
        """Made or changed, whichever it can be; and never the other."""
        model = self.models.get(name)
        weights = {further: 0.5} if further is not None else {}
        members: dict[str, Any] = {
            "FunctionName": name,
            "Name": alias,
            "FunctionVersion": version,
            "RoutingConfig": {"AdditionalVersionWeights": weights},
        }
        is_new = model is None or alias not in model.aliases
        right, wrong = ("CreateAlias", "UpdateAlias") if is_new else ("UpdateAlias", "CreateAlias")
        assert self.aws.refused(wrong, **members).status in (400, 404, 409)
        if model is None or not self.leads_somewhere(model, version, further):
            assert self.aws.refused(right, **members).status in (400, 404)
            return
        before = self.aws.state.aliases.of(name).get(alias)
        told = self.aws.ask(right, **members)
        assert before is None or told["RevisionId"] != before.revision_id
        model.aliases[alias] = version, further

    @rule(name=names, alias=aliases)
    def delete_alias(self, name: str, alias: str) -> None:
        model = self.models.get(name)
        if model is None:
            assert self.aws.refused("DeleteAlias", FunctionName=name, Name=alias).status == 404
            return
        self.aws.ask("DeleteAlias", FunctionName=name, Name=alias)
        model.aliases.pop(alias, None)

    @precondition(lambda self: self.models)
    @rule()
    def start_again(self) -> None:
        """Another run takes over what this one has left."""
        before, clock = self.aws.everything(), self.aws.clock
        self.aws.state.store.close()
        self.aws = self.opened()
        self.aws.clock.moment = clock.moment
        assert self.aws.everything() == before

    @staticmethod
    def leads_somewhere(model: Model, version: str, further: str | None) -> bool:
        if further is not None and (version in (LATEST, further) or further not in model.versions):
            return False
        return version == LATEST or version in model.versions

    # What holds at all times.

    @invariant()
    def functions_are_those_of_the_model(self) -> None:
        assert {each["FunctionName"] for each in self.aws.ask("ListFunctions")["Functions"]} == set(
            self.models
        )

    @invariant()
    def versions_are_those_of_the_model_and_as_they_were(self) -> None:
        for name, model in self.models.items():
            listed = self.aws.ask("ListVersionsByFunction", FunctionName=name)["Versions"]
            assert [each["Version"] for each in listed] == [LATEST, *model.versions]
            for each in listed:
                version = each["Version"]
                content = model.latest if version == LATEST else model.versions[version].content
                assert (each["Timeout"], each["Description"]) == (content.timeout, content.description)
                assert each["CodeSize"] == len(PACKAGES[content.package])
                if version != LATEST:
                    assert self.record(name, version) == model.versions[version].document

    @invariant()
    def revisions_change_where_something_did(self) -> None:
        for name, model in self.models.items():
            revision = self.aws.ask("GetFunctionConfiguration", FunctionName=name)["RevisionId"]
            if model.must_change:
                assert revision not in model.seen
                model.seen.append(revision)
                model.must_change = False
            assert revision == model.seen[-1]

    @invariant()
    def states_go_by_the_clock(self) -> None:
        now = self.aws.clock.now()
        for name, model in self.models.items():
            told = self.aws.ask("GetFunctionConfiguration", FunctionName=name)
            pending, updating = now < model.pending_until, now < model.updating_until
            assert told["State"] == ("Pending" if pending else "Active")
            expected = None if pending else "InProgress" if updating else "Successful"
            assert told.get("LastUpdateStatus") == expected

    @invariant()
    def nothing_is_left_of_what_is_gone(self) -> None:
        state = self.aws.state
        owners = {owner for table in (state.versions, state.aliases) for owner, _ in table}
        assert owners <= set(self.models)

    @invariant()
    def aliases_are_those_of_the_model_and_lead_somewhere(self) -> None:
        for name, model in self.models.items():
            found = {
                each.name: (each.version, next(iter(each.weights), None))
                for each in self.aws.state.aliases.of(name).values()
            }
            assert found == model.aliases
            for version, further in found.values():
                assert version in self.aws.state.versions.of(name)
                assert further is None or further in model.versions

    @invariant()
    def totals_hold(self) -> None:
        sizes = [
            len(PACKAGES[content.package])
            for model in self.models.values()
            for content in (model.latest, *(each.content for each in model.versions.values()))
        ]
        usage = self.aws.ask("GetAccountSettings")["AccountUsage"]
        assert usage == {"TotalCodeSize": sum(sizes), "FunctionCount": len(self.models)}


TestFunctions = Functions.TestCase
TestFunctions.settings = settings(
    max_examples=40, stateful_step_count=30, deadline=None, suppress_health_check=list(HealthCheck)
)

"""The pages of the rules: each says why, shows the rule broken and kept, and names its source."""

from __future__ import annotations

import pytest

from lambdaform.check.aliases import ALIASES, aliases_of
from lambdaform.check.page import GROUPS, markdown, plain, rules_for, sections
from lambdaform.check.reference import Reference, references_of
from lambdaform.check.rule import Rule, rules

EVERY_RULE = pytest.mark.parametrize("rule", rules().values(), ids=lambda rule: rule.id)


@EVERY_RULE
def test_a_page_has_every_part(rule: Rule) -> None:
    titles = [part.title for part in sections(rule)]
    assert titles[:5] == ["Why", "Wrong", "Right", "Suppress", "Source"]


@EVERY_RULE
def test_a_page_is_short_enough_to_read(rule: Rule) -> None:
    assert len(markdown(rule).splitlines()) < 220
    assert max(map(len, markdown(rule).splitlines())) < 700


@EVERY_RULE
def test_every_rule_is_in_a_group(rule: Rule) -> None:
    assert rule.id[:3] in GROUPS


@EVERY_RULE
def test_a_rules_first_source_has_an_address(rule: Rule) -> None:
    if rule.source.startswith(("lambdaform,", "schemas/")):
        pytest.skip("it is lambdaform's own")
    assert references_of(rule.source)[0].url


def test_a_page_in_markdown() -> None:
    text = markdown(rules()["LF402"])
    assert text.startswith("# LF402: old-runtime\n\nLevel: warning.\n\nA function's runtime")
    assert "## Wrong\n\n```yaml\nTransform: AWS::Serverless-2016-10-31\n" in text
    link = "(https://docs.aws.amazon.com/lambda/latest/dg/lambda-runtimes.html)"
    assert f"## Source\n\n- [AWS Lambda Developer Guide, lambda-runtimes]{link}\n" in text
    assert text.endswith("## The same in cfn-lint\n\nE2531, E2533, W2531\n")


def test_a_page_without_markup_says_what_why_and_where() -> None:
    text = plain(rules()["LF402"])
    assert "```" not in text
    assert "security" in text
    assert "https://docs.aws.amazon.com/lambda/latest/dg/lambda-runtimes.html" in text


@pytest.mark.parametrize("name", ["LF402", "lf402", "old-runtime", "E2531", "e2531"])
def test_a_rule_goes_by_its_id_its_name_and_its_alias(name: str) -> None:
    assert [rule.id for rule in rules_for(name)] == ["LF402"]


def test_an_alias_may_stand_for_several_rules() -> None:
    assert [rule.id for rule in rules_for("E3003")] == ["LF105", "LF501"]


def test_aliases_name_rules_that_there_are() -> None:
    assert {rule for names in ALIASES.values() for rule in names} <= rules().keys()


def test_a_rule_knows_its_aliases() -> None:
    assert aliases_of("LF402") == ("E2531", "E2533", "W2531")


@pytest.mark.parametrize(
    ("source", "address"),
    [
        ("AWS Lambda Developer Guide, configuration-vpc", "lambda/latest/dg/configuration-vpc.html"),
        (
            "AWS Lambda Developer Guide, python-handler and nodejs-handler",
            "lambda/latest/dg/python-handler.html",
        ),
        ("Lambda API, CreateAlias", "lambda/latest/api/API_CreateAlias.html"),
        ("AWS Lambda API Reference", "lambda/latest/api/welcome.html"),
        (
            "SAM Developer Guide, CorsConfiguration of AWS::Serverless::Api",
            "serverless-application-model/latest/developerguide/sam-resource-api.html",
        ),
        (
            "AWS CloudFormation User Guide, AWS::Lambda::Function Code, ZipFile",
            "AWSCloudFormation/latest/TemplateReference/aws-resource-lambda-function.html",
        ),
    ],
)
def test_a_source_has_the_address_of_its_page(source: str, address: str) -> None:
    assert references_of(source) == (Reference(source, f"https://docs.aws.amazon.com/{address}"),)


def test_a_source_may_be_several_pages() -> None:
    first, second = references_of("AWS Lambda Developer Guide, configuration-vpc; deck section B8")
    assert first.text == "AWS Lambda Developer Guide, configuration-vpc"
    assert second == Reference("AWS Black Belt Online Seminar on AWS Lambda (2019), section B8")

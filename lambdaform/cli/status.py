"""``lambdaform status``: what is in the account that ``lambdaform run`` serves."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import click

from lambdaform.cli.local import state_option
from lambdaform.errors import UsageError


@click.command(short_help="Show what is in the local account.")
@state_option("Where the account is kept.")
@click.option("--region", metavar="NAME", help="Only what is in this region.")
@click.option("--json", "as_json", is_flag=True, help="As JSON.")
def status(state: Path, region: str | None, as_json: bool) -> None:
    """Show what is in the account that lambdaform run serves in this folder, whether it runs now or not.

    Functions with their versions and aliases, layers, event source mappings, and the stacks that they belong to.
    """
    from lambdaform.local.account_folder import kept_accounts
    from lambdaform.local.status import account_status

    kept = list(kept_accounts(state))
    if not kept:
        raise UsageError(f"There is no account in {state} yet.", right="lambdaform run makes one.")
    regions = dict.fromkeys(name for _, name, _ in kept)
    if region is not None and region not in regions:
        raise UsageError(
            f"There is no account of the region {region}.", right=f"There is one of {', '.join(regions)}."
        )
    accounts = [account_status(*each) for each in kept if region in (None, each[1])]
    if as_json:
        click.echo(json.dumps(accounts, indent=2))
        return
    for account in accounts:
        for line in _lines(account):
            click.echo(line)


def _lines(account: Mapping[str, Any]) -> Iterator[str]:
    yield f"Account {account['account']}, {account['region']}"
    functions = account["functions"]
    width = max((len(each["name"]) for each in functions), default=0)
    for each in functions:
        what = each["runtime"] or each["package_type"].lower()
        yield f"  {each['name']:<{width}}  {what}  {each['memory_size']} MB  {each['timeout']} s  {each['state']}"
        yield from (f"  {'':<{width}}  {line}" for line in _details(each))
    if not functions:
        yield "  No functions."
    for each in account["layers"]:
        numbers = ", ".join(map(str, each["versions"]))
        yield f"  layer {each['arn'].rpartition(':')[2]}: version{_s(each['versions'])} {numbers}"
    for each in account["event_source_mappings"]:
        source = each["source"] or "a source of its own"
        yield f"  event source mapping {each['uuid']}: {source} → {each['function']}, {each['state']}"
    for each in account["stacks"]:
        yield f"  stack {each['name']}: {len(each['resources'])} resource{_s(each['resources'])}"


def _details(function: Mapping[str, Any]) -> Iterator[str]:
    if function["versions"]:
        yield f"version{_s(function['versions'])} {', '.join(function['versions'])}"
    for name, shares in function["aliases"].items():
        told = [
            f"{version} ({share:.4g})" if len(shares) > 1 else version for version, share in shares.items()
        ]
        yield f"alias {name} → {', '.join(told)}"
    if function["reserved_concurrency"] is not None:
        yield f"reserved concurrency {function['reserved_concurrency']}"
    for qualifier, count in function["provisioned_concurrency"].items():
        yield f"provisioned concurrency {count} for {qualifier}"
    for qualifier, auth in function["urls"].items():
        yield f"function URL of {qualifier}, authorisation {auth}"
    if function["refusal"]:
        yield str(function["refusal"])


def _s(items: Any) -> str:
    return "" if len(items) == 1 else "s"

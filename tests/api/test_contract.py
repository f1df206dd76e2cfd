"""The running gateway answers as its OpenAPI document says, whatever is sent: asked by schemathesis.

No 5xx, no status that is not documented, every answer as its schema says, what breaks the schema is refused, and
without credentials nothing is told.
"""

import asyncio
import json
import os
import sys
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from tests.api.conftest import ENTERPRISE, OFFICE, Api
from yinling_common.identity import Role
from yinling_gateway.middleware import SECONDS

pytestmark = pytest.mark.api

ROOT = Path(__file__).parent.parent.parent
CONFIG = Path(__file__).with_name("schemathesis.toml")

COMMON = [
    "--no-color",
    "--continue-on-failure",
    "--request-timeout=60",
    "--generation-database=none",
    # tests/api/checks.py looks closer: which rule refused what the schema allows, and whether a schema could tell.
    "--exclude-checks=positive_data_acceptance",
]

# The same every time, so that a change is judged and not its luck; another one finds other things.
SEED = int(os.environ.get("YINLING_TEST_SEED", "20261123"))
AGAIN = 5
"""How often more stories are told on a machine that is too busy to come far in their time."""

STORIES = (
    "mentoring requests",
    "suggestions",
    "invitations",
    "opt-ins",
    "engagements",
    "mentoring sessions",
    "feedback",
    "calendars",
)

PERSON = "what a person may"
TALES = "stories along the links"

# The person comes first: later somebody may have erased them.
RUNS = {
    PERSON: ["--phases=fuzzing", "--max-time=40", "--exclude-operation-id=auth_sign_out"],
    # One worker: CPython 3.11 counts the depth of a syntax tree for all threads together, and Hypothesis parses in each
    # ("AST constructor recursion depth mismatch").
    "values at the limits": ["--phases=examples,coverage", "--workers=1"],
    TALES: ["--phases=stateful", "--max-time=60", *(f"--include-tag={tag}" for tag in STORIES)],
}

# What never succeeds here, and why.
NEVER_DONE = {
    "auth_change_password",  # nobody knows the old one
    "auth_sign_out",
    "accounts_create_key",  # a key cannot make keys, and a person has none
    "accounts_revoke_key",
    "imports_create",  # a roster is a file with people in it
    "imports_get",
    "imports_events",
    "imports_annotated",
    "notices_retry",  # nothing waits to be sent again
    "privacy_erase",  # needs the person's name
    "privacy_get",
    "calendars_subscribed",  # at an address that nobody can guess
    "auth_sign_in",
}


async def test_everything_is_answered_as_documented(api: Api, subtests: pytest.Subtests) -> None:
    document = await _document(api)
    for run, arguments in RUNS.items():
        told, more = _told(api), list[str]()
        if run == PERSON:
            told["role"] = Role.RETIREE
            for operation in document.values():
                if Role.RETIREE not in operation.get("x-roles", [Role.RETIREE]):
                    more.append(f"--exclude-operation-id={operation['operationId']}")
        with subtests.test(run=run):
            status, said = await _ask(api, [*COMMON, f"--seed={SEED}", *arguments, *more], told)
            sys.stdout.write(f"==== {run}\n{said[-1500:]}\n")
            assert status == 0, said
    with subtests.test(run="depth"):
        for turn in range(1, AGAIN + 1):
            if len(_missing(document)) <= len(document) / 10:
                break
            status, said = await _ask(api, [*COMMON, f"--seed={SEED + turn}", *RUNS[TALES]], _told(api))
            assert status == 0, said
        missing = _missing(document)
        assert len(missing) <= len(document) / 10, f"hardly asked, for they never succeeded: {sorted(missing)}"
        assert {one["operationId"] for one in document.values()} >= NEVER_DONE


async def _document(api: Api) -> dict[str, dict[str, Any]]:
    """Every operation by its method and path."""
    async with api.stack.gateway.client() as client:
        paths = (await client.get("/openapi.json")).json()["paths"]
    return {f"{method.upper()} {path}": said for path, methods in paths.items() for method, said in methods.items()}


def _told(api: Api) -> dict[str, Any]:
    """What tests/api/hooks.py needs to know."""
    return {
        "headers": api.headers,
        "people": api.people,
        "kept": api.kept + api.people,
        "enterprise": ENTERPRISE,
        "office": OFFICE,
    }


async def _ask(api: Api, arguments: list[str], told: dict[str, Any]) -> tuple[int, str]:
    """Let schemathesis ask; its exit status and what it says."""
    environment = os.environ | {
        "SCHEMATHESIS_HOOKS": "tests.api.hooks",
        "PYTHONPATH": os.pathsep.join(filter(None, [str(ROOT), os.environ.get("PYTHONPATH")])),
        "YINLING_TEST_TOLD": json.dumps(told),
    }
    process = await asyncio.create_subprocess_exec(
        str(Path(sys.executable).with_name("schemathesis")),
        f"--config-file={CONFIG}",
        "run",
        f"{api.url}/openapi.json",
        *arguments,
        cwd=api.stack.snapshot_dir,  # it leaves a folder behind
        env=environment,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    said, _ = await process.communicate()
    return process.returncode or 0, said.decode(errors="replace")


def _missing(document: dict[str, dict[str, Any]]) -> set[str]:
    """Which operations never succeeded, though they may."""
    done = _succeeded()
    return {said["operationId"] for route, said in document.items() if not done[route]} - NEVER_DONE


def _succeeded() -> Counter[str]:
    """How often each operation was answered 2xx, by method and path: the gateway counts it itself."""
    found: Counter[str] = Counter()
    for metric in SECONDS.collect():
        for sample in metric.samples:
            labels = sample.labels
            if sample.name.endswith("_count") and labels["status"].startswith("2"):
                found[f"{labels['method']} {labels['route'].replace(':id}', '}')}"] += int(sample.value)
    return found

"""The measurements, each through the gateway as a client would see it."""

import os
import random
import signal
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

from bench.smoke import machine, people
from bench.smoke.report import Report, spread
from yinling_runner.client import ApiProblem, Client
from yinling_runner.testing import Installation

PATIENCE = 3600.0
"""Seconds after which something that should come is given up."""
T = TypeVar("T")
_SYLLABLES = "麒麟珊瑚琥珀翡翠玛瑙砗磲鹦鹉蝙蝠骆驼蜻蜓蜈蚣葡萄枇杷茉莉芙蓉琵琶箜篌"


def load(api: Client, report: Report, roster: Path, count: int) -> int:
    """Import the roster and wait until everybody can be found; returns the revision."""
    started = time.perf_counter()
    job = api.import_roster(roster, organisation=people.ORGANISATION, progress=_show)
    imported = time.perf_counter() - started
    summary = job.get("summary") or {}
    if job["state"] != "done" or summary.get("created") != count:
        raise RuntimeError(f"the import did not take everybody: {job}")
    revision = int(summary["revision"])
    status = _until(lambda: _complete(api, revision), "the index has everybody")
    indexed = time.perf_counter() - started
    texts = int(status["texts_embedded"])
    report.add("Model", f"{status['model']}, {status['dimensions']} dimensions")
    report.add("Profiles, facets in the index", f"{status['people']:,}, {status['facets']:,}")
    report.add("Roster of as many rows checked and stored", f"{imported:.0f} s ({count / imported:.0f} profiles/s)")
    report.add(
        "Embedded and indexed, counted from the upload",
        f"{indexed:.0f} s ({count / indexed:.0f} profiles/s; {texts:,} different texts, {texts / indexed:.0f} texts/s)",
    )
    return revision


def suggest(api: Client, report: Report, calls: int) -> None:
    """Time of suggestions for texts never seen, and for the same texts again."""
    _timed(api, people.requests(5, seed=0))  # the first calls of a connection
    new = people.requests(calls, seed=1)
    report.add("Suggest, new text (title, description, 3 requirements)", spread(_timed(api, new)))
    report.add("Suggest, repeated text", spread(_timed(api, new)))


def freshness(api: Client, report: Report, rounds: int) -> None:
    """Time from the change of a profile until a suggestion quotes it."""
    page = api.get("/api/v1/profiles", page_size=200)
    profiles = [profile for profile in page["profiles"] if not profile["paused"]][: 2 * rounds]
    chance = random.Random(7)
    for title, waits, chosen in (
        ("From an update to its appearance, asking again and again", False, profiles[::2]),
        ("From an update to its appearance, one call with min_revision", True, profiles[1::2]),
    ):
        report.add(title, spread([_change(api, profile, chance, waits=waits) for profile in chosen]))


def restart(installation: Installation, api: Client, report: Report, revision: int) -> None:
    """Stop matching in good order; the supervisor starts it again, from its snapshot."""
    before = _complete(api, revision)
    old = installation.pids["matching"]
    os.kill(old, signal.SIGTERM)
    _until(lambda: installation.pids.get("matching", old) != old, "matching is started again", every=0.01)
    started = time.perf_counter()
    status = _until(lambda: _complete(api, revision), "matching is back", every=0.02)
    seconds = time.perf_counter() - started
    if before and status["people"] != before["people"]:
        raise RuntimeError(f"people before {before['people']}, after {status['people']}")
    report.add(
        "Restart of matching, from the start of the process until it answers with everybody",
        f"{seconds:.1f} s; {status['texts_embedded']} texts embedded",
    )


def memory(installation: Installation, report: Report, moment: str) -> None:
    """Memory of each process."""
    sizes = {name: machine.memory(pid) for name, pid in installation.pids.items()}
    report.add(f"Memory (PSS) {moment}", ", ".join(f"{name} {size:.0f} MiB" for name, size in sizes.items()))


def _timed(api: Client, requests: list[dict[str, Any]]) -> list[float]:
    times = []
    for request in requests:
        started = time.perf_counter()
        api.post("/api/v1/suggestions", {"mentoring_request": request, "limit": 10})
        times.append(time.perf_counter() - started)
    return times


def _change(api: Client, profile: dict[str, Any], chance: random.Random, *, waits: bool) -> float:
    """Give a person a skill that nobody has, and ask for it."""
    skill = "".join(chance.sample(_SYLLABLES, 5)) + "修复"
    question = {"mentoring_request": {"title": skill, "requirements": [{"text": skill, "importance": "must"}]}}
    api.post("/api/v1/suggestions", question)  # its text is known from here on: what is timed is the way of the change
    started = time.perf_counter()
    path = f"/api/v1/profiles/{profile['id']}"
    changed = api.call("PATCH", path, json={"skills": [*profile["skills"], skill]}).json()
    if waits:
        question["min_revision"] = changed["revision"]
    while not _quotes(api.post("/api/v1/suggestions", question), profile["id"], skill):
        if waits or time.perf_counter() - started > PATIENCE:
            raise RuntimeError(f"the change of {profile['id']} does not appear")
    return time.perf_counter() - started


def _quotes(answer: dict[str, Any], profile_id: str, text: str) -> bool:
    return any(
        text in evidence["facet_text"]
        for suggestion in answer["suggestions"]
        if suggestion["profile_id"] == profile_id
        for evidence in suggestion["evidence"]
    )


def _complete(api: Client, revision: int) -> dict[str, Any] | None:
    """State of the index where it has everything up to a revision."""
    try:
        status = api.get("/api/v1/index-status")
    except ApiProblem:
        return None
    return status if status["caught_up"] and int(status["revision"]) >= revision else None


def _until(condition: Callable[[], T | None], what: str, every: float = 0.2) -> T:
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        if found := condition():
            return found
        time.sleep(every)
    raise RuntimeError(f"it did not come to this: {what}")


def _show(done: int, total: int) -> None:
    print(f"  import: {done} of {total} rows", end="\r", flush=True)

"""Fault points: named steps at which a test lets the process die, as if somebody had pulled the plug.

A step says `point("accept.recorded")`. That does nothing unless the environment has `YINLING_FAULT=accept.recorded`:
then the process kills itself with SIGKILL there, so no cleaning up runs. `YINLING_FAULT=accept.recorded:3` waits for
the third time that the step is passed. `YINLING_FAULT=@/some/file` reads that from a file at each step, so that a test
can choose a step while the process runs; without the file nothing happens. Nobody else sets the variable; all steps
stand in the table below.
"""

import os
import signal
from pathlib import Path

VARIABLE = "YINLING_FAULT"

POINTS = {
    # matching, one decision: the steps that all of them share
    "decision.key_taken": "the call's key is taken; nothing is decided yet",
    "decision.decided": "all is written but the answer that is kept under the key",
    "decision.before_commit": "the answer is kept; the next step is the commit",
    "decision.committed": "committed; the caller has not heard of it",
    # matching, a person says yes
    "accept.locked": "the request and the invitation are locked",
    "engage.places_locked": "the person's places are locked",
    "engage.written": "the engagement is written",
    "engage.recorded": "its audit entry is written",
    "engage.told": "its notice is written",
    "accept.written": "the invitation is accepted",
    "accept.recorded": "its audit entry is written",
    "engage.filled": "the request is filled, where it was the last place, and what waited for it is closed",
    "engage.counted": "the person's places are counted",
    # matching, the outbox
    "claim.taken": "notices are leased; the next step is the commit",
    "claim.committed": "committed; the deliverer has not got them",
    "acknowledge.deleted": "notices are deleted; the next step is the commit",
    "acknowledge.committed": "committed; the deliverer does not know",
    # matching, what falls due
    "timer.done": "it is done; the next step is the commit",
    "timer.committed": "committed",
    # the gateway: notices are taken in
    "collect.claimed": "notices are claimed; none is kept",
    "collect.kept": "one is kept; it is not acknowledged",
    "collect.before_acknowledge": "all are kept; none is acknowledged",
    "collect.acknowledged": "acknowledged; nobody was woken to send mails",
    # the gateway: mails and webhooks
    "mail.claimed": "a mail is taken for sending; the server knows nothing of it",
    "mail.sent": "the server has taken the mail; it is not marked as sent",
    "mail.finished": "it is marked as sent",
    "webhook.claimed": "a call is taken; nobody was called",
    "webhook.called": "the receiver has answered; it is not marked",
}
"""Every fault point, and what has happened there."""

_passed: dict[str, int] = {}


def point(name: str) -> None:
    """A step at which the process dies where it is told to; see the module."""
    armed = os.environ.get(VARIABLE)
    if not armed:
        return
    if armed.startswith("@"):
        armed = _read(armed[1:])
        if not armed:
            return
    wanted, _, times = armed.partition(":")
    if wanted not in POINTS:
        raise SystemExit(f'{VARIABLE}: there is no fault point "{wanted}"; see yinling_common/faults.py')
    if wanted == name:
        _passed[name] = _passed.get(name, 0) + 1
        if _passed[name] >= int(times or 1):
            os.kill(os.getpid(), signal.SIGKILL)


def _read(path: str) -> str:
    try:
        return Path(path).read_text("utf-8").strip()
    except FileNotFoundError:
        return ""

"""Becomes another program that ends when its parent does: `python launch.py PARENT SIGNAL USER GROUP PROGRAM …`.

A program of its own, because the alternative, code between fork and exec, is not safe where the parent has threads.
It uses the standard library alone: it is started with `python -I -S`, which is quick.
"""

import ctypes
import os
import signal
import sys
from collections.abc import Sequence
from pathlib import Path

_PR_SET_PDEATHSIG = 1
_SAME = -1


def command(argv: Sequence[str], number: signal.Signals, user: tuple[int, int] | None = None) -> list[str]:
    """The command that runs another one as our child, as a user and group of its own if told so.

    On Linux the kernel sends it the signal when we die, however we die.
    """
    identity = user or (_SAME, _SAME)
    told = [str(part) for part in (os.getpid(), int(number), *identity)]
    return [sys.executable, "-I", "-S", str(Path(__file__)), *told, *argv]


def main() -> None:
    """Change user, ask for the signal, and become the program."""
    parent, number, user, group = (int(argument) for argument in sys.argv[1:5])
    if user != _SAME:
        os.setgroups([])
        os.setgid(group)
        os.setuid(user)
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, number, 0, 0, 0)  # after the user: changing it forgets the wish
        if os.getppid() != parent:  # it died before we asked
            sys.exit(1)
    try:
        os.execvp(sys.argv[5], sys.argv[5:])  # noqa: S606 - this is what it is for
    except OSError as error:
        sys.exit(f"cannot run {sys.argv[5]}: {error.strerror}")


if __name__ == "__main__":
    main()

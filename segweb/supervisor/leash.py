"""Runs a command that dies with its parent: `python leash.py PARENT_PID COMMAND [ARGUMENT ...]`.

Run as a file, before the command is loaded: setting this between fork and exec is not safe
in a process that has threads.
"""

import ctypes
import os
import signal
import sys

_PR_SET_PDEATHSIG = 1  # from <sys/prctl.h>; survives exec


def main(arguments: list[str]) -> None:
    parent, command = int(arguments[0]), arguments[1:]
    if sys.platform == "linux":
        ctypes.CDLL(None, use_errno=True).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
    if os.getppid() != parent:  # it died before the leash was on
        return
    os.execvp(command[0], command)


if __name__ == "__main__":
    main(sys.argv[1:])

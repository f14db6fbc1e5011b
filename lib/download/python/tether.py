"""Runs a command that ends, with all that it has started, when the process that started this one does, however that ends.

usage: tether.py LIFELINE COMMAND [ARGUMENT ...]

LIFELINE is the number of a file descriptor. The starting process holds its other end, and the kernel closes that one. This
process leads a process group of its own.
"""

import os
import signal
import sys
import threading

lifeline = int(sys.argv[1])
command = os.fork()
if command == 0:
    os.close(lifeline)
    signal.signal(signal.SIGPIPE, signal.SIG_DFL)  # Python ignores it, which would last over execve(2)
    try:
        os.execvp(sys.argv[2], sys.argv[2:])
    except OSError as error:
        print(f"{sys.argv[2]}: {error}", file=sys.stderr, flush=True)
        os._exit(127)


def end_with_starter():
    try:
        os.read(lifeline, 1)
    except OSError:
        pass
    os.killpg(0, signal.SIGKILL)


threading.Thread(target=end_with_starter, daemon=True).start()
_, status = os.waitpid(command, 0)
if os.WIFSIGNALED(status):
    os.kill(os.getpid(), os.WTERMSIG(status))
    os._exit(128 + os.WTERMSIG(status))
os._exit(os.WEXITSTATUS(status))

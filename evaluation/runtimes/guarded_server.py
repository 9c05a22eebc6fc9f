"""The model server, ending with its parent: `python -m evaluation.runtimes.guarded_server ...`.

Its standard input is a pipe nobody writes to. However the parent dies, the pipe closes and the read below returns:
no orphan keeps a port and a model in memory, on any Unix, without signals or process tables.
"""

import os
import sys
import threading

from web4site.services.model_server import main


def _die_with_parent() -> None:
    sys.stdin.buffer.read()
    os._exit(0)


if __name__ == "__main__":
    threading.Thread(target=_die_with_parent, name="parent-watch", daemon=True).start()
    main()

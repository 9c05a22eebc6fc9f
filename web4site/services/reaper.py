"""Ends the children of a supervisor that was killed: `python -m web4site.services.reaper RUN_DIR SUPERVISOR_PID`.

Waits for the end of its standard input, which comes when the supervisor dies, however it dies. Portable: needs
neither Linux' parent-death signal nor a daemon. Services that somebody else still uses (see `locks`) are spared.
"""

import sys
from pathlib import Path

from web4site.services.locks import ServiceLock
from web4site.services.supervisor import PidFile, stop_group


def main(run_dir: Path) -> None:
    sys.stdin.buffer.read()
    for path in sorted(run_dir.glob("*.pid")):
        pid_file = PidFile(run_dir, path.stem)
        process = pid_file.process()
        if process is None:
            continue
        with ServiceLock(run_dir, path.stem).exclusive_or_none() as free:
            if free:
                stop_group(process.pid, 10)
                pid_file.clear()


if __name__ == "__main__":
    main(Path(sys.argv[1]))

"""One run, several processes: shared, killed in the middle, and searched meanwhile."""

import json
import os
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.rag.conftest import stores_clear, writer
from tests.rag.services.processes import Home

pytestmark = pytest.mark.slow
FILES = 24
STONES = {3: "basalt", 11: "porphyry", 20: "travertine"}
OLD = "2020-01-01 00:00:00"


def journal(number: int, word: str) -> str:
    """Some 50 kB in 12 sections: long enough to be caught in the middle of a part."""
    stone = STONES.get(number, "clay")
    body = "\n".join(f"The {word} of the {stone} in batch {number} has {place} cracks." for place in range(80))
    sections = "".join(f"\n## Part {part} of {number}\n\n{body}\n" for part in range(12))
    return f"# Batch {number}: {stone}\n{sections}"


def fill(root: Path, word: str) -> None:
    write = writer(root)
    for number in range(FILES):
        write(f"notes/batch-{number:02}.md", journal(number, word))


@pytest.fixture
def home(services: None, hash_embedder: None, tmp_path: Path) -> Iterator[Home]:
    stores_clear()
    home = Home(tmp_path / "home")
    yield home
    home.close()
    stores_clear()


@pytest.fixture
def root(tmp_path: Path) -> Path:
    fill(tmp_path / "root", "glaze")
    return tmp_path / "root"


def test_workers_share_a_run_and_one_is_killed_in_the_middle_of_it(home: Home, root: Path) -> None:
    home.worker()
    home.worker()
    import django_rq
    from rq import Worker

    home.wait(lambda: Worker.count(queue=django_rq.get_queue("index")) == 2)
    coordinator = home.index(root)
    claimed = "SELECT worker FROM rag_indexpart WHERE status = 'claimed'"
    own = f":{coordinator.pid}:"
    [victim] = home.wait(lambda: [name for (name,) in home.rows(claimed) if own not in name][:1])
    os.kill(int(victim.split(":")[1]), signal.SIGKILL)
    # Half a minute of silence, without waiting for it.
    home.rows(f"UPDATE rag_indexpart SET heartbeat_at = '{OLD}' WHERE worker = '{victim}' AND status = 'claimed'")
    result = home.result(coordinator)
    assert (result["found"], result["indexed"], result["failed"]) == (FILES, FILES, 0)
    assert len(result["workers"]) >= 2, "somebody helped"
    assert home.rows("SELECT count(*) FROM rag_indexedfile") == [(FILES,)], "nothing was done twice"
    assert home.rows("SELECT count(*) FROM rag_stagedfile") == [(0,)]
    assert home.differences() == "[]"


def test_a_killed_full_run_leaves_the_old_index_and_is_resumed(home: Home, root: Path) -> None:
    home.result(home.index(root))
    chunks = "SELECT uid, id, text FROM rag_chunk ORDER BY uid"
    before = home.rows(chunks)
    fill(root, "cobalt")
    killed = home.index(root, "--full")
    home.wait(lambda: home.rows("SELECT count(*) FROM rag_stagedfile")[0][0] > 5)
    killed.kill()
    killed.wait()
    [(staged,)] = home.rows("SELECT count(*) FROM rag_stagedfile")
    assert staged < FILES
    assert home.rows(chunks) == before
    home.rows(f"UPDATE web4site_run SET heartbeat_at = '{OLD}' WHERE status = 'running'")
    result = home.result(home.index(root, "--full"))
    assert (result["indexed"], result["failed"]) == (FILES, 0)
    after = home.rows(chunks)
    assert len(after) == len(before)
    assert set(after) & set(before) == {row for row in before if "glaze" not in row[2]}, "equal text keeps its row"
    assert home.rows("SELECT count(*) FROM rag_stagedfile") == [(0,)]
    assert home.differences() == "[]"


def test_every_search_during_a_full_run_finds_what_it_should(home: Home, root: Path) -> None:
    home.result(home.index(root))
    cases = {f"How many cracks has {stone}?": f"notes/batch-{number:02}.md" for number, stone in STONES.items()}
    searches = home.start("-m", "tests.rag.services.searching", json.dumps(cases))
    assert searches.stdout and searches.stdout.readline() == "ready\n"
    fill(root, "cobalt")
    result = home.result(home.index(root, "--full"))
    assert result["indexed"] == FILES
    found = json.loads(home.finish(searches).splitlines()[-1])
    assert found["missed"] == []
    assert found["asked"] > 30

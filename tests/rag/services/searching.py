"""Asks the same questions again and again until its input ends; then says how often the answer was not there."""

import json
import os
import sys
import threading

import django


def main(cases: dict[str, str]) -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "web4site.settings")
    django.setup()
    from rag.retrieval import retrieve

    over = threading.Event()
    threading.Thread(target=lambda: (sys.stdin.read(), over.set()), daemon=True).start()
    asked, missed = 0, []
    while not over.is_set():
        for question, path in cases.items():
            hits = retrieve(question, k=5).hits
            asked += 1
            if path not in [hit.path for hit in hits]:
                missed.append([asked, question, [hit.path for hit in hits]])
        if asked == len(cases):
            print("ready", flush=True)
    print(json.dumps({"asked": asked, "missed": missed}))


if __name__ == "__main__":
    main(json.loads(sys.argv[1]))

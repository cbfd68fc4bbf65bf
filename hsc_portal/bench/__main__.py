"""Measure the portal: `make bench`. Each rate is quoted as a ratio to a plain view of the same run.

Everything happens in a database of its own under var/bench, which is made anew each time. The
requests come from wrk, so that the measuring program takes as little of the machine as possible.
"""

import os
import re
import shutil
import signal
import statistics
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

PROJECT = Path(__file__).resolve().parent.parent.parent
VAR = PROJECT / "var" / "bench"
PORT = "8765"
ADDRESS = f"http://127.0.0.1:{PORT}"
SECONDS = int(os.environ.get("SECONDS", "5"))
CONNECTIONS = 8
WORKERS = "2"


MEASURED = [
    ("plain “hello” view", "/hello/"),
    ("topic page", "/topics/allogeneic-transplantation/"),
    ("topic page, not changed (304)", "/topics/allogeneic-transplantation/"),
    ("old edition page", "/topics/allogeneic-transplantation/editions/1/"),
    ("API detail", "/api/v1/topics/allogeneic-transplantation/"),
    ("API detail, not changed (304)", "/api/v1/topics/allogeneic-transplantation/"),
    ("API list", "/api/v1/topics/"),
]


def main() -> None:
    if not shutil.which("wrk"):
        sys.exit("make bench needs wrk; install it (Debian: apt install wrk).")
    shutil.rmtree(VAR, ignore_errors=True)
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "hsc_portal.settings")
    os.environ |= {"HSC_PORTAL_VAR": str(VAR), "PORT": PORT, "COLLECTED_STATIC": "1"}
    start_and_stop("First start, with installation of the database and all content")
    start_and_stop("Second start, until the first page is answered")
    from hsc_portal import database

    with database.lease():
        import django

        django.setup()
        with empty_database():
            measure_loading()
            measure_publishing()
        measure_requests()


def say(what: str, value: str) -> None:
    print(f"{what:<66} {value}", flush=True)


def start_and_stop(what: str) -> None:
    """Time `make run` from the command to the first answered page, then stop it."""
    begin = time.perf_counter()
    run = subprocess.Popen([sys.executable, "-m", "hsc_portal.run"], stdout=subprocess.DEVNULL)
    wait_for("/", run)
    say(what, f"{time.perf_counter() - begin:6.1f} s")
    run.send_signal(signal.SIGINT)
    run.wait(30)


def wait_for(page: str, process: subprocess.Popen) -> None:
    while process.poll() is None:
        try:
            urllib.request.urlopen(ADDRESS + page, timeout=5).close()
        except (urllib.error.URLError, OSError):
            time.sleep(0.05)
        else:
            return
    sys.exit("The server did not start.")


@contextmanager
def empty_database() -> Iterator[None]:
    """Work in a new database beside the portal's own, migrated and empty, and drop it."""
    from django.db import connection

    name = connection.settings_dict["NAME"]
    connection.creation.create_test_db(verbosity=0, autoclobber=True, serialize=False)
    try:
        yield
    finally:
        connection.creation.destroy_test_db(name, verbosity=0)


def measure_loading() -> None:
    from topics import content
    from topics.models import Topic

    begin = time.perf_counter()
    content.load(PROJECT, lambda line: None)
    seconds = time.perf_counter() - begin
    count = Topic.objects.count()
    say(f"Loading and publishing the starter content ({count} topics)", f"{seconds:6.1f} s")


def measure_publishing() -> None:
    """Time `publish` alone for each topic, after a small change and an approval."""
    from django.contrib.auth import get_user_model
    from django.db import connection

    from topics import publishing
    from topics.models import Topic

    # Loading hundreds of rows outdates what the planner knows; autovacuum would do this in time.
    connection.cursor().execute("ANALYZE")
    users = [
        get_user_model()(username=f"bench-{n}", first_name=f"Bench {n}", is_superuser=True)
        for n in range(3)
    ]
    times = []
    author, reviewer, editor = get_user_model().objects.bulk_create(users)
    for topic in Topic.objects.all():
        Topic.objects.filter(pk=topic.pk).update(summary=f"{topic.summary} More.")
        asked = publishing.submit(topic, actor=author)
        publishing.review(
            asked.revision, reviewer=reviewer, verdict="approve", interests="none", whole_text=True
        )
        begin = time.perf_counter()
        publishing.publish(topic, publisher=editor, change_note="Measured")
        times.append((time.perf_counter() - begin) * 1000)
    slowest = statistics.quantiles(times, n=20)[-1]
    say("Publishing one topic: median, 95th percentile",
        f"{statistics.median(times):6.0f} ms, {slowest:.0f} ms")  # fmt: skip


def measure_requests() -> None:
    command = ["-m", "gunicorn", "--workers", WORKERS, "--bind", f"127.0.0.1:{PORT}",
               "--log-level", "error", "hsc_portal.bench.served:application"]  # fmt: skip
    server = subprocess.Popen([sys.executable, *command])
    try:
        wait_for("/hello/", server)
        base = 0.0
        for what, page in MEASURED:
            rate = requests_per_second(page, unchanged="304" in what)
            base = base or rate
            say(f"{what}: requests/s, ratio to the plain view", f"{rate:6.0f}   {rate / base:.2f}")
    finally:
        server.terminate()
        server.wait(20)


def requests_per_second(page: str, *, unchanged: bool) -> float:
    """Return the rate at which a page is answered, to a client that has it already or not."""
    with urllib.request.urlopen(ADDRESS + page) as answer:
        etag = answer.headers.get("ETag", "")
    header = ["-H", f"If-None-Match: {etag}"] if unchanged else []
    load = ["wrk", "-t1", f"-c{CONNECTIONS}", f"-d{SECONDS}s", *header, ADDRESS + page]
    subprocess.run([*load[:3], "-d1s", *load[4:]], capture_output=True, check=True)
    told = subprocess.run(load, capture_output=True, text=True, check=True).stdout
    if faults := re.search(r"Non-2xx or 3xx responses: (\d+)", told):
        sys.exit(f"{page}: {faults.group(1)} answers were errors.")
    return float(re.search(r"Requests/sec:\s+([\d.]+)", told).group(1))


if __name__ == "__main__":
    main()

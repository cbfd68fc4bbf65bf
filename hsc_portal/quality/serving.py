"""A portal with the starter content, as `make run` serves it, for as long as it is looked at."""

import contextlib
import os
import shutil
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path

PROJECT = Path(__file__).resolve().parent.parent.parent
VAR = PROJECT / "var" / "quality"
LOG = VAR / "portal.log"
PORT = "8766"
ADDRESS = f"http://127.0.0.1:{PORT}"
# Loading the content on a busy machine takes its time.
PATIENCE_SECONDS = 300


@contextlib.contextmanager
def portal() -> Iterator[str]:
    """Start a portal from nothing and give its address, without a slash at the end."""
    shutil.rmtree(VAR, ignore_errors=True)
    os.environ |= {"HSC_PORTAL_VAR": str(VAR), "PORT": PORT, "SITE_URL": ADDRESS}
    os.environ |= {"DJANGO_SETTINGS_MODULE": "hsc_portal.settings", "COLLECTED_STATIC": "1"}
    print("Starting a portal with the starter content …", flush=True)
    VAR.mkdir(parents=True)
    command = [sys.executable, "-m", "hsc_portal.run"]
    with LOG.open("w") as log:
        run = subprocess.Popen(command, stdout=log, stderr=subprocess.STDOUT)
    try:
        _wait_for(run)
        yield ADDRESS
    finally:
        run.send_signal(signal.SIGINT)
        run.wait(60)


def _wait_for(process: subprocess.Popen) -> None:
    deadline = time.monotonic() + PATIENCE_SECONDS
    while process.poll() is None and time.monotonic() < deadline:
        try:
            ask(f"{ADDRESS}/")
        except (urllib.error.URLError, OSError):
            time.sleep(0.1)
        else:
            return
    sys.exit(f"The portal did not start; {LOG} says why.")


def ask(address: str) -> None:
    urllib.request.urlopen(address, timeout=20).read()

"""Measure pages as Lighthouse sees them on a slow phone: `make lighthouse`.

It fails if a page is not as good as the portal promises. Reports stay under var/quality/lighthouse.
`python -m hsc_portal.quality.lighthouse map` measures the map alone.
RUNS=1 measures each page once instead of three times, of which the middle one counts. SLOWDOWN=4
fixes how much slower than this machine the phone is.
"""

import json
import os
import statistics
import subprocess
import sys
import tempfile
from bisect import bisect_right
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from shutil import which

from hsc_portal.quality.serving import PROJECT, VAR, ask, portal

PROGRAM = PROJECT / "build/lighthouse/node_modules/lighthouse/cli/index.js"
REPORTS = VAR / "lighthouse"
RUNS = int(os.environ.get("RUNS", "3"))
FLAGS = ("--headless --no-sandbox --disable-gpu --disable-quic --no-first-run "
         "--disable-background-networking --disable-component-update --disable-sync")  # fmt: skip
# How many times slower than this machine the simulated phone is, by the speed that Lighthouse
# finds (its "benchmark index"). Its usual 4 is meant for a fast desk; these are the points of the
# calculator that its documentation refers to.
SLOWDOWN = [(150, 1), (800, 2), (1300, 3), (1533, 4), (2000, 6)]

COMPARED = "?t=cord-blood-transplantation&t=haploidentical-transplantation"
PAGES = {
    "home": "/",
    "largest topic": "/topics/allogeneic-transplantation/",
    "therapy": "/topics/haploidentical-transplantation/",
    "condition": "/topics/acute-myeloid-leukemia/",
    "compared": f"/therapies/compare/{COMPARED}",
    "map": "/map/",
    "list": "/topics/",
    "search": "/search/?q=graft+failure",
}
# Of pages of this beginning all that comes with the first visit counts.
TOPICS = "/topics/"
MOST_BYTES = 60_000
LEAST = {"accessibility": 100, "best-practices": 100, "performance": 95}
MOST_PAINT_MS, MOST_SHIFT = 1000, 0.01


@dataclass
class Measured:
    """What one run said of a page: scores of 100, times in ms, `size` in bytes as transferred."""

    scores: dict[str, int]
    first_paint: float
    largest_paint: float
    blocked: float
    shift: float
    size: int
    speed: float
    report: dict

    @classmethod
    def of(cls, report: dict) -> "Measured":
        audits = report["audits"]
        value = {name: audit.get("numericValue", 0) for name, audit in audits.items()}
        requests = audits["network-requests"]["details"]["items"]
        return cls(
            scores={name: round((found["score"] or 0) * 100)
                    for name, found in report["categories"].items()},
            first_paint=value["first-contentful-paint"],
            largest_paint=value["largest-contentful-paint"],
            blocked=value["total-blocking-time"],
            shift=value["cumulative-layout-shift"],
            size=sum(request.get("transferSize", 0) for request in requests),
            speed=report["environment"]["benchmarkIndex"],
            report=report,
        )  # fmt: skip

    def faults(self, path: str) -> list[str]:
        """Return in words what is not as good as promised."""
        found = [
            f"{name} {self.scores[name]}, at least {least}"
            for name, least in LEAST.items()
            if self.scores[name] < least
        ]
        if self.largest_paint > MOST_PAINT_MS:
            found.append(f"largest paint {self.largest_paint:.0f} ms, at most {MOST_PAINT_MS}")
        if self.shift > MOST_SHIFT:
            found.append(f"layout shift {self.shift:.3f}, at most {MOST_SHIFT}")
        if path.startswith(TOPICS) and self.size > MOST_BYTES:
            found.append(f"{self.size / 1000:.1f} kB, at most {MOST_BYTES / 1000:.0f}")
        return found


def main() -> None:
    if not which("chromium") or not which("node") or not PROGRAM.is_file():
        sys.exit("make lighthouse installs what this needs: chromium, Node.js and Lighthouse.")
    wanted = {name: PAGES[name] for name in sys.argv[1:] or PAGES}
    with portal() as address:
        REPORTS.mkdir()
        slowdown = calibrate(address)
        faulty = False
        print(HEAD, flush=True)
        for name, path in wanted.items():
            measured = measure(name, address + path, slowdown)
            faults = measured.faults(path)
            faulty = faulty or bool(faults)
            print(row(name, measured), flush=True)
            for line in [*faults, *explained(measured.report)]:
                print(f"    {line}", flush=True)
    print(f"Reports: {REPORTS}")
    sys.exit(faulty)


def calibrate(address: str) -> float:
    """Return how many times slower than this machine the phone is."""
    if fixed := os.environ.get("SLOWDOWN"):
        return float(fixed)
    speed = Measured.of(run(f"{address}/about/", 1)).speed
    slowdown = slowdown_at(speed)
    print(f"This machine has a speed of {speed:.0f}; the phone is {slowdown:.1f} times slower.")
    return slowdown


def slowdown_at(speed: float) -> float:
    """Return the slowdown between the two points that are nearest to a speed."""
    place = min(max(bisect_right(SLOWDOWN, (speed, 0)), 1), len(SLOWDOWN) - 1)
    (low, least), (high, most) = list(pairwise(SLOWDOWN))[place - 1]
    return max(1, least + (speed - low) / (high - low) * (most - least))


def measure(name: str, address: str, slowdown: float) -> Measured:
    """Return the middle one of some runs by the score of performance."""
    # Both processes of the server shall have made the page before.
    for _ in range(8):
        ask(address)
    runs = [Measured.of(run(address, slowdown)) for _ in range(RUNS)]
    runs.sort(key=lambda each: each.scores["performance"])
    middle = runs[(len(runs) - 1) // 2]
    middle.largest_paint = statistics.median(each.largest_paint for each in runs)
    (REPORTS / f"{name.replace(' ', '-')}.json").write_text(json.dumps(middle.report))
    return middle


def run(address: str, slowdown: float) -> dict:
    """Return the report of one run, in a browser that was never used before."""
    with tempfile.TemporaryDirectory(prefix="lighthouse-") as folder:
        path = Path(folder) / "report.json"
        command = ["node", str(PROGRAM), address, "--quiet", "--output=json"]
        command += [f"--output-path={path}", "--no-enable-error-reporting"]
        command += [f"--chrome-flags={FLAGS} --user-data-dir={folder}/browser"]
        command += ["--disable-full-page-screenshot"]
        command += [f"--throttling.cpuSlowdownMultiplier={slowdown:.2f}"]
        told = subprocess.run(
            command, env=os.environ | {"CHROME_PATH": which("chromium")}, capture_output=True,
            text=True, timeout=300,
        )  # fmt: skip
        if told.returncode or not path.is_file():
            sys.exit(f"Lighthouse failed at {address}:\n{told.stderr}")
        return json.loads(path.read_text())


COLUMNS = ("performance", "accessibility", "best-practices", "seo")
HEAD = (
    f"{'page':<15}{'perf':>6}{'acc':>5}{'best':>6}{'seo':>5}"
    f"{'first':>9}{'largest':>9}{'blocked':>9}{'shift':>7}{'size':>10}"
)


def row(name: str, found: Measured) -> str:
    scores = "".join(
        f"{found.scores[column]:>{width}}"
        for column, width in zip(COLUMNS, (6, 5, 6, 5), strict=True)
    )
    times = "".join(
        f"{value:>6.0f} ms" for value in (found.first_paint, found.largest_paint, found.blocked)
    )
    return f"{name:<15}{scores}{times}{found.shift:>7.3f}{found.size / 1000:>7.1f} kB"


def explained(report: dict) -> list[str]:
    """Return what Lighthouse found wrong apart from speed, each with the first place."""
    told = []
    for name in ("accessibility", "best-practices", "seo"):
        for each in report["categories"][name]["auditRefs"]:
            audit = report["audits"][each["id"]]
            if audit["score"] is not None and audit["score"] < 1:
                told.append(f"{name}: {audit['title']} {_first_place(audit)}".strip())
    return told


def _first_place(audit: dict) -> str:
    for item in audit.get("details", {}).get("items", []):
        node = item.get("node") or item.get("source")
        if isinstance(node, dict):
            return node.get("snippet", "")
    return ""


if __name__ == "__main__":
    main()

"""Every kind of page, mail, style sheet and picture is valid, says the Nu Html Checker."""

import json
import re
import shutil
import subprocess
from collections import defaultdict
from dataclasses import dataclass
from pathlib import Path

import pytest
import whole_site
from django.conf import settings
from django.db import transaction
from django.test.signals import template_rendered

from hsc_portal import pages

pytestmark = pytest.mark.django_db

CHECKER = settings.BASE_DIR / "build/html/node_modules/vnu-jar/build/dist/vnu.jar"
# The one checker of CSS there is does not know container queries yet.
UNKNOWN_TO_IT = r".*“(container-type|container-name|@container)”.*"
# The admin is Django's and the theme's, and its pages build on their templates; mails to the team
# are plain text.
NOT_OURS = ("admin/", "unfold/", "mail/desk.txt", "mail/webhook.txt")


@dataclass
class Site:
    """The files that were checked, what the checker said, and the templates that made them."""

    statuses: dict[str, int]
    messages: list[dict]
    templates: set[str]


@pytest.fixture(scope="module")
def site(tmp_path_factory, django_db_setup, django_db_blocker) -> Site:
    """All pages, written to a folder and checked in one run: each start of Java takes seconds."""
    folder = tmp_path_factory.mktemp("whole_site")
    templates: set[str] = set()

    def note(template, **_):
        templates.add(template.name)

    pages.kept.pages.clear()
    template_rendered.connect(note)
    try:
        with django_db_blocker.unblock(), transaction.atomic():
            statuses = _write_pages(folder)
            transaction.set_rollback(True)
    finally:
        template_rendered.disconnect(note)
        pages.kept.pages.clear()
    shutil.copytree(settings.BASE_DIR / "static/css", folder / "css")
    shutil.copy(settings.BASE_DIR / "static/favicon.svg", folder)
    return Site(statuses, check(folder), templates)


def _write_pages(folder: Path) -> dict[str, int]:
    whole_site.make()
    statuses = {}
    for name, answer in whole_site.answers():
        _write(folder, name, answer.content.decode())
        statuses[name] = answer.status_code
    for name, html in whole_site.others():
        _write(folder, name, html)
    return statuses


def _write(folder: Path, name: str, html: str) -> None:
    (folder / f"{re.sub('[^a-z0-9]+', '-', name.lower())}.html").write_text(html)


def check(folder: Path) -> list[dict]:
    """Return what the checker says of the files in a folder."""
    if not CHECKER.is_file() or not shutil.which("java"):
        pytest.fail("The checker of HTML is not there; `make test` installs it.", pytrace=False)
    # Code that runs for some seconds is not worth the compiler's best.
    command = ["java", "-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC", "-Xss4m", "-jar", CHECKER]
    command += ["--format", "json", "--stdout", "--exit-zero-always", "--no-langdetect"]
    command += ["--also-check-css", "--also-check-svg", "--filterpattern", UNKNOWN_TO_IT, folder]
    run = subprocess.run(command, capture_output=True, text=True, timeout=120)
    assert run.returncode == 0, run.stderr
    return json.loads(run.stdout)["messages"]


def faults(messages: list[dict]) -> dict[str, list[str]]:
    """Return by what is wrong all places where it is: the file, the line in it, what stands there.

    One fault in a frame is in every page.
    """
    found = defaultdict(list)
    for each in messages:
        extract = each.get("extract", "").strip()
        found[each["message"]].append(
            f"{Path(each['url']).name}:{each.get('lastLine', 0)} {extract!r}"
        )
    return found


def test_all_is_valid(site):
    found = faults(site.messages)
    told = [f"{text}\n  {len(places)} times, as in {places[0]}" for text, places in found.items()]
    assert not found, "\n".join(told)


def test_each_page_is_what_its_name_says(site):
    refused = {name: status for name, status in site.statuses.items() if status != 200}
    assert refused == {
        "error 400": 400, "error 400 in German": 400, "error 403": 403, "error 404": 404,
        "error 404 in German": 404, "asked too often": 429, "error 410": 410, "error 500": 500,
        "not published then": 404, "withdrawn then": 410,
        "follow, form wrong": 400, "follow, link too old": 410, "follow, too often": 429,
        "card withdrawn": 410, "card unknown": 404, "card of an edition": 410,
        "draft, no longer": 410, "report, form wrong": 400, "report, in German": 400,
    }  # fmt: skip


def test_every_template_took_part(site):
    folder = settings.BASE_DIR / "templates"
    there = {str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file()}
    ours = {name for name in there if not name.startswith(NOT_OURS)}
    assert ours - site.templates == set()


def test_the_checker_finds_faults(tmp_path):
    (tmp_path / "wrong.html").write_text("<!doctype html><title>x</title><p id=a><b id=a></p>")
    (tmp_path / "wrong.css").write_text("p { colour: red }")
    (tmp_path / "wrong.svg").write_text('<svg xmlns="http://www.w3.org/2000/svg"><rekt/></svg>')
    names = {place.split(":")[0] for (place, *_) in faults(check(tmp_path)).values()}
    assert names == {"wrong.html", "wrong.css", "wrong.svg"}

"""Reading without the network in a real browser: what is kept, for how long, and what is told."""

import os
import time

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

from references.models import Reference
from tests import clinic
from topics import publishing
from topics.views import offline
from topics.views import topics as topic_views

# Playwright runs a loop of its own in this thread; Django would take that for asynchronous code.
os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "1"

TOPIC = "/topics/mobilization/"
ASK = """async (question) => {
  const { active } = await navigator.serviceWorker.ready;
  return new Promise((resolve) => {
    const { port1, port2 } = new MessageChannel();
    port1.onmessage = (event) => resolve(event.data);
    active.postMessage(question, [port2]);
  });
}"""


@pytest.fixture
def topic(transactional_db):
    topic = clinic.draft()
    clinic.publish_unreviewed(topic)
    return topic


@pytest.fixture
def site(live_server, topic):
    """The portal, as browsers get it: they may keep its pages themselves for a minute."""
    offline._script.cache_clear()
    yield live_server.url
    offline._script.cache_clear()


@pytest.fixture
def reader(chromium, site):
    """A reader's browser: a page of a context of its own. Nothing may be told at its console."""
    context = chromium.new_context(base_url=site, viewport={"width": 390, "height": 800})
    page = context.new_page()
    told = []
    page.on("pageerror", lambda error: told.append(str(error)))
    page.on("console", lambda message: told.append(f"{message.text} {message.location}"))
    yield page
    context.close()
    expected = ("ERR_INTERNET_DISCONNECTED", "status of 410", "status of 404", "status of 500")
    assert [text for text in told if not any(part in text for part in expected)] == []


def ask(page, name: str, **more):
    return page.evaluate(ASK, {"ask": name, **more})


def kept(page) -> list[str]:
    """Return the paths of all kept pages, the newest first."""
    return [one["path"] for one in ask(page, "list")["pages"]]


def wait_until(done) -> None:
    deadline = time.monotonic() + 15
    while not done():
        assert time.monotonic() < deadline, "Waited in vain."
        time.sleep(0.05)


def visit(page, path: str = TOPIC) -> None:
    """Read a page and wait until the worker keeps it."""
    page.goto(path)
    wait_until(lambda: path in kept(page))


def age(page, days: float) -> None:
    """Make all kept copies older, as if the reader had been away."""
    page.evaluate(
        """async (days) => {
          for (const name of ["hsc-visited-1", "hsc-starred-1"]) {
            const cache = await caches.open(name);
            for (const request of await cache.keys()) {
              const copy = await cache.match(request);
              const headers = new Headers(copy.headers);
              headers.set("Kept-At", new Date(Date.now() - days * 86400000).toISOString());
              await cache.put(request, new Response(await copy.text(), { headers }));
            }
          }
        }""",
        days,
    )


def test_a_visited_topic_is_readable_offline_and_says_how_old_it_is(reader):
    visit(reader)
    age(reader, 3)
    reader.context.set_offline(True)
    reader.goto(TOPIC)

    assert reader.inner_text("h1") == "Mobilization"
    banner = reader.locator("[data-offline]")
    expect(banner).to_contain_text("Kept copy of 3 days ago, edition 1. The portal cannot be")
    # With its style: the page is not bare HTML.
    paper = "getComputedStyle(document.documentElement).getPropertyValue('--paper')"
    assert reader.evaluate(paper)
    assert Axe().run(reader).violations_count == 0
    reader.set_viewport_size({"width": 320, "height": 640})
    assert reader.evaluate("document.documentElement.scrollWidth") <= 320


def test_online_again_the_banner_leads_to_the_page_of_now(reader, topic):
    visit(reader)
    reader.context.set_offline(True)
    reader.reload()
    expect(reader.locator("[data-offline]")).to_contain_text("a moment ago")
    clinic.edit(topic, title="Mobilization of stem cells")
    clinic.publish_unreviewed(topic)

    reader.context.set_offline(False)
    reader.get_by_role("button", name="Show the page as it is now").click()

    expect(reader.locator("h1")).to_have_text("Mobilization of stem cells")
    expect(reader.locator("[data-offline]")).to_be_hidden()


def test_what_was_never_visited_leads_to_what_is_kept(reader):
    visit(reader)
    reader.context.set_offline(True)
    reader.goto("/topics/never-visited/")
    assert reader.inner_text("h1") == "The portal cannot be reached"
    expect(reader.get_by_role("link", name="Mobilization")).to_have_attribute("href", TOPIC)
    assert Axe().run(reader).violations_count == 0


def test_a_star_keeps_a_page_whatever_is_visited(reader, monkeypatch, site):
    monkeypatch.setitem(offline.MOST, "visited", 2)
    monkeypatch.setitem(offline.MOST, "starred", 1)
    others = [clinic.draft(clinic.overview(f"topic-{n}")) for n in range(3)]
    clinic.publish_unreviewed(*others)
    visit(reader)
    star = reader.get_by_role("button", name="Keep for offline reading")
    expect(star).to_have_attribute("aria-pressed", "false")
    star.click()
    expect(star).to_have_attribute("aria-pressed", "true")

    for n in range(3):
        visit(reader, f"/topics/topic-{n}/")
    assert kept(reader) == ["/topics/topic-2/", "/topics/topic-1/", TOPIC]

    # There is no room for a second star.
    star.click()
    expect(star).to_have_attribute("aria-pressed", "false")
    expect(reader.get_by_text("there are 1 kept already")).to_be_visible()

    reader.goto(TOPIC)
    expect(star).to_have_attribute("aria-pressed", "true")
    star.click()
    expect(star).to_have_attribute("aria-pressed", "false")
    assert [one["starred"] for one in ask(reader, "list")["pages"]] == [False, False]


def test_a_withdrawn_topic_is_dropped_and_the_reader_told(reader, topic):
    visit(reader)
    ask(reader, "star", path=TOPIC)
    reader.context.set_offline(True)
    publishing.withdraw(topic, actor=clinic.editor(), reason="A dose was wrong")
    reader.goto(TOPIC)
    assert reader.inner_text("h1") == "Mobilization"

    # The browser says that it is online; nothing more is done by the reader.
    reader.context.set_offline(False)
    wait_until(lambda: not kept(reader))

    reader.goto("/saved/")
    removed = reader.locator("section", has=reader.get_by_role("heading", name="Removed"))
    expect(removed).to_contain_text("Mobilization: withdrawn from the portal")
    assert Axe().run(reader).violations_count == 0
    reader.context.set_offline(True)
    reader.goto(TOPIC)
    assert reader.inner_text("h1") == "The portal cannot be reached"


def test_a_visit_to_a_withdrawn_topic_drops_its_copy_too(reader, topic):
    visit(reader)
    publishing.withdraw(topic, actor=clinic.editor(), reason="A dose was wrong")
    reader.goto(TOPIC)
    assert "A dose was wrong" in reader.inner_text("main")
    wait_until(lambda: ask(reader, "list")["removed"])
    assert kept(reader) == []


def test_a_retraction_replaces_the_kept_copy(reader):
    visit(reader)
    publishing.record_reference_status(
        Reference.objects.get(key="petit2002"), actor=clinic.editor(), status="retracted",
        on="2026-05-04", notice="The data were made up.",
    )  # fmt: skip
    reader.goto("/saved/")
    reader.get_by_role("button", name="Compare all with the portal now").click()
    expect(reader.get_by_text("All are as on the portal now.")).to_be_visible()

    reader.context.set_offline(True)
    reader.goto(TOPIC)
    assert "The data were made up." in reader.inner_text("main")


def test_a_copy_that_is_still_right_is_confirmed_without_being_fetched(reader):
    visit(reader)
    age(reader, 3)
    before = ask(reader, "list")["pages"][0]["at"]
    (confirmed,) = ask(reader, "check", all=True)["pages"]
    assert confirmed["at"] > before
    statuses = reader.evaluate(
        "async (path) => (await fetch(path, {headers: {'If-None-Match': (await (await caches.open("
        "'hsc-visited-1')).match(path)).headers.get('Kept-ETag')}})).status",
        TOPIC,
    )
    assert statuses == 304


def test_a_topic_that_moved_is_kept_at_its_new_address(reader, topic):
    visit(reader)
    ask(reader, "star", path=TOPIC)
    clinic.edit(topic, slug="moving-stem-cells")
    clinic.publish_unreviewed(topic)
    (page,) = ask(reader, "check", all=True)["pages"]
    assert (page["path"], page["starred"]) == ("/topics/moving-stem-cells/", True)


def test_a_portal_that_fails_is_as_good_as_none(reader, monkeypatch):
    visit(reader)

    def fail(*args, **kwargs):
        raise RuntimeError("a fault of this test")

    monkeypatch.setattr(topic_views, "_page", fail)
    reader.reload()
    assert reader.inner_text("h1") == "Mobilization"
    expect(reader.locator("[data-offline]")).to_contain_text("Kept copy of")


def test_a_network_that_is_too_slow_is_as_good_as_none(reader, monkeypatch):
    monkeypatch.setattr(offline, "PATIENCE", 100)
    visit(reader)
    find = topic_views.reading.current

    def find_slowly(*args):
        time.sleep(2)
        return find(*args)

    monkeypatch.setattr(topic_views.reading, "current", find_slowly)
    reader.reload()
    expect(reader.locator("[data-offline]")).to_contain_text("Kept copy of")


def test_nothing_else_is_kept(reader):
    visit(reader)
    for path in ("/", "/topics/", "/admin/login/", "/api/v1/topics/", f"{TOPIC}editions/",
                 f"{TOPIC}?as-of=2026-11-22", "/glossary/"):  # fmt: skip
        reader.goto(path)
    reader.goto("/saved/")
    paths = reader.evaluate(
        """async () => {
          const found = [];
          for (const name of await caches.keys()) {
            for (const request of await (await caches.open(name)).keys()) {
              found.push(new URL(request.url).pathname);
            }
          }
          return found;
        }"""
    )
    pages_kept = {path for path in paths if not path.startswith("/static/")}
    about = {
        f"{language}/{name}/" for language in ("", "/de", "/es") for name in ("saved", "offline")
    }
    allowed = {TOPIC, *about, "/saved/removed.json", "/glossary/names.json",
               "/glossary/terms.json"}  # fmt: skip
    assert pages_kept <= allowed
    # Files of the portal's own pages only, not those of the admin.
    assert {path.split("/")[2] for path in set(paths) - pages_kept} <= {
        "css", "js", "icons", "favicon.svg"
    }  # fmt: skip


def test_pages_in_other_languages_are_kept_by_themselves(reader):
    visit(reader)
    visit(reader, f"/de{TOPIC}")
    assert kept(reader) == [f"/de{TOPIC}", TOPIC]
    reader.context.set_offline(True)
    for path, language in ((TOPIC, "en"), (f"/de{TOPIC}", "de"), ("/de/never/", "de"),
                           ("/es/topics/never/", "es"), ("/never/", "en")):  # fmt: skip
        reader.goto(path)
        assert reader.evaluate("document.documentElement.lang") == language, path
        stands_in = "never" in path
        expect(reader.locator("[data-saved]")).to_have_count(1 if stands_in else 0)

    reader.goto("/de/saved/")
    rows = reader.locator(".kept-list li")
    expect(rows).to_have_count(2)
    expect(rows.first.get_by_role("link")).to_have_attribute("lang", "en")
    # The page itself is named after the language of its reader.
    expect(rows.first).not_to_contain_text("·")
    expect(rows.last).to_contain_text("· Englisch")
    assert Axe().run(reader).violations_count == 0
    reader.goto("/saved/")
    expect(rows.first).to_contain_text("Edition 1, as on the portal a moment ago · German")
    expect(rows.last).not_to_contain_text("·")


def test_a_topic_that_is_withdrawn_is_dropped_in_each_language(reader, topic):
    visit(reader)
    visit(reader, f"/de{TOPIC}")
    publishing.withdraw(topic, actor=clinic.editor(), reason="A dose was wrong")
    told = ask(reader, "check", all=True)
    assert told["pages"] == []
    assert {one["path"] for one in told["removed"]} == {TOPIC, f"/de{TOPIC}"}


def test_an_edition_is_kept_at_its_permanent_address(reader):
    visit(reader, f"{TOPIC}editions/1/")
    reader.context.set_offline(True)
    reader.reload()
    expect(reader.locator("[data-offline]")).to_contain_text("edition 1")


def test_the_list_of_kept_pages_works_offline_and_forgets_on_demand(reader):
    visit(reader)
    ask(reader, "star", path=TOPIC)
    visit(reader, f"{TOPIC}editions/1/")
    reader.context.set_offline(True)
    reader.goto("/saved/")
    starred = reader.locator("section", has=reader.get_by_role("heading", name="With a star"))
    expect(starred).to_contain_text("Edition 1, as on the portal a moment ago")
    assert Axe().run(reader).violations_count == 0
    reader.set_viewport_size({"width": 320, "height": 640})
    assert reader.evaluate("document.documentElement.scrollWidth") <= 320

    starred.get_by_role("button", name="Remove: Mobilization").click()
    expect(starred).to_contain_text("None yet")
    reader.once("dialog", lambda dialog: dialog.accept())
    reader.get_by_role("button", name="Remove all").click()
    expect(reader.get_by_role("link", name="Mobilization")).to_have_count(0)
    assert kept(reader) == []


def test_a_new_worker_drops_what_older_ones_kept(reader):
    reader.goto("/robots.txt")
    reader.evaluate(
        """async () => {
          await (await caches.open("hsc-visited-0")).put("/topics/old/", new Response("old"));
          const cache = await caches.open("hsc-statics-1");
          await cache.put("/static/css/old.0123456789ab.css", new Response("old"));
          await (await caches.open("of-somebody-else")).put("/x", new Response("x"));
        }"""
    )
    visit(reader)
    assert "hsc-visited-0" not in reader.evaluate("caches.keys()")
    assert "of-somebody-else" in reader.evaluate("caches.keys()")
    assert reader.evaluate("caches.match('/static/css/old.0123456789ab.css')") is None


def test_a_file_with_a_digest_in_its_name_is_asked_for_once(reader, settings, tmp_path):
    file = tmp_path / "kept.0123456789ab.css"
    file.write_text("/* first */")
    other = tmp_path / "plain.css"
    other.write_text("/* first */")
    settings.STATICFILES_DIRS = [*settings.STATICFILES_DIRS, tmp_path]
    visit(reader)
    reader.reload()
    # As if a kept page named them.
    for name in (file.name, other.name):
        add = "async (name) => (await caches.open('hsc-statics-1')).add(`/static/${name}`)"
        reader.evaluate(add, name)
    fetched = "async (name) => (await fetch(`/static/${name}`, {cache: 'no-store'})).text()"
    assert reader.evaluate(fetched, file.name) == "/* first */"
    assert reader.evaluate(fetched, other.name) == "/* first */"
    for changed in (file, other):
        changed.write_text("/* second */")
    assert reader.evaluate(fetched, file.name) == "/* first */"
    assert reader.evaluate(fetched, other.name) == "/* second */"
    reader.context.set_offline(True)
    assert reader.evaluate(fetched, other.name) == "/* second */"


def test_without_script_the_page_explains_itself(chromium, site):
    context = chromium.new_context(base_url=site, java_script_enabled=False)
    page = context.new_page()
    page.goto("/saved/")
    assert "made by a script in your browser" in page.inner_text("main")
    page.goto(TOPIC)
    assert page.locator("[data-star]").is_hidden()
    context.close()

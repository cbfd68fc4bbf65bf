"""The worked example in TypeScript does what it says, as JavaScript against a portal made up."""

import json
import shutil
import subprocess

import pytest
from django.conf import settings

TOOLS = settings.BASE_DIR / "build/typescript/node_modules"
FOLLOW = """
const [source, pages, since] = JSON.parse(process.argv[1]);
const compilerOptions = { module: 1, target: 99 };
const script = require("typescript").transpileModule(source, { compilerOptions });
const example = {};
new Function("exports", "require", script.outputText)(example, () => ({}));
const asked = [];
const GET = async (_, { params }) => (asked.push(params.query.after), { data: pages.shift() });
(async () => {
  const told = [];
  try {
    for await (const change of example.changes({ GET }, since)) told.push(change.id);
  } catch (error) {
    told.push(error.constructor.name);
  }
  console.log(JSON.stringify([asked, told]));
})();
"""
EVENTS = [{"id": 7, "at": "07:00"}, {"id": 9, "at": "09:00"}]


def follow(pages: list[dict], since: dict | None = None) -> list:
    """Return which events were asked from, and the ids that were told, or the error at the end."""
    if not shutil.which("node") or not TOOLS.exists():
        pytest.fail("Run `make client-typescript` first: it installs what this needs.")
    source = (settings.BASE_DIR / "clients/typescript/example.ts").read_text()
    given = json.dumps([source, pages, *([since] if since else [])])
    command = ["node", "-e", FOLLOW, given]
    place = TOOLS.parent
    done = subprocess.run(command, cwd=place, capture_output=True, text=True, check=True)
    return json.loads(done.stdout)


def test_changes_are_told_to_the_end():
    pages = [{"results": EVENTS, "after_at": None}, {"results": [], "after_at": "09:00"}]
    assert follow(pages) == [[0, 9], [7, 9]]


@pytest.mark.parametrize("after_at", ["06:00", None])
def test_a_log_that_was_replaced_is_not_followed(after_at):
    pages = [{"results": EVENTS, "after_at": after_at}]
    assert follow(pages, {"id": 5, "at": "05:00"}) == [[5], ["LogWasReplaced"]]


def test_a_log_that_is_replaced_meanwhile_is_not_followed():
    pages = [{"results": EVENTS, "after_at": "05:00"}, {"results": EVENTS, "after_at": "08:00"}]
    assert follow(pages, {"id": 5, "at": "05:00"}) == [[5, 9], [7, 9, "LogWasReplaced"]]

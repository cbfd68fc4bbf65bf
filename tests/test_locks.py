"""The locked libraries are those that pyproject.toml asks for, each with its hashes."""

import re
import tomllib

import pytest
from django.conf import settings
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

PROJECT = tomllib.loads((settings.BASE_DIR / "pyproject.toml").read_text())["project"]
EXTRAS = PROJECT["optional-dependencies"]


def extra(name: str) -> list[str]:
    """Return what an extra asks for, with what the extras of the portal itself in it ask for."""
    wanted = []
    for text in EXTRAS[name]:
        asked = Requirement(text)
        own = asked.extras if asked.name == PROJECT["name"] else ()
        wanted += [each for part in own for each in extra(part)] if own else [text]
    return wanted


WANTED = {
    "requirements.lock": PROJECT["dependencies"],
    "requirements-dev.lock": PROJECT["dependencies"] + extra("dev"),
}


def pins(name: str) -> dict[str, str]:
    text = (settings.BASE_DIR / name).read_text()
    return dict(re.findall(r"^([a-z0-9._-]+)==([^ ;\\]+)", text, re.MULTILINE))


@pytest.mark.parametrize("name", WANTED)
def test_the_lock_has_what_is_wanted(name):
    locked = pins(name)
    for text in WANTED[name]:
        wanted = Requirement(text)
        if wanted.marker and not wanted.marker.evaluate():
            continue
        assert wanted.specifier.contains(locked[canonicalize_name(wanted.name)]), text


@pytest.mark.parametrize("name", WANTED)
def test_every_library_has_its_hashes_and_no_address(name):
    text = (settings.BASE_DIR / name).read_text()
    parts = re.split(r"^(?=[a-z0-9._-]+==)", text, flags=re.MULTILINE)[1:]
    assert [part.split("==")[0] for part in parts if "--hash=sha256:" not in part] == []
    assert "://" not in text


@pytest.mark.parametrize("name", WANTED)
def test_the_other_driver_is_kept_out(name):
    """With psycopg 3 installed, Django would silently use that instead."""
    assert "psycopg" not in pins(name)


def test_runtime_pins_are_the_same_in_both_locks():
    assert pins("requirements.lock").items() <= pins("requirements-dev.lock").items()

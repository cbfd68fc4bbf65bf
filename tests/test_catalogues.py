"""The translations of the interface: whole, fitting, and compiled as they are written."""

import ast
import re
import shutil
import subprocess
import sys
from collections import Counter
from gettext import GNUTranslations

import polib
import pytest
from django.conf import settings

LOCALE = settings.BASE_DIR / "hsc_portal/locale"
LANGUAGES = [code for code, _ in settings.LANGUAGES if code != settings.LANGUAGE_CODE]
# What a translation must have as its message has it.
PLACEHOLDER = re.compile(r"%\(\w+\)[sd]|\{\w*\}|%%|</?[a-z][a-z0-9]*|href=\"[^\"]*\"")
# The functions by which texts are marked.
MARKS = {"_", "gettext", "ngettext", "pgettext", "npgettext"}
SOURCES = ("hsc_portal", "references", "templates", "therapies", "topics", "manage.py", "Makefile")


@pytest.fixture(scope="module")
def collected(tmp_path_factory) -> set[tuple]:
    """The messages that `make messages` finds in the code and the templates."""
    assert shutil.which("xgettext"), "The test needs GNU gettext (Debian: apt install gettext)."
    folder = tmp_path_factory.mktemp("sources")
    for name in SOURCES:
        source = settings.BASE_DIR / name
        (shutil.copytree if source.is_dir() else shutil.copy)(source, folder / name)
    shutil.rmtree(folder / "hsc_portal/locale")
    (folder / "hsc_portal/locale").mkdir()
    recipe = re.search(
        r"^messages:.*\n\t\$\(IN\) ((?:.*\\\n)*.*)", (folder / "Makefile").read_text(), re.M
    )
    words = recipe[1].replace("\\\n", " ").replace('"', "").split()
    subprocess.run([sys.executable, *words], cwd=folder, check=True, capture_output=True)
    found = polib.pofile(str(folder / f"hsc_portal/locale/{LANGUAGES[0]}/LC_MESSAGES/django.po"))
    return {(entry.msgctxt, entry.msgid) for entry in found}


def catalogue(language: str) -> polib.POFile:
    return polib.pofile(str(LOCALE / language / "LC_MESSAGES/django.po"))


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_text_is_translated_and_none_is_left_over(language, collected):
    written = catalogue(language)

    assert len(collected) > 900
    assert {(entry.msgctxt, entry.msgid) for entry in written} == collected
    assert [entry.msgid for entry in written if not entry.translated() or entry.fuzzy] == []


def test_no_text_hides_where_it_is_not_collected():
    """xgettext does not read inside f-strings."""
    hidden = []
    for app in ("hsc_portal", "references", "therapies", "topics"):
        for path in (settings.BASE_DIR / app).rglob("*.py"):
            for node in ast.walk(ast.parse(path.read_text())):
                if isinstance(node, ast.JoinedStr):
                    calls = (one for one in ast.walk(node) if isinstance(one, ast.Call))
                    hidden += [path.name for call in calls if getattr(call.func, "id", "") in MARKS]
    assert hidden == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_translation_keeps_what_is_filled_in_and_what_is_marked(language):
    faults = []
    for entry in catalogue(language):
        said = Counter(PLACEHOLDER.findall(entry.msgid_plural or entry.msgid))
        for words in entry.msgstr_plural.values() if entry.msgid_plural else [entry.msgstr]:
            # The singular may say "one" in a word.
            missing = said - Counter(PLACEHOLDER.findall(words))
            foreign = Counter(PLACEHOLDER.findall(words)) - said
            if foreign or (missing and not entry.msgid_plural):
                faults.append((entry.msgid, words))
            if words[:1].isspace() != entry.msgid[:1].isspace():
                faults.append((entry.msgid, words))
    assert faults == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_is_compiled_is_what_is_written(language):
    with open(LOCALE / language / "LC_MESSAGES/django.mo", "rb") as file:
        compiled = GNUTranslations(file)
    for entry in catalogue(language):
        if entry.msgid_plural:
            forms = [compiled.npgettext(entry.msgctxt, entry.msgid, entry.msgid_plural, n)
                     if entry.msgctxt else compiled.ngettext(entry.msgid, entry.msgid_plural, n)
                     for n in (1, 2)]  # fmt: skip
            assert forms == [entry.msgstr_plural[0], entry.msgstr_plural[1]]
        elif entry.msgctxt:
            assert compiled.pgettext(entry.msgctxt, entry.msgid) == entry.msgstr
        else:
            assert compiled.gettext(entry.msgid) == entry.msgstr

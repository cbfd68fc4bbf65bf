"""What is compressed is kept, and made smaller for who asks again."""

import brotli
import pytest
from django.http import HttpResponse

from hsc_portal import compression

PAGE = " ".join(f"Cells of lineage {n} return by day {n * 7}." for n in range(300)).encode()


@pytest.fixture
def kept(monkeypatch):
    fresh = compression.SmallAnswers(2)
    monkeypatch.setattr(compression, "kept", fresh)
    return fresh


def ask(rf, keeping="public, max-age=60", content=PAGE) -> HttpResponse:
    page = HttpResponse(content, headers={"Cache-Control": keeping})
    asking = rf.get("/", headers={"accept-encoding": "br"})
    return compression.Compression(lambda request: page)(asking)


def test_what_is_asked_for_again_gets_smaller(rf, kept):
    first, second = ask(rf), ask(rf)
    kept.beside.shutdown(wait=True)
    third = ask(rf)

    assert first.content == second.content
    assert len(third.content) < len(first.content)
    assert brotli.decompress(third.content) == brotli.decompress(first.content) == PAGE
    assert third["Content-Length"] == str(len(third.content))


def test_what_is_for_one_person_is_not_kept(rf, kept):
    told = ask(rf, keeping="private")

    assert told["Content-Encoding"] == "br"
    assert not kept.answers


def test_what_was_asked_for_long_ago_goes(rf, kept):
    for n in range(5):
        ask(rf, content=PAGE + bytes([65 + n]))
    assert len(kept.answers) == 2


@pytest.mark.parametrize(("accepted", "used"), [
    ("gzip, br", "br"), ("gzip", "gzip"), ("br;q=0.5, gzip;q=1", "gzip"), ("gzip;q=0", None),
    ("gzip;q=0, br;q=0", None), ("*", "br"), ("*;q=0", None), ("identity", None), ("", None),
    ("br;q=0, gzip;q=0.1", "gzip"), ("BR", "br"), ("br;q=x, gzip", "gzip"), ("gzip;q=0.0, *", "br"),
])  # fmt: skip
def test_only_what_is_wanted_is_used(rf, kept, accepted, used):
    page = HttpResponse(PAGE, headers={"Cache-Control": "public, max-age=60"})
    asking = rf.get("/", headers={"accept-encoding": accepted})

    assert compression.Compression(lambda request: page)(asking).get("Content-Encoding") == used

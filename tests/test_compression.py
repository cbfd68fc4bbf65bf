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

"""Links by which somebody without an account reads a draft: for a while, counted, revocable."""

import re
from datetime import timedelta

import pytest
from admin_data import logged_in, overview, person, published, said, therapy
from django.utils import timezone

from tests import clinic, figures_data
from topics import publishing
from topics.desk import draftlinks
from topics.errors import Invalid, NothingToDo, NotPermitted
from topics.models import DraftLink

pytestmark = pytest.mark.django_db


def link(topic, **changes) -> tuple[DraftLink, str]:
    values = {"actor": person("author"), "recipient": "Prof. Outside", "days": 7}
    return draftlinks.make(topic, **values | changes)


def test_an_outsider_reads_the_draft_and_it_is_counted(client):
    made, token = link(overview(body="Cells divide slowly. [@smith2020]"))
    answer = client.get(f"/drafts/{token}/")
    page = answer.content.decode()
    assert answer.status_code == 200
    assert "Cells divide slowly." in page
    assert "Draft, not published." in page
    assert "Prof. Outside" in page
    assert '<meta name="robots" content="noindex, nofollow">' in page
    assert "canonical" not in page
    assert answer["Cache-Control"] == "private, no-store"
    assert answer["X-Robots-Tag"] == "noindex, nofollow"
    assert answer["Referrer-Policy"] == "no-referrer"
    assert not answer.cookies
    # A mail filter that only looks is no reader.
    client.head(f"/drafts/{token}/")
    client.get(f"/drafts/{token}/")
    made.refresh_from_db()
    assert made.opened == 2
    assert made.last_opened_at


def test_the_token_is_kept_nowhere():
    made, token = link(overview())
    assert token not in {str(value) for value in vars(made).values()}
    assert len(token) >= 43


def test_it_shows_one_revision_or_always_the_latest(client):
    topic = overview(body="The first words. [@smith2020]")
    _, fixed = link(topic, revision=topic.revisions.last())
    _, latest = link(topic)
    clinic.reword(topic, "Other words. [@smith2020]", by=person("author"))
    assert "The first words." in said(client.get(f"/drafts/{fixed}/"))
    assert "Other words." in said(client.get(f"/drafts/{latest}/"))


def test_after_its_time_and_after_revocation_it_answers_gone(client):
    topic = overview(body="Secretly divided. [@smith2020]")
    revoked, token = link(topic)
    draftlinks.revoke(revoked, actor=person("author"))
    over, old = link(topic)
    past = timezone.now() - timedelta(days=8)
    DraftLink.objects.filter(pk=over.pk).update(
        created_at=past, expires_at=past + timedelta(days=7)
    )
    for each, words in ((token, "was taken back on"), (old, "worked until")):
        answer = client.get(f"/drafts/{each}/")
        assert answer.status_code == 410
        assert words in said(answer)
        assert "Secretly" not in said(answer)
        assert answer["Cache-Control"] == "private, no-store"
    assert client.get("/drafts/made-up/").status_code == 404
    assert DraftLink.objects.filter(opened=0).count() == 2


def test_a_picture_of_the_draft_is_shown_by_its_link_alone(client):
    figure = figures_data.figure()
    topic = clinic.draft(clinic.overview(schema=2, figures=[figure]))
    made, token = link(topic)
    page = said(client.get(f"/drafts/{token}/"))
    address = re.search(r'src="(/drafts/[^"]*/figures/[^"]*)"', page)[1]
    answer = client.get(address)
    assert answer.status_code == 200
    assert answer["Cache-Control"] == "private, no-store"
    assert client.get(address[len(f"/drafts/{token}") :]).status_code == 404
    assert client.get(address.replace(figure["sha256"], "0" * 64)).status_code == 404
    draftlinks.revoke(made, actor=person("author"))
    assert client.get(address).status_code == 404


def test_who_may_make_and_revoke():
    topic = overview()
    with pytest.raises(NotPermitted):
        link(topic, actor=person("reviewer"))
    for days in (0, 31):
        with pytest.raises(Invalid, match="1 to 30"):
            link(topic, days=days)
    with pytest.raises(Invalid, match="for whom"):
        link(topic, recipient=" ")
    made, _ = link(topic)
    with pytest.raises(NotPermitted):
        draftlinks.revoke(made, actor=person("reviewer"))
    draftlinks.revoke(made, actor=person("editor"))
    with pytest.raises(NothingToDo):
        draftlinks.revoke(made, actor=person("editor"))


def test_the_pages_of_the_desk():
    topic = therapy()
    address = f"/admin/topics/topic/{topic.pk}/links/"
    author = logged_in("author")
    wrong = author.post(address, {"recipient": "Dr Who", "days": 99, "shows": "latest"})
    assert "less than or equal to 30" in said(wrong)
    assert "Dr Who" in said(wrong)
    assert not DraftLink.objects.exists()
    good = {"recipient": "Dr Who", "days": 5, "shows": "latest"}
    page = said(author.post(address, good, follow=True))
    token = re.search(r'value="http://testserver/drafts/([\w-]+)/"', page)[1]
    assert draftlinks.find(token).recipient == "Dr Who"
    assert token not in str(dict(author.session))
    # It is shown once.
    assert token not in said(author.get(address))
    revoke = f"{address}{DraftLink.objects.get().pk}/revoke/"
    assert author.get(revoke).status_code == 405
    assert "works no longer" in said(author.post(revoke, follow=True))
    assert "Revoked by Dr Author" in said(author.get(address))


def test_a_link_shows_what_readers_see_of_others(client):
    other = published(overview("homing"))
    topic = overview(body=f"See [it](topic:{other.slug}) and divide. [@smith2020]")
    publishing.save_revision(topic, author=person("author"))
    _, token = link(topic)
    assert 'href="/topics/homing/"' in said(client.get(f"/drafts/{token}/"))

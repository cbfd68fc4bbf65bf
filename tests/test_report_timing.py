"""Reports that are sent too fast or too late: asked for again, after what is wrong in them."""

import re
from datetime import timedelta

import pytest
from django.utils import timezone
from report_data import opened, send, words_of

from topics import reporting
from topics.models import ErrorReport

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("ago", "said"),
    [(timedelta(seconds=1), "as programs send it"), (timedelta(hours=13), "open for too long")],
)
def test_forms_sent_too_fast_or_too_late_are_asked_for_again(client, ago, said):
    page = send(client, opened(client, ago=ago), "Kept words")

    assert page.status_code == 400
    assert said in words_of(page)
    assert "Kept words</textarea>" in page.content.decode()
    assert not ErrorReport.objects.exists()
    again = dict(re.findall(r'type="hidden" name="(\w+)" value="([^"]*)"', page.content.decode()))
    with pytest.MonkeyPatch.context() as patch:
        later = (timezone.now() + timedelta(minutes=1)).timestamp
        patch.setattr("django.core.signing.time.time", later)
        assert send(client, again, "Kept words").status_code == 303


def test_what_is_missing_is_said_before_that_it_was_fast(client):
    form = opened(client, ago=timedelta(seconds=1))

    empty = send(client, form, "", email="nobody", where="The glossary")
    filled = send(client, form, "Kept words", email="reader@clinic.example")

    assert (empty.status_code, filled.status_code) == (400, 400)
    assert "Say what is wrong." in words_of(empty)
    assert "This is not an email address." in words_of(empty)
    assert "as programs send it" not in words_of(empty)
    assert 'value="The glossary"' in empty.content.decode()
    assert "once more" in words_of(filled)
    # The time that passes meanwhile counts, in both.
    for page in (empty, filled):
        assert f'name="form" value="{form["form"]}"' in page.content.decode()
    assert not ErrorReport.objects.exists()


def test_a_form_that_is_too_old_and_wrong_is_made_anew(client):
    page = send(client, opened(client, ago=timedelta(hours=13)), "")

    assert "Say what is wrong." in words_of(page)
    assert "open for too long" not in words_of(page)
    carried = re.search(r'name="form" value="([^"]*)"', page.content.decode()).group(1)
    with pytest.raises(reporting.TooFast):
        reporting.read_form(carried)

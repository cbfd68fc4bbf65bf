"""Reporting an error: the form, what keeps programs out, and what editors do with a report."""

import logging
import re
from datetime import timedelta
from uuid import uuid4

import pytest
from django.contrib.admin.models import LogEntry
from django.db import IntegrityError, transaction
from django.test import Client
from django.utils import timezone
from pages_data import section, unreviewed, withdraw
from report_data import opened, send, words_of

from tests import clinic
from topics import documents, publishing, reporting
from topics.errors import Invalid, NotPermitted
from topics.models import ErrorReport, Event, ReportSender

pytestmark = pytest.mark.django_db

STATEMENT = "Cells live in the marrow."


@pytest.fixture
def graft():
    return unreviewed("graft", sections=[section(f"{STATEMENT} {{#cells-live}}")])


def test_a_report_reaches_the_editors_with_its_place(client, graft):
    form = opened(client, "/report/?topic=graft&statement=cells-live")

    answer = send(client, form, "Not only\r\nthere.", email="reader@clinic.example")

    report = ErrorReport.objects.get()
    assert answer.status_code == 303
    assert (report.topic, report.edition.number, report.anchor) == (graft, 1, "cells-live")
    assert report.message == "Not only\nthere."
    assert report.email == "reader@clinic.example"
    assert report.status == "open"
    thanks = client.get(answer["Location"])
    assert f"Its number is {report.pk} ." in words_of(thanks)
    assert client.get("/report/sent/made-up/").status_code == 404


def test_the_form_names_the_place_that_is_meant(client, graft):
    page = client.get("/report/?topic=graft&statement=cells-live&edition=1")

    assert f"Graft, edition 1 {STATEMENT}" in words_of(page)
    assert 'href="/topics/graft/editions/1/#cells-live"' in page.content.decode()
    assert page.content.decode().count("<h1") == 1


def test_without_a_topic_the_reader_says_where(client):
    form = opened(client)

    send(client, form, where="The glossary")

    report = ErrorReport.objects.get()
    assert (report.topic, report.place, report.email) == (None, "The glossary", "")


def test_an_old_edition_and_a_withdrawn_topic_can_be_reported(client, graft):
    documents.load({**graft.editions.last().revision.document, "summary": "Two."}, graft)
    publishing.save_revision(graft, author=clinic.author())
    clinic.publish_unreviewed(graft)
    withdraw(graft, "Wrong.")

    assert "Graft, edition 2" in words_of(client.get("/report/?topic=graft"))
    send(client, opened(client, "/report/?topic=graft&edition=1"))

    assert ErrorReport.objects.get().edition.number == 1


@pytest.mark.parametrize(
    "query",
    ["topic=none", "topic=graft&edition=9", "topic=graft&edition=zebra", "topic=%00",
     f"topic=graft&edition={'9' * 40}", "topic=Gr%C3%A4ft"],
)  # fmt: skip
def test_a_place_that_is_not_there_is_refused(client, graft, query):
    page = client.get(f"/report/?{query}")

    assert page.status_code == 400
    assert "Topic Nothing was ever published as" in words_of(page)


def test_a_statement_that_is_not_there_leaves_the_topic(client, graft):
    page = client.get("/report/?topic=graft&statement=gone")

    assert page.status_code == 200
    assert "Graft, edition 1" in words_of(page)


def test_a_draft_is_never_shown_or_reported(client):
    clinic.draft(clinic.overview("secret", title="UNSPEAKABLE"))

    page = client.get("/report/?topic=secret")

    assert page.status_code == 400
    assert "UNSPEAKABLE" not in page.content.decode()


@pytest.mark.parametrize(
    ("data", "fault", "field"),
    [
        ({"message": " \n "}, "Say what is wrong.", "message"),
        ({"message": "x" * 4001}, "This is too long: 4001 of at most 4000 characters.", "message"),
        ({"email": "nobody"}, "This is not an email address.", "email"),
        ({"where": "x" * 301}, "Say where it is in at most 300 characters.", "where"),
        ({"website": "https://spam.example"}, "Leave this field empty", "website"),
        ({"message": "a\x00b"}, "Null characters are not allowed.", "message"),
    ],
)
def test_faults_are_said_at_the_top_and_at_the_field(client, data, fault, field):
    page = send(client, opened(client), **({"email": "reader@clinic.example"} | data))

    html = page.content.decode()
    assert page.status_code == 400
    assert html.count(fault) == 2
    assert 'role="alert"' in html
    assert f'<a href="#{field}">' in html
    described = re.search(rf'id="{field}"[^>]*aria-describedby="([^"]*)"', html).group(1)
    assert f"{field}_fault" in described
    assert f'id="{field}_fault"' in html
    assert re.search(rf'id="{field}"[^>]*aria-invalid="true"', html)
    assert not ErrorReport.objects.exists()


def test_line_ends_count_once(client):
    message = "\r\n".join(["x"] * 2000) + "y"

    assert send(client, opened(client), message).status_code == 303


def test_what_was_written_is_kept_when_a_form_is_refused(client, graft):
    form = opened(client, "/report/?topic=graft&statement=cells-live")

    page = send(client, form, "A <b>bold</b> claim", email="nobody")

    html = page.content.decode()
    assert "A &lt;b&gt;bold&lt;/b&gt; claim</textarea>" in html
    assert 'value="nobody"' in html
    assert 'name="statement" value="cells-live"' in html
    # The time that was spent on it already counts.
    assert f'name="form" value="{form["form"]}"' in html


@pytest.mark.parametrize("form", ["", "made-up", "0" * 32 + ":1u:x", "a:b:c\x00"])
def test_forms_that_are_not_ours_are_not_taken(client, form):
    page = send(client, {"form": form}, "Kept words")

    assert page.status_code == 400
    assert "Kept words</textarea>" in page.content.decode()


def test_the_form_is_sent_and_refused_in_the_language_of_its_page(client, graft):
    form = opened(client, "/de/report/?topic=graft&statement=cells-live")

    page = client.post("/de/report/", {**form, "message": "x", "email": "nobody"})
    html = page.content.decode()
    assert page.status_code == 400
    assert '<html lang="de">' in html
    assert 'action="/de/report/"' in html
    assert 'href="/de/topics/graft/editions/1/#cells-live"><span lang="en">Graft</span>' in html
    assert f'<blockquote lang="en">{STATEMENT}' in html

    answer = client.post("/de/report/", {**form, "message": "Falsch."})
    assert answer["Location"].startswith("/de/report/sent/")
    assert '<html lang="de">' in client.get(answer["Location"]).content.decode()


def test_a_form_sent_twice_is_one_report(client):
    form = opened(client)

    first, second = send(client, form), send(client, form)

    assert first["Location"].split(":")[0] == second["Location"].split(":")[0]
    assert ErrorReport.objects.count() == 1


def test_too_many_reports_from_one_network_are_asked_to_wait(client):
    for _ in range(reporting.LIMIT):
        assert send(client, opened(client)).status_code == 303

    page = send(client, opened(client), "Kept words")
    assert page.status_code == 429
    assert "please send it in an hour" in words_of(page)
    assert "Kept words</textarea>" in page.content.decode()

    elsewhere = client.post(
        "/report/", {**opened(client), "message": "Here too."}, REMOTE_ADDR="192.0.2.7"
    )
    assert elsewhere.status_code == 303

    ReportSender.objects.update(sent_at=timezone.now() - timedelta(minutes=61))
    assert send(client, opened(client)).status_code == 303


def test_no_address_of_a_network_is_kept_and_its_hash_a_day_at_most(client):
    client.post("/report/", {**opened(client), "message": "Wrong."}, REMOTE_ADDR="192.0.2.7")

    (sender,) = ReportSender.objects.all()
    assert re.fullmatch("[0-9a-f]{64}", sender.address_hash)
    for model in (ErrorReport, ReportSender):
        for row in model.objects.values():
            assert "192.0.2.7" not in str(row)

    ReportSender.objects.update(sent_at=timezone.now() - timedelta(hours=25))
    send(client, opened(client))
    assert ReportSender.objects.get().sent_at > timezone.now() - timedelta(minutes=1)


def test_another_site_cannot_send_the_form():
    strict = Client(enforce_csrf_checks=True)
    form = opened(strict)

    assert send(strict, {**form, "csrfmiddlewaretoken": "x" * 32}).status_code == 403
    assert send(strict, form).status_code == 303


def test_nothing_of_it_is_kept_by_a_cache_or_found_by_a_search_engine(client, graft):
    form = opened(client, "/report/?topic=graft")
    pages = [client.get("/report/"), client.get("/report/?topic=graft"), send(client, form, " ")]
    accepted = send(client, form)

    for page in [*pages, accepted, client.get(accepted["Location"])]:
        assert page["Cache-Control"] == "private, no-store"
        assert page["X-Robots-Tag"] == "noindex"
        assert "ETag" not in page
    assert "sessionid" not in client.cookies


def test_nothing_personal_is_logged(client, graft, caplog):
    before = Event.objects.count()
    with caplog.at_level(logging.DEBUG):
        send(client, opened(client, "/report/?topic=graft"), email="reader@clinic.example")
        send(client, opened(client), email="reader@clinic", message="Private words")
        send(client, {"form": "x"}, "Private words", email="reader@clinic.example")

    logged = [record for record in caplog.records if not record.name.startswith("django.db")]
    assert not any("reader@" in each.getMessage() for each in logged)
    assert not any("Private words" in each.getMessage() for each in logged)
    assert Event.objects.count() == before


# What editors do


@pytest.fixture
def report(graft):
    return reporting.send(
        form=uuid4(), sender="192.0.2.1", message="The dose is wrong.",
        email="reader@clinic.example", about=reporting.place("graft", 1, "cells-live"),
    )  # fmt: skip


def test_closing_a_report_deletes_the_address(report):
    closed = reporting.settle(report, actor=clinic.editor(), status="answered", answer="Mended.")

    assert (closed.email, closed.answer, closed.closed_by_name) == ("", "Mended.", "Emil Editor")
    assert closed.closed_at
    again = reporting.settle(report, actor=clinic.editor(), status="open")
    assert (again.closed_at, again.closed_by_name) == (None, "")


def test_only_editors_settle_reports(report):
    for person in (clinic.author(), clinic.reviewer(), clinic.loader()):
        with pytest.raises(NotPermitted):
            reporting.settle(report, actor=person, status="dismissed")
    with pytest.raises(Invalid):
        reporting.settle(report, actor=clinic.editor(), status="lost")


@pytest.mark.parametrize(
    "fields",
    [
        {"status": "lost"},
        {"message": ""},
        {"status": "answered"},
        {"status": "dismissed", "closed_at": timezone.now(), "closed_by_name": "Emil"},
        {"closed_at": timezone.now()},
    ],
)
def test_the_database_refuses_what_cannot_be(report, fields):
    with pytest.raises(IntegrityError), transaction.atomic():
        ErrorReport.objects.filter(pk=report.pk).update(**fields)


def desk(person) -> Client:
    client = Client()
    client.force_login(person)
    return client


def test_editors_see_answer_and_search_reports(report):
    editor = desk(clinic.editor())

    listed = words_of(editor.get("/admin/topics/errorreport/"))
    assert "Graft, edition 1, #cells-live" in listed
    assert "The dose is wrong." in listed
    assert "The dose is wrong." in words_of(editor.get("/admin/topics/errorreport/?q=dose"))
    assert editor.get(f"/admin/topics/errorreport/?q={report.pk}").status_code == 200

    path = f"/admin/topics/errorreport/{report.pk}/change/"
    page = editor.get(path).content.decode()
    assert "/topics/graft/editions/1/#cells-live" in page
    assert "mailto:reader@clinic.example" in page
    answer = editor.post(path, {"status": "answered", "answer": "Mended in edition 2."})
    assert answer.status_code == 302
    report.refresh_from_db()
    assert (report.status, report.answer, report.email) == ("answered", "Mended in edition 2.", "")
    assert "deleted" in editor.get(path).content.decode()
    for entry in LogEntry.objects.all():
        assert "reader@" not in f"{entry.object_repr}{entry.change_message}"


def test_several_reports_are_settled_at_once(report):
    editor = desk(clinic.editor())
    for action, status in (("dismiss", "dismissed"), ("mark_answered", "answered"),
                           ("reopen", "open")):  # fmt: skip
        page = editor.post(
            "/admin/topics/errorreport/",
            {"action": action, "_selected_action": [report.pk]},
            follow=True,
        )
        report.refresh_from_db()
        assert report.status == status
        assert f"1 report is {status} now." in words_of(page)


def test_who_is_no_editor_sees_no_report(report):
    for person in (clinic.author(), clinic.reviewer(), clinic.loader()):
        assert desk(person).get("/admin/topics/errorreport/").status_code == 403


def test_nobody_adds_or_deletes_reports_at_the_desk(report):
    editor = desk(clinic.editor())

    assert editor.get("/admin/topics/errorreport/add/").status_code == 403
    assert editor.get(f"/admin/topics/errorreport/{report.pk}/delete/").status_code == 403


def test_the_list_costs_the_same_for_one_report_and_for_many(django_assert_max_num_queries, graft):
    editor = desk(clinic.editor())
    for n in range(12):
        reporting.send(form=uuid4(), sender=f"192.0.2.{n}", message="Wrong.",
                       about=reporting.place("graft"))  # fmt: skip
    with django_assert_max_num_queries(12):
        editor.get("/admin/topics/errorreport/")

"""Asking about all publications: by command, by the worker, and with all that goes wrong."""

from datetime import date, timedelta
from itertools import count

import pytest
from admin_data import logged_in, person, said
from django.core.management import CommandError, call_command
from django.utils import timezone
from django_tasks import TaskResultStatus
from django_tasks_db.models import DBTaskResult
from following_data import work
from test_notice_sources import HEADER, article, correction, pubmed_set, row, works

from references.formats import Record
from references.models import Notice, Reference
from references.notices import crossref, pubmed
from references.registries import client
from references.registries.faults import Failed, NotFound, Unreachable
from topics import retractions, working
from topics.library import importing
from topics.models import Event

pytestmark = pytest.mark.django_db

RETRACTED = {
    "DOI": "10.1000/P1",
    "updated-by": [{"DOI": "10.1000/n1", "type": "retraction", "label": "Retraction",
                    "updated": {"date-parts": [[2020, 6, 5]]}}],
}  # fmt: skip


class Registries:
    """What the registries answer: bytes or a fault, by a piece of the address."""

    def __init__(self):
        self.answers: dict[str, bytes | Exception] = {}
        self.asked: list[str] = []

    def get(self, session, url, accept, *, is_fresh=False, **options) -> client.Answer:
        assert is_fresh
        self.asked.append(url)
        answer = next((each for piece, each in self.answers.items() if piece in url), None)
        if answer is None:
            answer = works() if "/works" in url else pubmed_set()
        if isinstance(answer, Exception):
            raise answer
        return client.Answer(url, answer, timezone.now())


@pytest.fixture
def registries(monkeypatch):
    found = Registries()
    monkeypatch.setattr(client.Session, "get", lambda *a, **k: found.get(*a, **k))
    return found


def publication(number: int, **csl) -> Reference:
    item = {"title": f"Paper {number}", "DOI": f"10.1000/p{number}", "PMID": str(100 + number)}
    item = {name: value for name, value in (item | csl).items() if value}
    return Reference.objects.create(key=f"p{number}", csl=item)


def notices() -> list[tuple]:
    return list(Notice.objects.values_list("reference__key", "kind", "source"))


def test_the_command_asks_both_and_keeps_what_is_new(registries, capsys):
    publication(1), publication(2), publication(3, DOI=None, PMID=None)
    registries.answers = {
        "/works?": works(RETRACTED, {"DOI": "10.1000/p2"}),
        "efetch": pubmed_set(article("101", correction("ErratumIn", "Blood. 2019 May 9", "77"))),
    }
    call_command("check_retractions")
    told = capsys.readouterr().out
    assert "Retraction of p1 (Crossref), 2020-06-05\n" in told
    assert "4 questions were asked, 3 answered; 2 notices are new." in told
    assert notices() == [("p1", "retraction", "crossref"), ("p1", "correction", "pubmed")]
    found = Reference.objects.get(key="p1")
    assert (found.status, found.status_on) == ("retracted", date(2020, 6, 5))
    today = timezone.localdate()
    assert dict(Reference.objects.values_list("key", "checked_on")) == {
        "p1": today, "p2": today, "p3": None,
    }  # fmt: skip
    event = Event.objects.get()
    assert (event.actor, event.actor_name) == (None, "Crossref")

    call_command("check_retractions")
    assert "0 notices are new." in capsys.readouterr().out
    assert len(notices()) == 2 and Event.objects.count() == 1


def test_only_what_is_named_is_asked_about(registries):
    publication(1), publication(2)
    call_command("check_retractions", "p2")
    assert all("p1" not in url and "101" not in url for url in registries.asked)
    assert len(registries.asked) == 2
    with pytest.raises(CommandError, match="The library has no nothing"):
        call_command("check_retractions", "p2", "nothing")


def test_without_an_answer_nothing_counts_as_checked(registries, capsys):
    publication(1)
    registries.answers = {
        "/works": Unreachable("No answer in 8 seconds."),
        "efetch": pubmed_set(article("101")),
    }
    with pytest.raises(CommandError) as failed:
        call_command("check_retractions")
    assert failed.value.returncode == 1
    assert "Crossref was left alone after 0: No answer" in capsys.readouterr().err
    # The other one did answer.
    assert Reference.objects.get().checked_on == timezone.localdate()
    Reference.objects.update(checked_on=None)
    registries.answers["efetch"] = Unreachable("No answer in 8 seconds.")
    with pytest.raises(CommandError):
        call_command("check_retractions")
    assert Reference.objects.get().checked_on is None


def test_one_number_that_is_refused_keeps_no_other_from_its_answer(registries, capsys):
    publication(1), publication(2), publication(3, DOI="10.1000/a,b")
    registries.answers = {
        "/works?": Failed("It answered 400 Bad Request."),
        "p1": works(RETRACTED),
        "p2": NotFound("It does not know it."),
        "a%2Cb": Failed("It answered 400 Bad Request."),
    }
    with pytest.raises(CommandError):
        call_command("check_retractions")
    assert "Crossref, 10.1000/a,b: It answered 400" in capsys.readouterr().err
    assert notices() == [("p1", "retraction", "crossref")]
    checked = Reference.objects.exclude(checked_on=None)
    assert list(checked.values_list("key", flat=True)) == ["p1"]


def test_a_notice_in_the_library_tells_of_another_publication(registries):
    publication(1), publication(9, PMID=None)
    notice = {"DOI": "10.1000/p9", "update-to": [{"DOI": "10.1000/P1", "type": "retraction"}]}
    registries.answers = {"/works": works(notice)}
    call_command("check_retractions", "p9")
    assert notices() == [("p1", "retraction", "crossref")]
    assert Reference.objects.get(key="p1").checked_on is None


def test_the_file_of_retraction_watch(registries, tmp_path, capsys):
    publication(1), publication(2, DOI=None)
    file = tmp_path / "rw.csv"
    lines = [row(original="10.1000/P1", original_pmid="0"), row(original_pmid="102"), row(),
             row(original="10.1000/p1", original_pmid="101", day="1/2/2022 0:00", doi="10.1/r",
                 pmid="0", nature="Reinstatement", reason="")]  # fmt: skip
    file.write_text(HEADER + "".join(lines))
    call_command("check_retractions", "--file", str(file))
    told = capsys.readouterr().out
    assert "4 notices were read, 2 about publications of the library; 3 notices are new." in told
    assert sorted(notices()) == [
        ("p1", "reinstatement", "retraction-watch"),
        ("p1", "retraction", "retraction-watch"),
        ("p2", "retraction", "retraction-watch"),
    ]
    assert list(Reference.objects.order_by("key").values_list("status", flat=True)) == [
        "current", "retracted",
    ]  # fmt: skip
    assert registries.asked == []
    call_command("check_retractions", "--file", str(file))
    assert "0 notices are new" in capsys.readouterr().out
    for wrong in (tmp_path / "none.csv", tmp_path):
        with pytest.raises(CommandError):
            call_command("check_retractions", "--file", str(wrong))
    file.write_text("TY  - JOUR")
    with pytest.raises(CommandError, match="no file of Retraction Watch"):
        call_command("check_retractions", "--file", str(file))


def tasks(**filters) -> list[tuple]:
    rows = DBTaskResult.objects.filter(task_path=retractions.check_batch.module_path, **filters)
    return sorted(tuple(each.args_kwargs["args"]) for each in rows)


def small_batches(monkeypatch) -> None:
    for name in retractions.SOURCES:
        values = vars(retractions.SOURCES[name]) | {"at_once": 2}
        monkeypatch.setitem(retractions.SOURCES, name, retractions.Source(**values))


def test_the_worker_asks_once_a_day_if_it_is_switched_on(registries, settings):
    publication(1)
    path = retractions.begin.module_path

    def begun() -> int:
        return DBTaskResult.objects.filter(task_path=path).count()

    working.look_around()
    assert begun() == 0
    settings.CHECK_RETRACTIONS = True
    working.look_around()
    working.look_around()
    assert begun() == 1
    work()
    working.look_around()
    assert begun() == 1
    assert len(registries.asked) == 2
    DBTaskResult.objects.update(enqueued_at=timezone.now() - timedelta(days=1, minutes=1))
    working.look_around()
    work()
    assert len(registries.asked) == 4


def test_all_are_asked_about_batch_by_batch(registries, monkeypatch):
    small_batches(monkeypatch)
    found = [publication(number) for number in range(1, 6)]
    retractions.begin.enqueue()
    work()
    assert tasks() == [
        (name, after) for name in ("crossref", "pubmed")
        for after in (0, found[1].pk, found[3].pk, found[4].pk)
    ]  # fmt: skip
    asked = [url for url in registries.asked if "efetch" in url]
    assert [url.partition("id=")[2].partition("&")[0] for url in asked] == [
        "101,102", "103,104", "105",
    ]  # fmt: skip


def test_a_silent_registry_holds_up_itself_only_and_goes_on_where_it_was(registries, monkeypatch):
    small_batches(monkeypatch)
    found = [publication(number) for number in range(1, 5)]
    registries.answers = {"p3": Unreachable("No answer in 8 seconds.")}
    retractions.begin.enqueue()
    work()
    assert tasks(status=TaskResultStatus.FAILED) == [("crossref", found[1].pk)]
    assert ("pubmed", found[3].pk) in tasks(status=TaskResultStatus.SUCCESSFUL)

    client_ = logged_in("administrator")
    page = said(client_.get("/admin/topics/topic/failures/"))
    assert "Asking a registry for retractions and corrections" in page
    assert "No answer in 8 seconds." in page
    registries.answers = {"p3": works({"DOI": "10.1000/p3"})}
    failed = DBTaskResult.objects.get(status=TaskResultStatus.FAILED)
    client_.post("/admin/topics/topic/failures/", {"task": [str(failed.pk)]})
    work()
    assert tasks(status=TaskResultStatus.FAILED) == []
    assert ("crossref", found[3].pk) in tasks()
    assert Reference.objects.get(key="p3").checked_on


def test_what_is_added_is_checked_soon_if_it_is_a_few(settings, registries):
    settings.CHECK_RETRACTIONS = True
    publication(1)
    records = [Record(n, {"title": f"Paper {n}", "DOI": f"10.1000/p{n}"}) for n in (2, 3)]
    importing.bring(records, actor=person("editor"), label="x", source="x")
    assert {name for name, _ in tasks()} == {"crossref", "pubmed"}
    registries.answers = {"p2": works(RETRACTED | {"DOI": "10.1000/p2"})}
    work()
    assert Reference.objects.get(doi="10.1000/p2").status == "retracted"


def test_a_batch_that_is_never_answered_holds_up_the_others_for_some_time_only(
    registries, monkeypatch
):
    small_batches(monkeypatch)
    found = [publication(number, PMID=None) for number in range(1, 4)]
    registries.answers = {"p1": Unreachable("503")}
    retractions.check_batch.enqueue("crossref", 0)
    for _ in range(working.ATTEMPTS):
        work()
        DBTaskResult.objects.filter(status=TaskResultStatus.FAILED).update(
            status=TaskResultStatus.READY
        )
    assert ("crossref", found[1].pk) in tasks()


def test_what_cannot_be_understood_fails_and_holds_up_nothing(registries, monkeypatch):
    small_batches(monkeypatch)
    found = [publication(number, DOI=None) for number in range(1, 5)]
    registries.answers = {"id=101,102": b"<html>Sorry</html>"}
    retractions.begin.enqueue()
    work()
    assert tasks(status=TaskResultStatus.FAILED) == [("pubmed", 0)]
    assert ("pubmed", found[3].pk) in tasks()
    assert "101, 102: Its answer is no list" in DBTaskResult.objects.get(
        status=TaskResultStatus.FAILED
    ).traceback  # fmt: skip


def test_a_worker_that_is_killed_loses_and_doubles_nothing(registries, monkeypatch):
    small_batches(monkeypatch)
    found = [publication(number, PMID=None) for number in range(1, 4)]
    registries.answers = {"p1": works(RETRACTED, {"DOI": "10.1000/p2"})}
    moments = count()
    keep = Notice.objects.bulk_create

    class Killed(BaseException):
        """What no code catches."""

    def killed_once(*args, **kwargs):
        if next(moments) == 0:
            keep(*args, **kwargs)
            raise Killed
        return keep(*args, **kwargs)

    monkeypatch.setattr(Notice.objects, "bulk_create", killed_once)
    task = retractions.check_batch.enqueue("crossref", 0)
    with pytest.raises(Killed):
        retractions.check_batch.func("crossref", 0)
    assert notices() == [] and Reference.objects.filter(checked_on=None).count() == 3
    # What it had taken is put back, and done from its beginning; also when it was done already.
    DBTaskResult.objects.filter(pk=task.id).update(
        status=TaskResultStatus.RUNNING, started_at=timezone.now() - timedelta(hours=1)
    )
    working.put_back()
    work()
    DBTaskResult.objects.filter(pk=task.id).update(status=TaskResultStatus.READY)
    work()
    assert notices() == [("p1", "retraction", "crossref")]
    assert Event.objects.count() == 1
    assert tasks() == [("crossref", 0), ("crossref", found[1].pk), ("crossref", found[2].pk)]


def test_so_many_are_asked_about_at_once():
    assert (crossref.AT_ONCE, pubmed.AT_ONCE) == (20, 200)
    longest = [f"10.1000/{'x' * 80}{number}" for number in range(crossref.AT_ONCE)]
    assert len(crossref.address(longest)) < 4_000
    assert len(pubmed.address([str(10**8 - 1)] * pubmed.AT_ONCE)) < 4_000

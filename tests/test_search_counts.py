"""What is counted of searches, and above all what is never kept."""

import datetime
import logging
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.apps import apps
from django.db import DatabaseError, connection, connections, transaction
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from pages_data import section, unreviewed

from topics import working
from topics.models import SearchCount, SearchSender
from topics.search import counting, text

pytestmark = pytest.mark.django_db

QUERY = "Onset of zebrafinch syndrome"


@pytest.fixture(autouse=True)
def restart(monkeypatch):
    """Begin with a process that remembers nobody; called, it is another such process."""

    def begin() -> None:
        monkeypatch.setattr(counting, "asked", counting.Memory(1000))
        monkeypatch.setattr(counting, "amounts", counting.Memory(1000))
        monkeypatch.setattr(counting, "tidied", counting.Memory(1))

    begin()
    return begin


@pytest.fixture
def marrow():
    unreviewed("marrow", sections=[section("Blood forms in the marrow.")])


@pytest.fixture
def on(monkeypatch):
    """Have another day: `on(14)` is in two weeks."""

    def go(days: int) -> None:
        day = datetime.date(2026, 6, 1) + datetime.timedelta(days=days)
        monkeypatch.setattr(timezone, "localdate", lambda: day)

    go(0)
    return go


def ask(words=QUERY, times=1, first=0, found=True):
    for n in range(first, first + times):
        counting.count(words, f"10.0.{n // 250}.{n % 250}", found=found)


def kept() -> SearchCount:
    return SearchCount.objects.get()


def everything_written() -> str:
    """Return all rows of all tables of the portal as text."""
    told = []
    with connection.cursor() as cursor:
        for model in apps.get_models(include_auto_created=True):
            cursor.execute(f'SELECT t::text FROM "{model._meta.db_table}" t')
            told += [row[0] for row in cursor.fetchall()]
    return "\n".join(told).lower()


def test_below_the_threshold_the_words_are_in_no_table():
    with CaptureQueriesContext(connection) as asked:
        ask(times=counting.THRESHOLD - 1)

    assert kept().asked == counting.THRESHOLD - 1
    assert kept().words == ""
    for word in ("zebrafinch", "10.0.0."):
        assert word not in everything_written()
        # Nor were they sent to the database, whose log might keep them.
        assert not [each for each in asked.captured_queries if word in each["sql"].lower()]


def test_at_the_threshold_the_words_are_kept_in_small_letters():
    ask(times=counting.THRESHOLD)
    assert kept().words == "onset of zebrafinch syndrome"
    assert "10.0.0." not in everything_written()


def test_one_sender_alone_never_reaches_the_threshold(on):
    for day in range(40):
        on(day)
        for _ in range(3):
            counting.count(QUERY, "10.0.0.1", found=True)

    # Once a day it counts, as a sender once for all.
    assert sum(SearchCount.objects.values_list("asked", flat=True)) == 40
    assert sum(SearchCount.objects.values_list("senders", flat=True)) == 1
    assert not SearchCount.objects.exclude(words="").exists()


def test_one_sender_stays_one_for_all_processes(on, restart):
    """Whether it asks another worker, or the same after it was started anew."""
    for week in range(counting.WEEKS):
        on(7 * week)
        for _ in range(counting.THRESHOLD):
            restart()
            ask(times=1)

    assert sum(SearchCount.objects.values_list("senders", flat=True)) == 1
    assert SearchSender.objects.count() == 1
    assert "zebrafinch" not in everything_written()


def test_senders_count_together_for_all_processes(restart):
    for n in range(counting.THRESHOLD):
        restart()
        ask(times=1, first=n)
    assert kept().words == "onset of zebrafinch syndrome"


def test_a_sender_counts_again_once_it_was_forgotten(on, restart):
    ask(times=4)
    on(7 * counting.WEEKS)
    ask(times=2, first=3)
    assert [(row.words, row.senders) for row in SearchCount.objects.all()] == [("", 2)]
    assert set(SearchSender.objects.values_list("week", flat=True)) == {counting.this_week()}


def test_a_mark_that_nobody_deleted_counts_anew(on, monkeypatch):
    monkeypatch.setattr(counting, "forget", lambda: None)
    ask(times=1)
    on(7 * counting.WEEKS)
    ask(times=1)
    assert [row.senders for row in SearchCount.objects.all()] == [1, 1]
    assert SearchSender.objects.get().week == counting.this_week()


def test_marks_cannot_be_linked_to_each_other(settings):
    ask(times=1)
    ask("another query", times=1)
    one, other = SearchSender.objects.values_list("mark", flat=True)
    assert one != other

    digest = counting.digest("leukemia")
    told = counting.mark(digest, "10.0.0.1")
    settings.SECRET_KEY = "another secret of another portal"
    assert counting.mark(digest, "10.0.0.1") != told


def test_no_more_senders_are_marked_than_are_needed(on, restart):
    ask(times=4 * counting.THRESHOLD)
    assert SearchSender.objects.count() == kept().senders == counting.THRESHOLD
    assert kept().asked == 4 * counting.THRESHOLD


def test_senders_of_several_weeks_count_together(on):
    ask(times=2)
    on(7)
    ask(times=3, first=2)
    assert list(SearchCount.objects.order_by("week").values_list("words", flat=True)) == [
        "", "onset of zebrafinch syndrome",
    ]  # fmt: skip


def test_senders_of_long_ago_do_not_count(on):
    ask(times=4)
    on(7 * counting.WEEKS)
    ask(times=1, first=4)
    assert [(row.words, row.senders) for row in SearchCount.objects.all()] == [("", 1)]


def test_words_go_when_too_few_asked_lately(on):
    ask(times=4)
    on(77)
    ask(times=1, first=4)
    assert SearchCount.objects.exclude(words="").exists()

    on(84)
    counting.forget()

    assert [(row.words, row.asked) for row in SearchCount.objects.all()] == [("", 1)]
    assert "zebrafinch" not in everything_written()


def test_rows_of_long_ago_are_deleted_by_the_worker(on):
    ask()
    on(7 * counting.WEEKS)
    working.look_around()
    assert not SearchCount.objects.exists()
    assert not SearchSender.objects.exists()


@pytest.mark.parametrize(
    "words",
    [
        "sos after busulfan john.smith@clinic.example",
        "sos after busulfan john.smith＠clinic.example",
        "mds record 12345678",
        "mds record ١٢٣٤٥٦٧٨",
        "mds born 12.03.1967",
        "mds born 1967-03-12",
        "mds call +49 (30) 12 34 56",
        "mds 12 34 56",
        "mds pmid: 12 34 56",
        "see https://clinic.example/p/7",
        "see www.clinic.example",
        "x" * 80,
    ],
)
def test_what_could_name_a_person_is_never_kept(words):
    ask(words, times=2 * counting.THRESHOLD)
    assert kept().words == ""
    assert kept().asked == 2 * counting.THRESHOLD


@pytest.mark.parametrize(
    ("words", "told"),
    [
        ("Trial NCT01234567?", "trial nct01234567"),
        ("survival 2018-2024", "survival 2018-2024"),
        ("  G-CSF,  5 µg/kg  ", "g-csf 5 μg kg"),
        ("β-thalassaemia", "β-thalassaemia"),
        ("platelets over 20,000", "platelets over 20,000"),
        ("<script>alert(1)</script>", "script alert 1 script"),
        ("=1+1", "1 1"),
    ],
)
def test_what_names_nobody_is_kept_plainly(words, told):
    ask(words, times=counting.THRESHOLD)
    assert kept().words == told


def test_spellings_of_one_query_are_one():
    for n, words in enumerate(["Leukaemia relapses", "leukemia relapse", "the LEUKEMIA: relapse"]):
        ask(words, first=n)
    assert kept().asked == 3


def test_the_digest_differs_by_secret(settings):
    one = counting.digest("leukemia")
    settings.SECRET_KEY = "another secret of another portal"
    assert counting.digest("leukemia") != one
    assert text.key("leukemia") not in one


@pytest.mark.parametrize(
    "words",
    ["", "   ", "the of", "?!", "\0", "\ud800 marrow", "ﷺ" * 200, "a " * 5000, "%s %(digest)s '",
     "İ" * 200, "x\0y marrow"],
)  # fmt: skip
def test_hostile_words_do_no_harm(words):
    for n in range(counting.THRESHOLD):
        counting.count(words, f"10.0.0.{n}", found=False)
        counting.chose(words, f"10.0.0.{n}")
    assert all(len(row.words) <= counting.LONGEST for row in SearchCount.objects.all())


def test_a_failure_is_logged_without_the_words_and_search_goes_on(
    client, marrow, monkeypatch, caplog
):
    monkeypatch.setattr(counting, "WRITE", "SELECT * FROM missing_zebrafinch")
    with caplog.at_level(logging.WARNING):
        answer = client.get("/search/?q=marrow+zebrafinch")

    assert answer.status_code == 200
    assert "Blood forms in the" in answer.content.decode()
    assert "A search could not be counted: ProgrammingError 42P01" in caplog.text
    assert "zebrafinch" not in caplog.text


def test_any_failure_is_survived(monkeypatch, caplog):
    def fail(*args):
        raise DatabaseError("zebrafinch")

    monkeypatch.setattr(counting, "digest", fail)
    ask()
    counting.chose(QUERY, "10.0.0.1")
    assert caplog.text.count("could not be counted: DatabaseError") == 2
    assert "zebrafinch" not in caplog.text


def test_a_count_is_one_statement():
    ask()
    with CaptureQueriesContext(connection) as asked:
        ask(first=1)
    written = [each["sql"] for each in asked.captured_queries if "SAVEPOINT" not in each["sql"]]
    assert len(written) == 1


def test_the_search_page_counts(client, marrow):
    client.get("/search/?q=marrow")
    client.get("/search/?q=marrow")
    client.get("/de/search/?q=marrow", REMOTE_ADDR="10.0.0.9")
    client.get("/search/?q=wwwwwqqqqq")

    told = {row.digest: (row.asked, row.without_result) for row in SearchCount.objects.all()}
    assert told == {
        counting.digest(text.key("marrow")): (2, 0),
        counting.digest(text.key("wwwwwqqqqq")): (1, 1),
    }


def test_what_nobody_searched_for_is_not_counted(client, marrow):
    client.head("/search/?q=marrow")
    client.get("/search/?q=marrow", headers={"Sec-Purpose": "prefetch"})
    client.get("/search/?q=marrow+kind:therapy")
    client.get("/search/")
    assert not SearchCount.objects.exists()


def test_the_search_page_still_sets_no_cookie(client, marrow):
    answer = client.get("/search/?q=marrow")
    assert not answer.cookies
    assert "Cookie" not in answer.get("Vary", "")


def test_one_sender_cannot_fill_the_table(monkeypatch):
    monkeypatch.setattr(counting, "MOST_FROM_ONE", 10)
    for n in range(30):
        counting.count(f"word{n}", "10.0.0.1", found=True)
    assert SearchCount.objects.count() == 10


def test_many_senders_cannot_fill_the_table_either(monkeypatch):
    monkeypatch.setattr(counting, "MOST_NEW", 10)
    ask("marrow")
    for n in range(30):
        ask(f"word{n}", first=n)
    assert SearchCount.objects.count() == SearchSender.objects.count() == 10
    # What is known still counts.
    ask("marrow", first=1)
    assert SearchCount.objects.get(digest=counting.digest("marrow")).asked == 2


def test_the_memory_is_bounded_and_has_no_addresses():
    memory = counting.Memory(10)
    for n in range(100):
        memory.add("asked", f"10.0.0.{n}", "digest")
    assert len(memory.days) == 10
    assert b"10.0.0" not in b"".join(memory.days)
    assert counting.Memory(1)._name(("x",)) != memory._name(("x",))


@pytest.mark.django_db(transaction=True)
def test_many_at_one_moment_are_all_counted():
    size = 8
    barrier = threading.Barrier(size)

    def run(n: int) -> None:
        barrier.wait()
        ask(first=10 * n, times=5, found=bool(n % 2))
        connections.close_all()

    with ThreadPoolExecutor(size) as pool:
        list(pool.map(run, range(size)))

    row = kept()
    assert (row.asked, row.without_result) == (40, 20)
    # Of several at one moment some more may be marked than are needed.
    assert row.senders == SearchSender.objects.count() >= counting.THRESHOLD
    assert row.words == "onset of zebrafinch syndrome"


@pytest.mark.django_db(transaction=True)
def test_a_locked_row_does_not_hold_up_a_search(caplog):
    ask()
    with transaction.atomic():
        SearchCount.objects.select_for_update().get()

        def other() -> None:
            counting.count(QUERY, "10.0.0.7", found=True)
            connections.close_all()

        thread = threading.Thread(target=other)
        thread.start()
        thread.join(timeout=5)
        assert not thread.is_alive()
    assert "could not be counted: OperationalError 55P03" in caplog.text

"""Publications come into the library once, each is told of, and a broken run is repeated."""

import io
import threading
from pathlib import Path

import pytest
from django.conf import settings
from django.contrib.admin.models import LogEntry
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import CommandError, call_command
from django.db import connection, connections

from references.downloads import items_of
from references.formats import FORMATS
from references.models import Reference
from tests.admin_data import logged_in, person, said
from topics.errors import NotPermitted
from topics.library import importing, loading
from topics.library import importing as library_importing
from topics.models import Topic

PAGE = "/admin/references/reference/import/"


def paper(number: int, **changes) -> dict:
    item = {
        "id": f"x{number}",
        "type": "article-journal",
        "title": f"Engraftment after transplantation, part {number}",
        "author": [{"family": "Müller", "given": "Ada"}],
        "issued": {"date-parts": [[2020]]},
        "DOI": f"10.1000/part.{number}",
    } | changes
    return {name: value for name, value in item.items() if value}


def ris(*items: dict) -> io.BytesIO:
    return io.BytesIO(FORMATS["ris"].write(items).encode())


def run(*items: dict, **options):
    lines = []
    report = importing.run(
        ris(*items), actor=person("editor"), source="test.ris",
        told=lambda _, batch: lines.extend(batch.lines), **options,
    )  # fmt: skip
    return report, lines


@pytest.mark.django_db
def test_what_is_new_is_kept_found_and_logged(client):
    report, lines = run(paper(1), paper(2, author=[{"literal": "Study Group"}]))

    assert (report.new, report.known, report.refused) == (2, 0, [])
    assert [line.key for line in lines] == ["muller2020", "studygroup2020"]
    assert "part 1" in client.get("/references/muller2020/").content.decode()
    assert "studygroup2020" in client.get("/search/?q=10.1000/part.2", follow=True).content.decode()
    log = LogEntry.objects.get(object_id=str(Reference.objects.get(key="muller2020").pk))
    assert log.user == person("editor")
    assert log.change_message == "Imported from test.ris, RIS, record at 1."


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("again", "by"),
    [
        ({"DOI": "10.1000/PART.1", "title": "Quite another title"}, "DOI"),
        ({"DOI": "", "PMID": "12345678", "title": "Quite another title"}, "PMID"),
        ({"DOI": "", "PMCID": "PMC77", "title": "Quite another title"}, "PMCID"),
        ({"DOI": "", "title": "ENGRAFTMENT after transplantation: Part 1."},
         "title, year and author"),
    ],
)  # fmt: skip
def test_nothing_comes_twice(again, by):
    run(paper(1, PMID="12345678", PMCID="PMC77"))

    report, (line,) = run(paper(1, **again))

    assert (report.new, report.known) == (0, 1)
    assert (line.key, line.by) == ("muller2020", by)
    assert Reference.objects.count() == 1


@pytest.mark.django_db
@pytest.mark.parametrize("is_dry", [True, False])
def test_nothing_comes_twice_within_a_file_of_many_batches(is_dry, monkeypatch):
    monkeypatch.setattr("references.importing.BATCH", 2)

    report, lines = run(paper(1), paper(2), paper(1), paper(2, DOI=""), paper(3), is_dry=is_dry)

    assert (report.new, report.known) == (3, 2)
    assert [line.key for line in lines] == [
        "muller2020", "muller2020b", "muller2020", "muller2020b", "muller2020c",
    ]  # fmt: skip
    assert Reference.objects.count() == (0 if is_dry else 3)


@pytest.mark.django_db
@pytest.mark.parametrize("ending", FORMATS)
@pytest.mark.parametrize(
    "more",
    [{"volume": "12", "page": "3-15"}, {"volume": "12", "page": "3-15", "author": []},
     {"container-title": "Blood"}, {"type": "book", "publisher": "Springer"}],
    ids=str,
)  # fmt: skip
def test_a_short_title_comes_once(ending, more):
    brief = paper(1, title="Cord blood", DOI="") | more
    first = run(brief)[0]
    file = io.BytesIO(FORMATS[ending].write([brief]).encode())

    again = importing.run(file, actor=person("editor"), source="x")
    reply = run(brief | {"volume": "13"})[0]

    assert (first.new, again.new, reply.new) == (1, 0, 1)


@pytest.mark.django_db
@pytest.mark.parametrize("ending", FORMATS)
def test_all_that_is_exported_is_here_already(ending):
    """The starter library, and beside it what nothing but its key tells from another."""
    loading.load(Path(settings.BASE_DIR) / "references/content/references.json")
    odd = [
        {"title": "Editorial"}, {"title": "<i>CD34</i>", "author": [{"literal": "A, B and C"}]},
        {"title": "再生不良性貧血", "issued": {"literal": "spring"}},
        {"title": "On *stars* & {braces}", "type": "dataset", "translator": [{"family": "Doe"}]},
    ]  # fmt: skip
    written = [each for each in odd if ending != "nbib"]
    for number, item in enumerate(written):
        Reference.objects.create(key=f"odd{number}", csl={"type": "article"} | item)
    sici = "10.1002/(SICI)1097-0258(19980815/30)17:15/16<1661::AID-SIM968>3.0.CO;2-2"
    Reference.objects.create(key="old1998", csl={"title": "Trials", "type": "book", "DOI": sici})
    file = FORMATS[ending].write(items_of(Reference.objects.listed())).encode()

    report = importing.run(io.BytesIO(file), actor=person("editor"), source=ending)

    assert (report.new, report.refused) == (0, [])
    assert report.known == Reference.objects.count()


@pytest.mark.django_db
def test_a_key_is_not_enough_to_be_known():
    run(paper(1, DOI=""))

    report, _ = run(paper(2, DOI="") | {"id": "muller2020"})

    assert report.new == 1


@pytest.mark.django_db
def test_a_reply_with_the_same_title_is_another_publication():
    run(paper(1))

    report, (line,) = run(paper(1, DOI="10.1000/reply.1"))

    assert report.new == 1
    assert line.key == "muller2020b"


@pytest.mark.django_db
def test_a_record_that_mixes_two_publications_is_refused():
    run(paper(1), paper(2, PMID="12345678"))

    report, _ = run(paper(1, PMID="12345678"), paper(3))

    (refused,) = report.refused
    assert refused.fault == (
        "Two publications here: its DOI is that of muller2020, its PMID is that of muller2020b."
    )
    assert report.new == 1


@pytest.mark.django_db
def test_what_is_here_is_not_changed():
    run(paper(1))

    run(paper(1, volume="12"))

    assert "volume" not in Reference.objects.get().csl


@pytest.mark.django_db
def test_thirty_of_one_name_and_year_have_thirty_keys():
    run(*(paper(number) for number in range(30)))

    keys = set(Reference.objects.values_list("key", flat=True))
    assert len(keys) == 30
    assert {"muller2020", "muller2020b", "muller2020z", "muller2020-27"} <= keys


@pytest.mark.django_db
def test_who_may_not_add_references_imports_none():
    with pytest.raises(NotPermitted):
        importing.run(ris(paper(1)), actor=person("reviewer"), source="x")


@pytest.mark.django_db(transaction=True)
def test_imports_at_once_bring_each_publication_once():
    actor, reports, gate = person("editor"), [], threading.Barrier(4)

    def bring():
        try:
            gate.wait()
            stream = ris(*(paper(number) for number in range(60)))
            reports.append(importing.run(stream, actor=actor, source="x"))
        finally:
            connections.close_all()

    threads = [threading.Thread(target=bring) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sorted((report.new, report.known) for report in reports) == [(0, 60)] * 3 + [(60, 0)]
    assert Reference.objects.count() == 60


@pytest.mark.django_db(transaction=True)
def test_a_run_that_is_broken_off_keeps_whole_batches_and_is_repeated(monkeypatch):
    monkeypatch.setattr("references.importing.BATCH", 10)
    papers = [paper(number) for number in range(35)]
    adding, calls = library_importing.add, []

    def failing(new, **options):
        adding(new, **options)
        calls.append(new)
        if len(calls) == 3:
            # As when the server is killed: the connection ends, and with it the transaction.
            connection.close()
            raise ConnectionError

    monkeypatch.setattr(library_importing, "add", failing)
    with pytest.raises(ConnectionError):
        run(*papers)
    assert Reference.objects.count() == 20
    monkeypatch.setattr(library_importing, "add", adding)

    report, _ = run(*papers)

    assert (report.new, report.known) == (15, 20)


@pytest.mark.django_db
def test_one_that_is_added_by_hand_meanwhile_is_known_the_next_moment(monkeypatch):
    sort, calls = library_importing.importing.sort, []

    def sorting(records, seen=None):
        batch = sort(records, seen)
        if not calls:
            calls.append(batch)
            Reference(key="byhand2020", csl=paper(1)).save()
        return batch

    monkeypatch.setattr(library_importing.importing, "sort", sorting)

    report, lines = run(paper(1), paper(2))

    # The colleague's own transaction would have stayed; here it was taken back with the first try.
    assert (report.new, report.known) == (2, 0)
    assert len(lines) == 2


@pytest.mark.django_db
def test_the_command_tells_what_was_refused_and_fails(tmp_path, capsys):
    file = tmp_path / "papers.ris"
    file.write_bytes(ris(paper(1)).getvalue() + b"TY  - JOUR\nAU  - Nobody\nER  - \n")

    with pytest.raises(CommandError) as error:
        call_command("import_references", file)

    told = capsys.readouterr()
    assert error.value.returncode == 1
    assert "RIS: 1 new, 0 here already, 1 refused." in told.out
    assert f"{file}, at 8: It has no title (TI, T1)." in told.err
    assert Reference.objects.count() == 1


@pytest.mark.django_db
def test_the_command_saves_nothing_when_dry(tmp_path, capsys):
    file = tmp_path / "papers.ris"
    file.write_bytes(ris(paper(1)).getvalue())

    call_command("import_references", file, "--dry-run")

    assert "1 new" in capsys.readouterr().out
    assert Reference.objects.count() == 0


@pytest.mark.django_db
@pytest.mark.parametrize("name", ["missing.ris", "letter.txt"])
def test_the_command_says_what_it_cannot_read(tmp_path, name):
    (tmp_path / "letter.txt").write_text("Dear editor")

    with pytest.raises(CommandError, match=name):
        call_command("import_references", tmp_path / name)


@pytest.mark.django_db
@pytest.mark.parametrize("ending", FORMATS)
def test_what_the_command_exports_is_all_here_already(ending, tmp_path):
    run(*(paper(number, PMID=str(1_000_000 + number)) for number in range(5)))
    file = tmp_path / "all"

    call_command("export_references", "--format", ending, "--output", str(file))

    with file.open("rb") as stream:
        report = importing.run(stream, actor=person("editor"), source="x")
    assert (report.new, report.known, report.refused) == (0, 5, [])


@pytest.mark.django_db
def test_an_export_holds_what_was_asked_for(capsys):
    run(paper(1), paper(2, title="Quite another matter"))

    call_command("export_references", "--format", "ris", "--words", "matter")

    text = capsys.readouterr().out
    assert text.count("TY  - ") == 1
    assert "Quite another matter" in text
    with pytest.raises(CommandError, match="no topic"):
        call_command("export_references", "--topic", "unknown-topic")


def check(client, **data):
    return client.post(PAGE, {"step": "check"} | data)


@pytest.mark.django_db
def test_the_page_shows_what_would_happen_and_then_does_it():
    client = logged_in("editor")
    run(paper(1))
    raw = ris(paper(1), paper(2)).getvalue() + b"TY  - JOUR\nAU  - Nobody\nER  - \n"

    shown = check(client, file=SimpleUploadedFile("papers.ris", raw))

    words = said(shown)
    assert "<strong>1</strong> new, 1 here already, 1 refused" in words
    assert "It has no title" in words
    assert "Here already as <code>muller2020</code>, by its DOI" in words
    assert Reference.objects.count() == 1
    packed = shown.context["publications"]
    done = client.post(PAGE, {"step": "import", "publications": packed}, follow=True)
    assert "1 new, 1 here already, 1 refused." in said(done)
    assert Reference.objects.get(key="muller2020b").title.endswith("part 2")
    again = client.post(PAGE, {"step": "import", "publications": packed}, follow=True)
    assert "0 new, 2 here already" in said(again)


@pytest.mark.django_db
def test_the_page_takes_pasted_text():
    shown = check(logged_in("editor"), text=FORMATS["bib"].write([paper(1)]))

    assert "BibTeX" in said(shown)
    assert "as <code>muller2020</code>" in said(shown)


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("data", "words"),
    [
        ({}, "Choose a file or paste a text"),
        ({"text": "Dear editor"}, "not recognised"),
        ({"text": "x" * (5 * 1024 * 1024 + 1)}, "more than 5 MB"),
        ({"text": "[" * 1000}, "not recognised"),
    ],
)
def test_the_page_says_at_the_field_what_is_wrong(data, words):
    shown = check(logged_in("editor"), **data)

    assert words in said(shown)
    assert shown.status_code == 200


@pytest.mark.django_db
def test_a_forged_confirmation_imports_nothing():
    client = logged_in("editor")

    done = client.post(PAGE, {"step": "import", "publications": "forged"}, follow=True)

    assert "was lost on its way" in said(done)
    assert Reference.objects.count() == 0


@pytest.mark.django_db
def test_a_reviewer_may_not_open_the_page():
    assert logged_in("reviewer").get(PAGE).status_code == 403
    assert Topic.objects.count() == 0

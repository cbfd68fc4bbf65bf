"""What editors see of searches, and how they pin results and keep synonyms."""

import csv
import io
import re
from datetime import timedelta

import pytest
from admin_data import logged_in, person, save
from django.contrib.admin.models import LogEntry
from django.utils import timezone
from django.utils.http import urlencode
from pages_data import draft, section, unreviewed, withdraw

from topics import content
from topics.models import Pin, SearchCount, Synonym
from topics.search import counting, query, results, synonyms, text

pytestmark = pytest.mark.django_db

SEARCHES = "/admin/topics/searchcount/"


@pytest.fixture(autouse=True)
def forgetful(monkeypatch):
    monkeypatch.setattr(counting, "asked", counting.Memory(1000))
    monkeypatch.setattr(counting, "amounts", counting.Memory(1000))
    monkeypatch.setattr(counting, "tidied", counting.Memory(1))


@pytest.fixture
def donor():
    return unreviewed(
        "donor", title="Donor", sections=[section("A donor is typed for paracetamol. {#typed}")]
    )


def ask(words: str, times: int, *, without=0, clicks=0):
    for n in range(times):
        counting.count(words, f"10.0.0.{n}", found=n >= without)
    for n in range(clicks):
        counting.chose(words, f"10.0.0.{n}")


def listed(client, **filters) -> dict[str, list[str]]:
    """Return what the list shows of each query: asked, without result, clicks."""
    page = client.get(f"{SEARCHES}?{urlencode(filters)}").content.decode()
    rows = re.findall(r'<t[hd] class="[^"]*field-query\b[^>]*>(.*?)</tr>', page, re.DOTALL)
    told = {}
    for row in rows:
        words = re.search(r'<a href="/search/[^>]*>(.*?)</a>', row)[1]
        told[words] = re.findall(
            r'<td class="[^"]*field-(?:asked_for|without|clicks)\b[^>]*>(.*?)</td>', row
        )
    return told


def test_each_query_is_one_row_with_its_sums(monkeypatch):
    day = timezone.localdate()
    monkeypatch.setattr(timezone, "localdate", lambda: day - timedelta(weeks=6))
    ask("gvhd", 6, clicks=3)
    monkeypatch.setattr(timezone, "localdate", lambda: day)
    ask("GvHD", 4, without=2, clicks=1)
    ask("rare zebrafinch", 4)

    editor = logged_in("editor")
    assert listed(editor) == {"gvhd": ["10", "2", "4 (40\u00a0%)"]}
    assert listed(editor, weeks=4) == {"gvhd": ["4", "2", "1 (25\u00a0%)"]}
    page = editor.get(SEARCHES).content.decode()
    assert "<strong>1</strong> other query is not shown (4 searches, 0 without result)" in page
    assert "zebrafinch" not in page


def test_the_lists_of_what_does_not_help():
    ask("nothing there", 6, without=6)
    ask("wrong results", 10, clicks=1)
    ask("good results", 10, clicks=2)
    editor = logged_in("editor")
    assert list(listed(editor, help="none")) == ["nothing there"]
    assert list(listed(editor, help="low")) == ["wrong results"]
    assert list(listed(editor, q="good")) == ["good results"]
    assert "No query fits." in editor.get(f"{SEARCHES}?q=zzz").content.decode()


def test_an_empty_list_says_why():
    assert "Nothing to show yet" in logged_in("editor").get(SEARCHES).content.decode()


def test_a_row_leads_to_filled_in_forms(donor):
    ask("typing & donors", 5)
    editor = logged_in("editor")
    page = editor.get(SEARCHES).content.decode()
    for model, value in (("pin", 'value="typing donors"'), ("synonym", ">\ntyping donors<")):
        (address,) = re.findall(rf'"(/admin/topics/{model}/add/\?[^"]+)"', page)
        assert value in editor.get(address.replace("&amp;", "&")).content.decode()


def test_the_list_is_paged():
    for n in range(60):
        ask(f"donor{n}x", 5)
    editor = logged_in("editor")
    assert (len(listed(editor)), len(listed(editor, p=2))) == (50, 10)


@pytest.mark.parametrize(
    ("role", "status"),
    [("editor", 200), ("administrator", 200), ("author", 403), ("reviewer", 403)],
)
def test_who_may_see_it(role, status):
    client = logged_in(role)
    assert client.get(SEARCHES).status_code == status
    assert client.get(f"{SEARCHES}export/").status_code == status
    for model in ("pin", "synonym"):
        assert client.get(f"/admin/topics/{model}/add/").status_code == status
    assert client.get("/admin/topics/pin/statements/?topic=1").status_code == status


def test_nobody_changes_the_counts():
    ask("gvhd", 5)
    url = f"{SEARCHES}{SearchCount.objects.get().pk}"
    for role in ("editor", "administrator"):
        client = logged_in(role)
        assert client.get(f"{url}/change/").status_code == 200
        assert client.post(f"{url}/change/", {"asked": 99}).status_code == 403
        assert client.post(f"{url}/delete/", {"post": "yes"}).status_code == 403
        assert client.get(f"{SEARCHES}add/").status_code == 403


def test_words_that_are_not_shown_have_no_page():
    ask("rare", 4)
    found = SearchCount.objects.get()
    answer = logged_in("administrator").get(f"{SEARCHES}{found.pk}/change/")
    assert answer.status_code == 302


def exported(client, query="") -> list[list[str]]:
    answer = client.get(f"{SEARCHES}export/{query}")
    assert answer["Content-Disposition"] == 'attachment; filename="searches.csv"'
    return list(csv.reader(io.StringIO(answer.content.decode("utf-8-sig"))))


def test_the_export_has_what_the_list_has():
    ask("gvhd, β-thalassemia", 6, without=6)
    ask("good", 5, clicks=5)
    header, first, second = exported(logged_in("editor"))
    assert header[:4] == ["query", "asked", "without result", "clicks"]
    assert first == ["gvhd β-thalassemia", "6", "6", "0", counting.this_week().isoformat()]
    assert second[:4] == ["good", "5", "0", "5"]
    assert len(exported(logged_in("editor"), "?help=none")) == 2


@pytest.mark.parametrize("words", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1"])
def test_no_spreadsheet_takes_a_query_for_a_formula(words):
    ask("gvhd", 5)
    # However it came there: what is counted has no such signs.
    SearchCount.objects.update(words=words)
    assert exported(logged_in("editor"))[1][0] == f"'{words}"


def test_markup_in_a_query_stays_text():
    ask("gvhd", 5)
    SearchCount.objects.update(words="<script>alert(1)</script>")
    page = logged_in("editor").get(SEARCHES).content.decode()
    assert "<script>alert(1)" not in page
    assert "&lt;script&gt;alert(1)" in page


# Pins


def pin(client, pinned, **values):
    given = {"query": "Leukaemia", "topic": pinned.pk, "statement": "", "position": 1, **values}
    return client.post("/admin/topics/pin/add/", given)


@pytest.mark.parametrize(
    "statement", ["", "typed", "#typed", "https://x.example/topics/donor/#typed"]
)
def test_pinning(donor, statement):
    assert pin(logged_in("editor"), donor, statement=statement).status_code == 302
    found = Pin.objects.get()
    assert (found.key, found.statement) == (text.key("leukemias"), "typed" if statement else "")
    assert LogEntry.objects.get().user == person("editor")


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"query": "the of"}, "Write the words alone"),
        ({"query": "gvhd kind:therapy"}, "Write the words alone"),
        ({"query": "gvhd -acute"}, "Write the words alone"),
        ({"query": '"acute gvhd"'}, "Write the words alone"),
        ({"query": "x" * 201}, "at most 200"),
        ({"statement": "missing"}, "has no published statement #missing"),
        ({"statement": "x" * 301}, "at most 300"),
        ({"position": 0}, "The first place is 1"),
        ({"position": -1}, "greater than or equal to 0"),
        ({"topic": 0}, "valid choice"),
    ],
)
def test_what_cannot_be_pinned_is_said(donor, values, words):
    answer = pin(logged_in("editor"), donor, **values)
    assert words in answer.content.decode()
    assert not Pin.objects.exists()


def test_only_what_readers_find_can_be_pinned(donor):
    hidden = draft("hidden")
    assert "it is not published now" in pin(logged_in("editor"), hidden).content.decode()


def test_the_same_cannot_be_pinned_twice(donor):
    editor = logged_in("editor")
    pin(editor, donor)
    answer = pin(editor, donor, query="leukemias")
    assert "This is pinned for this query already." in answer.content.decode()
    assert pin(editor, donor, statement="typed").status_code == 302
    url = f"/admin/topics/pin/{Pin.objects.get(statement='').pk}/change/"
    assert save(editor, url, position=3).status_code == 302


def test_an_idle_pin_is_listed_as_such(donor):
    editor = logged_in("editor")
    pin(editor, donor, statement="typed")
    shown = editor.get("/admin/topics/pin/?state=shown").content.decode()
    assert "A donor is typed" in shown
    assert "Idle:" not in shown
    withdraw(donor, "Wrong.")
    page = editor.get("/admin/topics/pin/?state=idle").content.decode()
    assert "Idle: the topic is not published" in page
    assert 'id="result_list"' not in editor.get("/admin/topics/pin/?state=shown").content.decode()


def test_the_statements_of_a_topic_can_be_chosen(donor):
    editor = logged_in("editor")
    told = editor.get(f"/admin/topics/pin/statements/?topic={donor.pk}").json()
    assert told["statements"] == [
        {
            "anchor": "typed",
            "heading": "What is known?",
            "text": "A donor is typed for paracetamol.",
        }
    ]
    for value in ("", "x", "-1", "9" * 30, "٣"):
        answer = editor.get(f"/admin/topics/pin/statements/?{urlencode({'topic': value})}")
        assert answer.json() == {"statements": []}


# Synonyms


def find(typed: str) -> list[str]:
    return [one.statement.anchor for one in results.find(query.parse(typed)).statements]


def add(client, names: str, **more):
    return client.post("/admin/topics/synonym/add/", {"names": names, **more})


def test_a_synonym_counts_at_once_also_changed_and_deleted(donor):
    editor = logged_in("editor")
    assert find("acetaminophen") == []
    assert add(editor, "Acetaminophen, paracetamol\nAPAP").status_code == 302
    group = Synonym.objects.get()
    assert group.names == ["Acetaminophen", "paracetamol", "APAP"]
    assert find("acetaminophen") == find("apap") == ["typed"]

    url = f"/admin/topics/synonym/{group.pk}/change/"
    assert save(editor, url, names="paracetamol\r\nAPAP").status_code == 302
    assert (find("acetaminophen"), find("apap")) == ([], ["typed"])

    editor.post(url.replace("change", "delete"), {"post": "yes"})
    assert find("apap") == []
    assert [entry.action_flag for entry in LogEntry.objects.order_by("pk")] == [1, 2, 3]


def test_synonyms_are_deleted_in_bulk(donor):
    editor = logged_in("editor")
    add(editor, "apap, paracetamol")
    data = {"action": "delete_selected", "_selected_action": [Synonym.objects.get().pk]}
    editor.post("/admin/topics/synonym/", data | {"post": "yes"})
    assert find("apap") == []


@pytest.mark.parametrize(
    ("names", "words"),
    [
        ("paracetamol", "at least two names"),
        ("leukaemia, leukemia", "at least two names"),
        ("the, paracetamol", "has no word that search looks for"),
        ("a b c d e f g h i j k l m n o, paracetamol", "is too long"),
        ("x" * 130 + ", paracetamol", "is too long"),
        (", ".join(f"name{chr(97 + n)}" for n in range(21)), "at most 20 names"),
        ("", "This field is required"),
        (" ,, \n", "This field is required"),
    ],
)
def test_what_is_no_synonym_is_said(names, words):
    assert words in add(logged_in("editor"), names).content.decode()
    assert not Synonym.objects.exists()


def test_a_comma_within_a_number_does_not_part_names():
    add(logged_in("editor"), "1,2-dibromoethane,ethylene dibromide")
    assert Synonym.objects.get().names == ["1,2-dibromoethane", "ethylene dibromide"]


def test_a_name_of_another_group_is_refused_or_added_to_it(donor):
    editor = logged_in("editor")
    add(editor, "apap, paracetamol")
    page = add(editor, "Paracetamols, tylenol").content.decode()
    assert "“Paracetamols” is in another group already: apap = paracetamol." in page
    assert '<input type="checkbox" name="join"' in page
    assert Synonym.objects.count() == 1

    assert add(editor, "Paracetamols, tylenol", join="on").status_code == 302
    assert Synonym.objects.get().names == ["apap", "paracetamol", "tylenol"]
    assert find("tylenol") == ["typed"]


def test_names_of_two_groups_cannot_be_joined():
    editor = logged_in("editor")
    add(editor, "apap, paracetamol")
    add(editor, "flu, influenza")
    page = add(editor, "apap, flu", join="on").content.decode()
    assert "“apap” is in another group" in page and "“flu” is in another group" in page
    assert '<input type="checkbox" name="join"' not in page
    assert Synonym.objects.count() == 2
    url = f"/admin/topics/synonym/{Synonym.objects.first().pk}/change/"
    answer = save(editor, url, names="apap\r\nflu", join="on")
    assert "is in another group already" in answer.content.decode()


def test_the_preview_counts_and_saves_nothing(donor):
    editor = logged_in("editor")
    page = add(editor, "acetaminophen, paracetamol, donor paracetamol", _preview="Preview")
    told = [(said.name, said.statements) for said in page.context["preview"]]
    assert told == [("acetaminophen", 0), ("paracetamol", 1), ("donor paracetamol", 1)]
    assert "Please correct" not in page.content.decode()
    assert not Synonym.objects.exists()

    add(editor, "acetaminophen, paracetamol")
    url = f"/admin/topics/synonym/{Synonym.objects.get().pk}/change/"
    page = save(editor, url, names="paracetamol\r\nAPAP", _preview="Preview")
    assert [said.name for said in page.context["preview"]] == ["paracetamol", "APAP"]
    assert Synonym.objects.get().names == ["acetaminophen", "paracetamol"]


def test_the_loader_leaves_the_editors_groups_alone(tmp_path):
    path = tmp_path / "synonyms.yaml"
    path.write_text("- [apap, paracetamol]\n- [flu, influenza]\n- [shingles, zoster]\n")
    content.load_synonyms(path)
    editor = logged_in("editor")
    apap, flu, _ = Synonym.objects.order_by("pk")
    save(editor, f"/admin/topics/synonym/{apap.pk}/change/", names="paracetamol\r\ntylenol")
    editor.post(f"/admin/topics/synonym/{flu.pk}/delete/", {"post": "yes"})

    assert content.load_synonyms(path) == []
    assert sorted(each.names for each in Synonym.objects.all()) == [
        ["paracetamol", "tylenol"], ["shingles", "zoster"],
    ]  # fmt: skip


def test_what_is_added_to_a_group_is_told_from_what_it_has():
    group = Synonym.objects.create(names=["leukemia", "blood cancer"])
    assert synonyms.extend(group, ["Leukaemia", "leucosis"]).names == [
        "leukemia", "blood cancer", "leucosis",
    ]  # fmt: skip


def test_a_browser_offers_the_statements_of_the_topic(live_server, chromium):
    donor = unreviewed("donor", sections=[section("A donor is typed. {#typed}")])
    pin(logged_in("editor"), donor, statement="typed")
    cookie = logged_in("editor").cookies["sessionid"]
    page = chromium.new_page()
    page.context.add_cookies([{"name": "sessionid", "value": cookie.value, "url": live_server.url}])
    page.goto(f"{live_server.url}/admin/topics/pin/{Pin.objects.get().pk}/change/")
    chosen = page.get_by_label("Statement")
    page.locator("select#id_statement").wait_for()

    assert chosen.input_value() == "typed"
    assert chosen.locator("option").all_inner_texts() == [
        "The topic as a whole", "A donor is typed.",
    ]  # fmt: skip
    # Forms of the admin tell of a change of the topic as they open: that is none.
    page.wait_for_timeout(500)
    assert chosen.input_value() == "typed"
    page.close()

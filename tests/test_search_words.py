"""Words that the content does not use itself: members of classes, truncated and mistyped ones."""

import pytest
from admin_data import logged_in, save
from django.conf import settings
from pages_data import section, unreviewed

from topics import content, listings
from topics.models import Lexeme, Synonym
from topics.search import query, results, spelling, synonyms, text
from topics.search.concepts import Concept

pytestmark = pytest.mark.django_db

URL = "/admin/topics/synonym/add/"
QUINOLONES = {"names": "fluoroquinolone, quinolone", "members": "levofloxacin\r\nciprofloxacin"}


@pytest.fixture
def infection():
    """Statements of which one names a class, and others a member of it each."""
    return unreviewed(
        "infection",
        title="Infection",
        sections=[
            section(
                "Fluoroquinolones are disputed. {#class}\n\n"
                "Neutropenia calls for care. {#other}\n\n"
                "Ciprofloxacin was tried in cystitis. {#member}\n\n"
                "Prophylaxis helps neutrophils and immunoglobulins. {#help}"
            )
        ],
    )


def find(typed: str, **options) -> list[str]:
    told = results.find(query.parse(typed), **options)
    return [one.statement.anchor for one in told.statements]


def quinolones() -> Synonym:
    group = Synonym(
        names=["fluoroquinolone", "quinolone"], members=["levofloxacin", "ciprofloxacin"]
    )
    synonyms.save(group)
    return group


# Members of a class


def test_a_member_finds_its_class_and_a_class_its_members(infection):
    assert find("levofloxacin") == []
    assert find("quinolone") == []
    group = quinolones()
    assert find("levofloxacin") == ["class"]
    assert find("quinolone") == ["class", "member"]
    # What is named itself stands before its class.
    assert find("ciprofloxacin") == ["member", "class"]
    synonyms.delete([group])
    assert find("levofloxacin") == find("quinolone") == []


def test_a_member_may_be_of_several_classes(infection):
    quinolones()
    synonyms.save(Synonym(names=["cystitis drug"], members=["levofloxacin"]))
    assert find("levofloxacin") == ["class", "member"]


def test_a_member_that_stands_nowhere_is_as_rare_as_its_class():
    counts = {"statin": 50}
    of_class = Concept(("statin",), {("statin",): 1.0})
    member = Concept(("zocor",), {("zocor",): 1.0, ("statin",): 0.6})
    unknown = Concept(("zocor",), {("zocor",): 1.0})
    for concept in (of_class, member, unknown):
        concept.weigh(1000, counts)
    assert member.rarity == of_class.rarity < unknown.rarity


def test_rebuilding_keeps_classes(infection):
    quinolones()
    listings.rebuild()
    assert find("levofloxacin") == ["class"]
    assert find("levofloxacim") == ["class"]


def test_the_loader_reads_classes(tmp_path):
    path = tmp_path / "synonyms.yaml"
    path.write_text("- [flu, influenza]\n- {names: [statin], members: [simvastatin, Zocor]}\n")
    content.load_synonyms(path)
    kept = Synonym.objects.order_by("pk").values_list("names", "members")
    assert list(kept) == [(["flu", "influenza"], []), (["statin"], ["simvastatin", "Zocor"])]
    assert content.load_synonyms(path) == []


def test_no_name_stands_in_two_lines_of_the_starter_content():
    """Editors' forms refuse it, and one name would mean all that any of its groups means."""
    entries = content.contentfile.read_yaml((settings.BASE_DIR / content.SYNONYMS).read_text())
    groups = [content._synonym(entry) for entry in entries]
    keys = [text.key(name) for group in groups for name in group.names]
    assert "" not in keys
    assert sorted(key for key in set(keys) if keys.count(key) > 1) == []
    for group in groups:
        own, members = set(map(text.key, group.names)), set(map(text.key, group.members))
        assert not own & members, group
        assert len(members) == len(group.members) <= synonyms.MOST_MEMBERS, group
        assert len(own) == len(group.names) <= synonyms.MOST_NAMES, group
        assert len(own) >= 2 or members, group


def test_editors_keep_classes(infection):
    editor = logged_in("editor")
    assert editor.post(URL, QUINOLONES).status_code == 302
    group = Synonym.objects.get()
    assert group.members == ["levofloxacin", "ciprofloxacin"]
    assert find("levofloxacin") == ["class"]
    page = editor.get("/admin/topics/synonym/").content.decode()
    assert "levofloxacin, ciprofloxacin" in page

    save(editor, f"/admin/topics/synonym/{group.pk}/change/", members="ciprofloxacin")
    assert find("levofloxacin") == []


@pytest.mark.parametrize(
    ("names", "members", "words"),
    [
        ("statin", "", "at least two names"),
        ("statin", "Statins", "“Statins” is a name of the class itself."),
        ("statin", "the", "has no word that search looks for"),
        ("statin", ", ".join(f"m{n}" for n in range(61)), "at most 60 members"),
    ],
)
def test_what_is_no_class_is_said(names, members, words):
    page = logged_in("editor").post(URL, {"names": names, "members": members}).content.decode()
    assert words in page
    assert not Synonym.objects.exists()


def test_a_class_of_one_name_and_its_preview(infection):
    editor = logged_in("editor")
    told = {"names": "fluoroquinolone", "members": "ciprofloxacin"}
    page = editor.post(URL, {**told, "_preview": "Preview"})
    assert [(one.name, one.statements) for one in page.context["preview"]] == [
        ("fluoroquinolone", 1), ("ciprofloxacin", 1),
    ]  # fmt: skip
    assert editor.post(URL, told).status_code == 302


def test_members_are_added_to_the_group_that_has_the_name():
    editor = logged_in("editor")
    editor.post(URL, QUINOLONES)
    told = {"names": "quinolones, FQ", "members": "moxifloxacin, FQ, Levofloxacin", "join": "on"}
    assert "is a name of the class itself" in editor.post(URL, told).content.decode()
    editor.post(URL, told | {"members": "moxifloxacin, Levofloxacin"})
    group = Synonym.objects.get()
    assert group.names == ["fluoroquinolone", "quinolone", "FQ"]
    assert group.members == ["levofloxacin", "ciprofloxacin", "moxifloxacin"]


# Truncated words


def test_a_truncated_word_is_read_as_the_few_that_it_begins(infection):
    told = results.find(query.parse("neutro"))
    assert {one.statement.anchor for one in told.statements} == {"other", "help"}
    assert told.corrected == {}
    (concept,) = told.asked.named.concepts
    assert {("neutropen",), ("neutrophil",)} <= concept.names.keys()
    assert find("neutro", correct=False) == []


def test_a_truncated_word_of_one_is_told(infection):
    told = results.find(query.parse("prophy"))
    assert [one.statement.anchor for one in told.statements] == ["help"]
    assert told.corrected == {"prophy": "prophylaxis"}


def test_what_begins_many_words_or_is_short_stands_for_none(infection):
    lines = " ".join(f"metho{chr(97 + n)}ze" for n in range(spelling.MOST_COMPLETED + 1))
    unreviewed("many", title="Many", sections=[section(f"{lines}.")])
    assert spelling.completions("metho") == {}
    assert spelling.completions("neu") == {}


def test_a_known_word_is_never_completed(infection):
    unreviewed("cyst", title="Cyst", sections=[section("A cyst is full. {#cyst}")])
    assert find("cyst") == ["cyst"]


def test_words_of_a_question_are_not_completed(infection):
    unreviewed("a", title="A", sections=[section("Everolimus comes beforehand. {#a}")])
    for slip in ("ever", "befor", "wich"):
        told = results.find(query.parse(slip))
        assert (told.statements, told.corrected) == ([], {})


# Spelling


def test_words_of_synonyms_are_spelled_right_too(infection):
    quinolones()
    told = results.find(query.parse("levofloxacim and neutropnia"))
    assert told.corrected == {"levofloxacim": "levofloxacin", "neutropnia": "neutropenia"}


def test_words_of_synonyms_do_not_count_as_content(infection):
    before = set(Lexeme.objects.values_list("lexeme", flat=True))
    quinolones()
    rows = Lexeme.objects.exclude(lexeme__in=before).values_list("topics", "statements")
    assert set(rows) == {(0, 0)}


def test_a_word_within_a_longer_name_needs_no_putting_right(infection):
    synonyms.save(Synonym(names=["body surface", "per square metre"]))
    assert results.find(query.parse("per square inch")).corrected == {}


def test_abbreviations_of_several_are_those_of_one():
    assert text.key("LFTs HSCs TKIs") == text.key("LFT HSC TKI")
    assert text.key("CNS") == "cns"


def test_a_bare_number_says_less_than_a_word():
    unreviewed(
        "numbers", title="Numbers",
        sections=[section("It takes 12 visits. {#number}\n\nPregnancy is watched. {#word}")],
    )  # fmt: skip
    assert find("pregnancy 12")[0] == "word"


def test_loading_the_starter_synonyms_twice_adds_none():
    path = settings.BASE_DIR / content.SYNONYMS
    assert content.load_synonyms(path)
    assert content.load_synonyms(path) == []

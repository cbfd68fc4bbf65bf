"""Which publications are offered as one, choosing two by hand, and what a merging takes along."""

import pytest

from references import duplicates
from references.models import Reference
from tests import clinic
from tests.admin_data import logged_in, said
from topics.library import merging

pytestmark = pytest.mark.django_db

LIST = "/admin/references/reference"
TITLE = "Peripheral blood stem cell mobilization and leukapheresis of paediatric donors"


def paper(key: str, study_type="other", **changes) -> Reference:
    csl = {
        "type": "article-journal",
        "title": TITLE,
        "author": [{"family": "Sevilla", "given": "J"}],
        "container-title": "Bone Marrow Transplantation",
        "issued": {"date-parts": [[2004]]},
        "volume": "33",
        "page": "909-915",
    } | changes
    return Reference.objects.create(key=key, csl=csl, study_type=study_type)


def test_what_stands_at_one_place_is_offered_whatever_it_is_called():
    paper("sevilla2004")
    short = paper("sevilla2004b", title="Mobilisation in children: donors", page="909-15")
    paper("sevilla2004c", title="Mobilisation in children: donors", volume="34", page="1-5")

    (pair, *others) = duplicates.of(short)

    assert {pair.one.key, pair.other.key} <= {"sevilla2004", "sevilla2004b", "sevilla2004c"}
    found = {frozenset((p.one.key, p.other.key)): p for p in (pair, *others)}
    by_place = found[frozenset(("sevilla2004", "sevilla2004b"))]
    assert "the same volume and first page" in by_place.reasons
    assert by_place.doubts == ()
    assert frozenset(("sevilla2004", "sevilla2004c")) not in found


@pytest.mark.parametrize(
    ("one", "other"),
    [("50 about subject 950", "950 about subject 50"),
     ("Engraftment after transplantation, part 1", "Engraftment after transplantation, part 2"),
     ("Stem cells after marrow transplantation", "Marrow transplantation after stem cells")],
)  # fmt: skip
def test_words_in_another_order_are_not_the_same_title(one, other):
    paper("a2004", title=one, page="1")
    paper("b2004", title=other, page="9")

    for pair in duplicates.pairs():
        assert "the same title" not in pair.reasons
        assert any("title" in doubt for doubt in pair.doubts) or pair.alike < 0.9


def test_two_are_chosen_by_hand():
    one, other = paper("sevilla2004"), paper("doe1999", title="Quite another", page="1")
    editor = logged_in("editor")
    url = f"{LIST}/{one.pk}/merge-with/"

    form = said(editor.get(f"{LIST}/{one.pk}/change/"))
    by_key = said(editor.get(f"{url}?q=doe1999"))
    by_title = said(editor.get(f"{url}?q=quite+another"))

    assert url in form
    for page in (by_key, by_title):
        assert f"{LIST}/{one.pk}/{other.pk}/merge/" in page
        assert f"{LIST}/{other.pk}/{one.pk}/merge/" in page
    assert "Nothing was found" in said(editor.get(f"{url}?q=sevilla2004"))
    assert logged_in("author").get(url).status_code == 403


def test_what_only_one_says_is_taken_over_unless_it_is_unticked():
    kept = paper("sevilla2004")
    other = paper("sevilla2004b", study_type="cohort", keyword="children", abstract="Words.",
                  custom={"abstract_license": "CC-BY-4.0"})  # fmt: skip
    page = said(logged_in("editor").get(f"{LIST}/{kept.pk}/{other.pk}/merge/"))
    for name in ("study_type", "keyword", "abstract"):
        assert f'name="field" value="{name}" checked' in page

    names = [row.name for row in merging.differences(kept, other) if row.is_missing]
    merging.merge(kept, other, actor=clinic.editor(), take=names)
    kept.refresh_from_db()

    assert (kept.study_type, kept.csl["keyword"]) == ("cohort", "children")
    assert kept.csl["custom"]["abstract_license"] == "CC-BY-4.0"
    other.refresh_from_db()
    merging.part(other, actor=clinic.editor())
    kept.refresh_from_db()
    assert (kept.study_type, kept.csl.get("keyword")) == ("other", None)


def test_a_study_type_chosen_since_stays_when_a_merging_is_undone():
    kept, other = paper("sevilla2004"), paper("sevilla2004b", study_type="cohort")
    merging.merge(kept, other, actor=clinic.editor(), take=["study_type"])
    Reference.objects.filter(pk=kept.pk).update(study_type="rct")
    other.refresh_from_db()

    merging.part(other, actor=clinic.editor())

    kept.refresh_from_db()
    assert kept.study_type == "rct"


def test_who_keeps_what_is_cited_less_is_warned():
    clinic.published()
    cited = Reference.objects.get(key="petit2002")
    other = paper("sevilla2004")
    editor = logged_in("editor")

    warned = said(editor.get(f"{LIST}/{other.pk}/{cited.pk}/merge/"))
    silent = said(editor.get(f"{LIST}/{cited.pk}/{other.pk}/merge/"))

    assert "sevilla2004 is cited less than petit2002" in warned
    assert "cited less" not in silent

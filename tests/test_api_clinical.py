"""/api/v1/therapies/, agents/, conditions/, complications/ and indications/"""

from tests.api_data import (
    HOST,
    autologous,
    myeloma,
    publish,
    read,
    retract,
    slugs,
    withdraw,
)


def test_each_kind_lists_its_own(client, library):
    assert slugs(client, "therapies/") == ["autologous-transplantation", "busulfan-conditioning"]
    assert slugs(client, "agents/") == ["busulfan", "plerixafor"]
    assert slugs(client, "conditions/") == ["multiple-myeloma"]
    assert slugs(client, "complications/") == ["graft-failure"]


def test_a_therapy_answers_as_the_topic_does(client, library):
    therapy = read(client, "therapies/autologous-transplantation/")

    assert therapy == read(client, "topics/autologous-transplantation/")
    assert therapy["links"]["as_kind"] == f"{HOST}/api/v1/therapies/autologous-transplantation/"
    assert therapy["next_review"] == "2027-01-31"
    assert therapy["document"]["facts"] == autologous()["facts"]
    assert therapy["document"]["tables"] == {
        **autologous()["tables"],
        "trials": [{"name": "IFM 2009", "registry_id": "NCT01191060", "status": "completed"}],
    }


def test_the_other_kinds_answer_as_their_topics_do(client, library):
    for resource, slug in (
        ("agents", "plerixafor"),
        ("conditions", "multiple-myeloma"),
        ("complications", "graft-failure"),
    ):
        assert read(client, f"{resource}/{slug}/") == read(client, f"topics/{slug}/")


def test_a_topic_of_another_kind_is_not_found(client, library):
    for resource in ("therapies", "conditions", "complications"):
        read(client, f"{resource}/plerixafor/", 404)
    assert read(client, "agents/graft-failure/", 404)["detail"] == "No agent was published here."


def test_a_withdrawn_condition_is_gone_everywhere(client, library):
    cell = read(client, "indications/")["results"][0]
    withdraw(publish_again_changed())

    read(client, "conditions/multiple-myeloma/", 410)
    read(client, cell["url"].removeprefix(HOST), 410)
    assert read(client, "indications/")["count"] == 0


def publish_again_changed():
    return publish(myeloma() | {"summary": "Autologous transplantation is standard of care."})[0]


def test_an_indication_has_this_shape(client, library):
    cell = read(client, "indications/?option=AUTO&scheme=EBMT")["results"][0]

    ident = cell.pop("id")
    assert cell == {
        "url": f"{HOST}/api/v1/indications/multiple-myeloma/{ident}/",
        "html_url": f"{HOST}/topics/multiple-myeloma/",
        "condition": {
            "url": f"{HOST}/api/v1/conditions/multiple-myeloma/",
            "slug": "multiple-myeloma",
            "title": "Multiple myeloma",
        },
        "scheme": "EBMT",
        "edition": "2022",
        "population": "adult",
        "disease": "Myeloma",
        "status": "First remission",
        "option": "AUTO",
        "option_label": "Autologous",
        "category": "S",
        "category_label": "Standard of care",
        "evidence": "I",
        "source": "Table 2",
        "confidence": "high",
        "note": "",
        "certainty": "ungraded",
        "awaiting_check": False,
        "references": [
            {
                "url": f"{HOST}/api/v1/references/snowden2022/",
                "key": "snowden2022",
                "title": "Indications for haematopoietic cell transplantation in Europe, 2022",
                "year": 2022,
                "status": "current",
            }
        ],
        "published_in": f"{HOST}/api/v1/topics/multiple-myeloma/editions/1/",
    }


def test_a_letter_is_read_under_its_own_scheme(client, library):
    cell = read(client, "indications/?scheme=ASBMT/ASTCT")["results"][0]

    assert cell["category"] == "R"
    assert cell["category_label"] == "Standard of care, rare indication"
    assert cell["references"] == []
    assert cell["evidence"] == ""


def test_a_cell_keeps_its_address_from_edition_to_edition(client, library):
    before = read(client, "indications/")["results"]
    changed = myeloma()
    changed["tables"]["indications"].reverse()
    publish(changed)

    for cell in before:
        again = read(client, cell["url"].removeprefix(HOST))
        assert again["published_in"] == f"{HOST}/api/v1/topics/multiple-myeloma/editions/2/"
        assert {**again, "published_in": cell["published_in"]} == cell


def test_a_retraction_shows_on_the_cell(client, library):
    retract("snowden2022")

    cell = read(client, "indications/?option=MSD")["results"][0]

    assert cell["references"][0]["status"] == "retracted"


def test_an_unknown_cell_is_not_found(client, library):
    read(client, "indications/multiple-myeloma/000000000000/", 404)
    read(client, "indications/nothing/000000000000/", 404)

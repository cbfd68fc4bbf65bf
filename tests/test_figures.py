"""Figures: what may be uploaded, where it is kept, and who may see it when."""

import io
import struct
import zlib

import pytest
from django.core.exceptions import ValidationError
from django.core.management import call_command
from figures_data import document, figure, kept, made, png, uploaded
from PIL import Image, PngImagePlugin

from tests import clinic
from tests.admin_data import form_url, logged_in, new_row, overview, said, save
from topics import content, documents, figures, publishing
from topics.models import Figure, PublishedFigure, Topic

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def store(settings, tmp_path):
    """A store of its own for each test."""
    settings.MEDIA_ROOT = tmp_path / "media"
    return settings.MEDIA_ROOT


def stored(store) -> list:
    return [path for path in store.rglob("*") if path.is_file()]


def bomb() -> bytes:
    """Return a PNG of a few bytes that says it has 400 million pixels."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        check = zlib.crc32(kind + data)
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", check)

    head = struct.pack(">IIBBBBB", 20000, 20000, 8, 6, 0, 0, 0)
    body = zlib.compress(b"\0" * 1000)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", body) + chunk(b"IEND", b"")


SVG = (
    b'<?xml version="1.0"?><svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'
)
MOVING = [Image.new("RGB", (9, 9), color) for color in ("red", "blue")]


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"<!doctype html><script>alert(1)</script>", "no picture that can be read"),
        (SVG, "SVG may hold scripts"),
        (bomb(), "pixels"),
        (png(size=(6001, 2)), "6001 × 2 pixels, of at most 6000"),
        (png() + b"x" * 6_000_000, "more than 5 MB"),
        (png("red", (300, 300))[:200], "damaged or not complete"),
        (made("JPEG", Image.effect_noise((300, 300), 90))[:4000], "damaged or not complete"),
        (b"", "no picture"),
        (made("GIF", Image.new("RGB", (9, 9))), "no picture"),
        (made("WEBP", MOVING[0], save_all=True, append_images=MOVING[1:]), "moves"),
    ],
    ids=["html", "svg", "bomb", "wide", "6 MB", "cut png", "cut jpeg", "empty", "gif", "moving"],
)
def test_what_is_no_fit_picture_is_refused(content, reason, store):
    with pytest.raises(ValidationError, match=reason):
        figures.take_in(io.BytesIO(content))
    assert stored(store) == []


def test_a_picture_is_kept_without_what_is_said_about_it(store):
    """The place where a photograph was taken, and a name in the notes of a screenshot."""
    exif = Image.Exif()
    exif[0x010E] = "Patient Jane Doe"
    notes = PngImagePlugin.PngInfo()
    notes.add_text("Comment", "Patient Jane Doe")
    photo = Image.new("RGB", (30, 20), "red")
    for photograph in (
        made("JPEG", photo, exif=exif, comment=b"Patient Jane Doe"),
        made("PNG", photo, exif=exif, pnginfo=notes) + b"<script>Patient Jane Doe</script>",
        made("WEBP", photo, exif=exif),
    ):
        assert b"Jane Doe" in photograph
        picture = figures.take_in(io.BytesIO(photograph))
        path = figures.path_of(picture.sha256, picture.format)
        assert b"Jane Doe" not in path.read_bytes()
        assert figures.digest_of(path.read_bytes()) == picture.sha256
    assert len(stored(store)) == 3


def test_a_photograph_is_turned_as_it_was_held():
    exif = Image.Exif()
    exif[0x0112] = 6
    photo = Image.new("RGB", (40, 20), "red")
    photo.paste("blue", (0, 0, 20, 20))

    picture = figures.take_in(io.BytesIO(made("JPEG", photo, exif=exif, quality=95)))

    assert (picture.width, picture.height) == (20, 40)
    turned = Image.open(figures.path_of(picture.sha256, picture.format))
    assert turned.getpixel((10, 5))[2] > 200 > turned.getpixel((10, 35))[2]
    assert turned.getexif().get(0x0112, 1) == 1


def test_grey_of_many_steps_stays_grey():
    image = Image.new("I;16", (20, 10), 20_000)
    picture = figures.take_in(io.BytesIO(made("PNG", image)))
    with Image.open(figures.path_of(picture.sha256, picture.format)) as drawn:
        assert drawn.convert("L").getpixel((5, 5)) == 78


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "RGB", "RGBA", "I;16", "CMYK"])
def test_pictures_of_all_kinds_of_color_can_be_kept(mode):
    kind = "JPEG" if mode == "CMYK" else "PNG"
    picture = figures.take_in(io.BytesIO(made(kind, Image.new(mode, (8, 8)))))
    with Image.open(figures.path_of(picture.sha256, picture.format)) as found:
        found.load()
        assert found.size == (8, 8)


def test_the_same_picture_is_kept_once(store):
    assert kept() == kept()
    assert len(stored(store)) == 1


def test_figures_are_part_of_the_document_and_come_back():
    topic = clinic.draft(document())
    built = documents.build(topic)
    assert built["schema"] == 2
    assert built["figures"] == [figure()]
    again = documents.load(built | {"slug": "copy"})
    assert documents.build(again)["figures"] == built["figures"]


def test_a_text_without_figures_keeps_its_schema_and_digest():
    """Or each approval and edition from before would be outdated by an upgrade of the portal."""
    topic = clinic.draft()
    assert documents.build(topic)["schema"] == 1
    assert documents.read(documents.build(topic))["schema"] == 2


def test_a_figure_whose_picture_is_not_here_is_refused():
    with pytest.raises(ValidationError, match="not in the store"):
        documents.load(document(figures=[figure(sha256="0" * 64)]))
    assert not Topic.objects.exists()


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        ("![](figure:other)", "There is no figure “other”"),
        ("![](figure:course)\n\n![](figure:course)", "placed already"),
        ("Look: ![](figure:course)", "Line 1: the figure “course” must stand on a line"),
        ("- ![](figure:course)", "must stand on a line of its own"),
        ("### ![](figure:course)\n\nText.", "a heading has no"),
        ("![](figure:No_Name)", "cannot be the name of a figure"),
    ],
)
def test_a_misplaced_figure_is_told_of(body, reason):
    topic = documents.load(document())
    topic.sections.update(body=body)
    with pytest.raises(ValidationError, match=reason):
        documents.build(topic)


def test_a_figure_is_no_statement():
    (section,) = documents.build(clinic.draft(document()))["sections"]
    assert [statement["text"] for statement in section["statements"]] == ["Bone pain is common."]


def test_readers_see_a_figure_with_all_that_belongs_to_it(client):
    clinic.published(document())
    page = client.get("/topics/mobilization/").content.decode()
    shown = page[page.index("<figure") : page.index("</figure>")]
    address = f"/figures/{kept().sha256}.png"
    assert f'src="{address}"' in shown
    for part in (
        'alt="A red field"', 'width="60"', 'height="40"', 'loading="lazy"', "The course of",
        "R. Painter, Journal of Fields, 2020.", "creativecommons.org/licenses/by/4.0/",
    ):  # fmt: skip
        assert part in shown
    assert page.count("<figure") == 1
    assert f'"course":"http://testserver{address}"' in client.get(
        "/api/v1/topics/mobilization/"
    ).content.decode().replace(" ", "")


def test_a_figure_without_a_place_stands_behind_the_text(client):
    clinic.published(document(body="Bone pain is common."))
    page = client.get("/topics/mobilization/").content.decode()
    assert page.index('id="further_figures"') < page.index('id="figure_course"')
    assert page.index("Bone pain") < page.index('id="figure_course"')


def test_words_of_a_figure_are_never_html(client, monkeypatch):
    # As in an edition from before HTML was refused.
    monkeypatch.setattr("topics.models.rows.html_faults", lambda words: [])
    hostile = '"><script>alert(1)</script>'
    words = dict.fromkeys(("alt", "caption", "credit"), hostile)
    shown = figure(**words, license="permission", permission=hostile)
    clinic.published(document(figures=[shown]))
    page = client.get("/topics/mobilization/").content.decode()
    assert "<script>alert" not in page
    assert page.count("&lt;script&gt;alert(1)") >= 3


def test_a_picture_is_served_to_be_kept_for_good(client):
    clinic.published(document())
    address = f"/figures/{kept().sha256}.png"
    answer = client.get(address, headers={"accept-encoding": "gzip, br"})
    assert answer.getvalue() == figures.path_of(kept().sha256, "png").read_bytes()
    assert answer["Content-Type"] == "image/png"
    assert "immutable" in answer["Cache-Control"]
    assert "max-age=31536000" in answer["Cache-Control"]
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert "default-src 'none'" in answer["Content-Security-Policy"]
    assert "Content-Encoding" not in answer
    assert "Cookie" not in answer.get("Vary", "")
    again = client.get(address, headers={"if-none-match": answer["ETag"]})
    assert (again.status_code, again.content) == (304, b"")


def test_the_picture_of_a_draft_is_for_editors_only(client):
    topic = clinic.draft(document())
    address = f"/figures/{kept().sha256}.png"
    draft = f"/admin/topics/topic{address}"
    assert client.get(address).status_code == 404
    assert client.get(draft).status_code == 302
    assert logged_in("author").get(draft).getvalue() == png_of("red")

    clinic.approve(topic)
    publishing.publish(topic, publisher=clinic.editor(), change_note="First")
    assert client.get(address).status_code == 200
    # Another draft picture of a topic that is published stays hidden.
    changed = documents.load(document(figures=[figure(color="blue")]), topic)
    publishing.save_revision(changed, author=clinic.author())
    assert client.get(f"/figures/{kept('blue').sha256}.png").status_code == 404
    assert client.get(f"/figures/{kept().sha256}.jpeg").status_code == 404


def png_of(color: str) -> bytes:
    return figures.path_of(kept(color).sha256, "png").read_bytes()


def test_an_edition_keeps_the_figure_that_the_draft_dropped(client):
    topic = clinic.published(document())
    topic = documents.load(clinic.overview(), topic)
    publishing.save_revision(topic, author=clinic.author())
    clinic.approve(topic)
    publishing.publish(topic, publisher=clinic.editor(), change_note="Without the figure")

    assert not Figure.objects.exists()
    assert "<figure" not in client.get("/topics/mobilization/").content.decode()
    assert "<figure" in client.get("/topics/mobilization/editions/1/").content.decode()
    assert client.get(f"/figures/{kept().sha256}.png").status_code == 200
    changes = client.get("/topics/mobilization/editions/2/changes/").content.decode()
    assert "Figures" in changes
    assert "R. Painter" in changes

    publishing.restore(topic.revisions.get(number=1), actor=clinic.author())
    assert Figure.objects.get().sha256 == kept().sha256


def test_figures_go_out_and_come_in_with_the_content_files(tmp_path, settings, store):
    clinic.published(document())
    call_command("export_content", folder=tmp_path / "files")
    written = tmp_path / "files" / "topics/content/figures" / f"{kept().sha256}.png"
    assert written.read_bytes() == png_of("red")
    text = (tmp_path / "files/topics/content/mobilization.md").read_text()
    loaded = content.contentfile.from_text(text)
    assert loaded["figures"] == [figure()]

    settings.MEDIA_ROOT = tmp_path / "elsewhere"
    content._bring_pictures(tmp_path / "files", {"mobilization": loaded})
    assert figures.is_kept(kept().sha256, "png")
    written.write_bytes(b"<script>")
    with pytest.raises(content.ContentError, match="is not the picture that its name says"):
        content._bring_pictures(tmp_path / "files", {"mobilization": loaded})


def test_the_site_is_exported_with_its_figures(tmp_path):
    clinic.published(document())
    call_command("export_site", tmp_path / "site", base_url="https://portal.example.org")
    page = (tmp_path / "site/topics/mobilization/index.html").read_text()
    assert f'src="../../figures/{kept().sha256}.png"' in page
    assert (tmp_path / f"site/figures/{kept().sha256}.png").read_bytes() == png_of("red")


def test_the_checks_tell_of_what_a_figure_lacks():
    from topics import checking

    faulty = figure(alt=" ", credit="")
    page = document(body="![](figure:lost)", figures=[faulty])
    documents.add_statements(page)
    found = checking.check(checking.Collection({"mobilization": page}, set()))
    checks = {finding.check: finding.place for finding in found}
    assert checks["missing alt text"] == "figure course"
    assert checks["missing credit"] == "figure course"
    assert checks["unknown figure"] == "How does it work?"


# The form of a topic.


def row(**values) -> dict:
    filled = {"key": "course", "alt": "A red field", "credit": "R. Painter", "license": "cc0-1.0"}
    return new_row("figures", 0, **(filled | values))


def test_an_author_uploads_a_figure():
    topic = overview()
    client = logged_in("author")
    answer = save(client, form_url(topic), **row(image=uploaded(png())))
    assert answer.status_code == 302, said(answer)
    found = Figure.objects.get()
    assert (found.sha256, found.width, found.height) == (kept().sha256, 60, 40)
    assert topic.revisions.last().document["figures"][0]["sha256"] == found.sha256
    # Opened and saved again without a file, it stays as it is.
    number = topic.revisions.count()
    assert save(client, form_url(topic)).status_code == 302
    assert topic.revisions.count() == number
    assert Figure.objects.get().sha256 == found.sha256


@pytest.mark.parametrize(
    ("values", "reason"),
    [
        ({"image": uploaded(SVG)}, "SVG may hold scripts"),
        ({"image": uploaded(b"<html>")}, "no picture"),
        ({}, "Choose a file with the picture"),
        ({"image": uploaded(png()), "alt": ""}, "This field is required"),
        ({"image": uploaded(png()), "credit": " "}, "This field is required"),
        ({"image": uploaded(png()), "license": ""}, "This field is required"),
        ({"image": uploaded(png()), "license": "permission"}, "who permitted the use"),
        ({"image": uploaded(png()), "key": "No name"}, "A name has lower-case letters"),
        ({"kept": "forged"}, "The picture was lost"),
    ],
)
def test_what_is_missing_is_said_at_the_figure(values, reason):
    topic = overview()
    answer = save(logged_in("author"), form_url(topic), **row(**values))
    assert answer.status_code == 200
    assert reason in said(answer)
    assert not Figure.objects.exists()
    assert topic.revisions.count() == 1


def test_an_uploaded_picture_outlives_a_fault_elsewhere():
    topic = overview()
    client = logged_in("author")
    answer = save(client, form_url(topic), title="", **row(image=uploaded(png())))
    assert answer.status_code == 200
    assert f"/admin/topics/topic/figures/{kept().sha256}.png" in said(answer)
    (formset,) = [
        each.formset
        for each in answer.context["inline_admin_formsets"]
        if each.formset.prefix == "figures"
    ]
    again = row(kept=formset.forms[0]["kept"].value())
    assert save(client, form_url(topic), **again).status_code == 302
    assert Figure.objects.get().sha256 == kept().sha256


def test_published_figures_are_history():
    topic = clinic.published(document())
    found = PublishedFigure.objects.get()
    assert (found.edition.topic_id, found.sha256) == (topic.pk, kept().sha256)

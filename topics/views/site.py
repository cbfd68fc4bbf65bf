"""The pages about the portal as a whole: home, glossary, about."""

from itertools import groupby

from django.conf import settings
from django.db.models import Count, F, Q, Window
from django.db.models.functions import RowNumber, TruncDate
from django.http import HttpResponse, JsonResponse
from django.templatetags.static import static
from django.urls import reverse
from django.utils import translation
from django.utils.text import slugify
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe
from django.views.generic import RedirectView

from hsc_portal import languages, lists, pages, schema_org
from topics import addresses, journey
from topics.choices import PLURALS, Area, Certainty, Kind
from topics.models import GlossaryTerm, Listing

LATEST = 6
# From here on, first editions of one day with one change note are told in one line.
MANY_ALIKE = 4
# Pages whose address is a secret of somebody.
FOR_ONE = ("draft", "follow_confirm", "follow_stop", "follow_yours", "report_sent")
# What the home page offers beside the search, so far as it is published.
TRIES = (
    "sinusoidal-obstruction-syndrome",
    "gvhd-prevention",
    "haploidentical-transplantation",
    "sickle-cell-disease",
)


@require_safe
def home(request):
    """What the portal is, what it holds, and what was published last."""
    counts = count_topics()
    published = journey.published([*journey.SLUGS, *TRIES])
    context = {
        "place": "home",
        "counts": counts,
        "kinds": [(PLURALS[kind], addresses.index_of(kind), counts[kind]) for kind in Kind],
        "areas": [(area, AREA_WORDS[area], counts[area]) for area in Area],
        "grades": grades(),
        "tries": [published[slug] for slug in TRIES if slug in published],
        "journey": journey.along(published),
        "latest": _latest(),
        "schema": schema_org.website(request),
    }
    return pages.answer("home.html", context)


def _latest():
    """Return what was published last, newest first.

    Of what was brought in together only the newest is there, as `is_one_of_many`, and `alike` is
    how many there are.
    """
    together = [F("edition__number"), TruncDate("published_at"), F("edition__change_note")]
    newest = F("published_at").desc(), F("title").asc()
    told = Listing.objects.select_related("edition").annotate(
        alike=Window(Count("pk"), partition_by=together),
        place=Window(RowNumber(), partition_by=together, order_by=newest),
        is_one_of_many=Q(edition__number=1, alike__gte=MANY_ALIKE),
    )
    return told.filter(Q(is_one_of_many=False) | Q(place=1)).order_by(*newest).only(
        "slug", "title", "kind", "published_at", "reviewed_at", "edition__number",
        "edition__change_note",
    )[:LATEST]  # fmt: skip


def count_topics() -> dict[str, int]:
    """Return how many topics are published: all, reviewed, of each kind, in each area."""
    counted = {"all": Count("pk"), "reviewed": Count("pk", filter=Q(reviewed_at__isnull=False))}
    # Aliases may hold no hyphen, so kinds and areas go by their place.
    counted |= {f"kind_{n}": Count("pk", filter=Q(kind=kind)) for n, kind in enumerate(Kind)}
    counted |= {
        f"area_{n}": Count("pk", filter=Q(areas__contains=[area])) for n, area in enumerate(Area)
    }
    found = Listing.objects.order_by().aggregate(**counted)
    return (
        {"all": found["all"], "reviewed": found["reviewed"]}
        | {kind: found[f"kind_{n}"] for n, kind in enumerate(Kind)}
        | {area: found[f"area_{n}"] for n, area in enumerate(Area)}
    )


@require_safe
def glossary(request):
    """All terms from A to Z. A topic is named only while it is published."""
    letters = [(letter, list(group)) for letter, group in groupby(_terms(), _letter)]
    told = [term for _letter, terms in letters for term in terms]
    context = {"place": "glossary", "letters": letters, "schema": _term_set(request, told)}
    return pages.answer("glossary.html", context)


def _term_set(request, terms: list[dict]) -> dict:
    """Return the glossary for search engines. What a term means stands on the page."""
    named = [
        {"@type": "DefinedTerm", "@id": f"#{_anchor(term['term'])}", "name": term["term"]}
        for term in terms
    ]
    return schema_org.page(request, "DefinedTermSet", _("Glossary"), hasDefinedTerm=named)


@require_safe
def terms(request):
    """The glossary as data, by which pages explain terms in place."""
    told = [
        {
            "term": term["term"],
            "anchor": _anchor(term["term"]),
            "names": _names(term),
            "definition": term["definition"],
            "url": reverse("topic", args=[term["topic_slug"]]) if term["topic_slug"] else "",
            "title": term["topic_title"] or "",
        }
        for term in _terms()
    ]
    return _data(told)


@require_safe
def names(request):
    """By which names pages know terms: for each its anchor in the glossary, itself, its names."""
    told = [
        [_anchor(term["term"]), term["term"], *_names(term)]
        for term in GlossaryTerm.objects.values("term", "abbreviation", "variants")
    ]
    return _data(told)


def _names(term: dict) -> list[str]:
    return [name for name in [term["abbreviation"], *term["variants"]] if name]


def _anchor(term: str) -> str:
    return f"term_{slugify(term)}"


def _data(told: list) -> JsonResponse:
    headers = {"Cache-Control": pages.CACHE_CONTROL}
    dense = {"ensure_ascii": False, "separators": (",", ":")}
    return JsonResponse(told, safe=False, headers=headers, json_dumps_params=dense)


def _terms():
    return GlossaryTerm.objects.values(
        "term", "abbreviation", "variants", "definition",
        topic_slug=F("topic__listing__slug"), topic_title=F("topic__listing__title"),
    )  # fmt: skip


def _letter(term: dict) -> str:
    return lists.first_letter(term["term"])


@require_safe
def about(request):
    """How the content is made, checked, graded and kept."""
    schema = schema_org.page(request, "AboutPage", _("About HSC Portal"))
    context = {"place": "about", "grades": grades(), "schema": schema}
    return pages.answer("about.html", context)


def grades() -> list[tuple[str, str, str]]:
    """Return each certainty: its value, its name as it stands amid a sentence, what GRADE means."""
    return [(grade.value, languages.in_sentence(grade.label), words) for grade, words in GRADES]


@require_safe
def style(request):
    """What pages are built with, shown in use."""
    return pages.answer("style.html", {"place": "style", "grades": grades(), "colours": COLOURS})


@require_safe
def robots(request):
    """What programs are to leave alone: what is not for everybody, in each language."""
    places = [reverse("admin:index")]
    for code, _name in settings.LANGUAGES:
        with translation.override(code):
            # Whoever has such an address was given it; the name is not to be found by others.
            places += [reverse(name, args=["-"]).removesuffix("-/") for name in FOR_ONE]
    lines = ["User-agent: *", "Allow: /", *(f"Disallow: {place}" for place in places), ""]
    lines += [f"Sitemap: {pages.origin(request)}{reverse('sitemap')}", ""]
    return HttpResponse("\n".join(lines), content_type="text/plain; charset=utf-8")


class Favicon(RedirectView):
    """Browsers that do not read the page's own icon ask for this one."""

    def get_redirect_url(self, *args, **kwargs):
        return static("favicon.svg")


COLOURS = [
    ("paper", "the page"), ("paper-raised", "what lies on it"), ("ink", "running text"),
    ("ink-quiet", "what stands beside"), ("line", "parting lines"),
    ("line-strong", "edges of fields"), ("accent", "links and actions"),
    ("accent-paper", "what is pointed at"), ("caution", "unreviewed, uncited, overdue"),
    ("grave", "withdrawn, retracted"), ("good", "reviewed"),
]  # fmt: skip


# What a reader finds in each area.
AREA_WORDS = {
    Area.BIOLOGY: _("What stem cells are, and the niche that holds them."),
    Area.MOBILIZATION: _("Moving stem cells into the blood and collecting them."),
    Area.TRANSPLANTATION: _("Whose cells, for whom, in which steps."),
    Area.CONDITIONING: _("Making room: intensity, drugs, irradiation."),
    Area.ENGRAFTMENT: _("When counts and immunity return, and what slows them."),
    Area.GENE_THERAPY: _("Added and edited genes: products, results, monitoring."),
    Area.RISKS: _("Windows, warning signs, prevention, treatment."),
    Area.CONDITIONS: _("Which disease, which transplant, how well supported."),
    Area.INFECTION: _("Prophylaxis, vaccines, HIV, sepsis, COVID-19."),
}

# What GRADE means by each certainty, in the words of the portal.
GRADES = [
    (Certainty.HIGH, _("The true effect lies close to what is stated.")),
    (Certainty.MODERATE, _("The true effect is probably close to what is stated.")),
    (Certainty.LOW, _("The true effect may well differ markedly from what is stated.")),
    (Certainty.VERY_LOW, _("The true effect is likely to differ markedly from what is stated.")),
    (Certainty.UNGRADED, _("No editor has graded the evidence for this statement yet.")),
]

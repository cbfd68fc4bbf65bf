"""What a page calls the fields, values and grades that Documents hold.

Labels are the portal's own words, in the language of the reader. What editors wrote is content,
which has one language; where a page is in another one, either is marked amid the other.
"""

from datetime import date

from django.db.models import Model
from django.utils.formats import date_format
from django.utils.text import capfirst
from django.utils.translation import gettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from hsc_portal import languages
from references import csl
from topics.choices import Area, Certainty
from topics.rendering import TopicLinks

BASICS = {
    "title": _("Title"),
    "summary": _("Summary"),
    "note": _("Editors’ note"),
    "slug": _("Address"),
    "language": _("Language"),
    "next_review": _("Next review due"),
}

TABLES = {
    "figures": _("Figures"),
    "agents": _("Agents"),
    "steps": _("Steps"),
    "risks": _("Risks"),
    "benefits": _("Benefits"),
    "milestones": _("Milestones"),
    "engraftment_factors": _("Engraftment factors"),
    "trials": _("Trials"),
    "indications": _("Indications"),
}

# Columns of the clinical tables and the like, by their names in English, which stand with the
# fields themselves.
FIELDS = {
    "agent": _("Agent"),
    # Translators: what a picture shows, for who cannot see it.
    "alternative text": _("Alternative text"),
    "caption": _("Caption"),
    "category": _("Category"),
    "cell source": _("Cell source"),
    # Translators: the class of a medicine, as “Alkylator”.
    "class": pgettext_lazy("of medicines", "Class"),
    "code": _("Code"),
    # Translators: what a result was compared with.
    "comparator": _("Comparator"),
    "complication": _("Complication"),
    # Translators: who made a figure.
    "credit": _("Credit"),
    # Translators: how surely a cell of a printed table could be read.
    "confidence": _("Confidence"),
    "description": _("Description"),
    "disease as printed": _("Disease as printed"),
    "disease status as printed": _("Disease status as printed"),
    "donor type": _("Donor type"),
    # Translators: the edition of a scheme of recommendations, as “2022”.
    "edition of the scheme": _("Edition of the scheme"),
    # Translators: whether something speeds or slows engraftment.
    "effect": _("Effect"),
    "evidence": _("Evidence"),
    # Translators: something that speeds or slows engraftment.
    "factor": _("Factor"),
    "frequency": _("Frequency"),
    # Translators: days are counted from the infusion of the graft.
    "format": _("Format"),
    "from day": _("From day"),
    "graft origin": _("Graft origin"),
    "height in pixels": _("Height in pixels"),
    "label in the terminology": _("Label in the terminology"),
    # Translators: how well a code of a terminology fits the topic.
    "match": pgettext_lazy("of a code", "Match"),
    # Translators: under what a figure may be used.
    "license": _("License"),
    "mechanism": _("Mechanism"),
    "monitoring": _("Monitoring"),
    "name": _("Name"),
    # Translators: by which a text places a figure.
    "name in the text": _("Name in the text"),
    "note": _("Note"),
    # Translators: who permitted the use of a figure, and for what.
    "note on the permission": _("Note on the permission"),
    # Translators: which kind of transplant is recommended or not, as “Matched sibling”.
    "option": _("Option"),
    "outcome": _("Outcome"),
    "phase": _("Phase"),
    # Translators: the digest by which a picture is known.
    "picture (sha256)": _("Picture (sha256)"),
    # Translators: in which patients.
    "population": _("Population"),
    "prevention": _("Prevention"),
    # Translators: where a cell of a printed table was read, as “Table 2”.
    "read in": _("Read in"),
    "registry id": _("Registry id"),
    "result": _("Result"),
    "result, with figures": _("Result, with figures"),
    "risk factors": _("Risk factors"),
    # Translators: what a medicine is given for.
    "role": _("Role"),
    # Translators: how a medicine is given, as “oral”.
    "route": pgettext_lazy("of a medicine into the body", "Route"),
    # Translators: a scheme of recommendations, as that of the EBMT.
    "scheme": _("Scheme"),
    # Translators: the status of a clinical trial, as “Completed”.
    "status": _("Status"),
    # Translators: a subset of blood cells, as “Neutrophils”.
    "subset": _("Subset"),
    "system": _("System"),
    # Translators: what the two days of a window are: a median, a range …
    "the days are": _("The days are"),
    "threshold": _("Threshold"),
    "timing": _("Timing"),
    "title": _("Title"),
    "to day": _("To day"),
    # Translators: whether a code was found in a released table of its terminology.
    "verified": _("Verified"),
    "width in pixels": _("Width in pixels"),
}

# Translators: how certain something is: “Certainty: high”.
GRADES = {
    Certainty.HIGH: pgettext_lazy("certainty", "high"),
    Certainty.MODERATE: pgettext_lazy("certainty", "moderate"),
    Certainty.LOW: pgettext_lazy("certainty", "low"),
    Certainty.VERY_LOW: pgettext_lazy("certainty", "very low"),
    Certainty.UNGRADED: pgettext_lazy("certainty", "not graded"),
}


def field_label(model: type[Model], name: str) -> str:
    label = str(model._meta.get_field(name).verbose_name)
    return FIELDS.get(label, capfirst(label))


def is_content(model: type[Model], name: str) -> bool:
    """Return whether the values of a field are in an editor's own words."""
    column = model._meta.get_field(name)
    is_text = column.get_internal_type() in {"CharField", "TextField"}
    return column.is_relation or (is_text and not column.choices)


def words_of(model: type[Model], name: str, value, links: TopicLinks) -> str:
    """Return a value of a Document as a page says it."""
    column = model._meta.get_field(name)
    # What a Document leaves out has its default.
    value = column.get_default() if value is None else value
    if value is None or value == "":
        return ""
    if column.is_relation:
        return links.title(value)
    if isinstance(value, bool):
        return gettext("yes") if value else gettext("no")
    if isinstance(value, int):
        return str(value).replace("-", "−")
    return str(dict(column.flatchoices).get(value, value))


def basic(name: str, value) -> str:
    """Return one of the values that every Document has as a page says it."""
    if name == "areas":
        return Area(value).label
    if name == "next_review" and value:
        return date_format(date.fromisoformat(value), "DATE_FORMAT")
    return languages.content(value or "")


def printed(item: dict) -> str:
    """Return a publication with all that it is found by, as one line."""
    parts = [csl.authors(item), str(item["title"]).rstrip("."), csl.source(item)]
    parts += [f"{name} {item[name]}" for name in ("DOI", "PMID", "PMCID") if item.get(name)]
    return ". ".join(part.rstrip(".") for part in parts if part)

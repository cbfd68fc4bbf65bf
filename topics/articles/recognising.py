"""What an article seems to be: its title, its sections with their kinds, and what it may cite."""

import re
from collections import Counter
from dataclasses import asdict, dataclass, field

from django.core.exceptions import ValidationError

from references.models import Reference
from topics.articles.blocks import HEADING, ITEM, Block, Source, escaped
from topics.choices import Area, SectionKind
from topics.desk import preview

MOST_STATEMENTS, MOST_SECTIONS, MOST_CHARACTERS = 2000, 100, 500_000
OVERVIEW = "Overview"

# The first that fits decides. Words as they stand in headings of articles about medicine.
KINDS = [
    (SectionKind.KEY_POINTS, r"key (points?|messages?|facts?)|take.?home|at a glance|conclusions?"
                             r"|summary|in short|highlights"),
    (SectionKind.FUTURE, r"future|outlook|directions?|perspectives?|what.s next|horizon"),
    (SectionKind.MONITORING, r"monitor|follow.?up|surveillance|after care|aftercare"),
    (SectionKind.RISKS, r"risks?|complication|side.?effects?|adverse|toxicit|challenges?|safety"
                        r"|limitations?|contraindication|drawbacks?|concerns?|dangers?"),
    (SectionKind.BENEFITS, r"benefits?|advantages?|promise"),
    (SectionKind.EVIDENCE, r"evidence|trials?|outcomes?|results?|survival|efficacy|effectiveness"
                           r"|how well"),
    (SectionKind.RESEARCH, r"research|studies|experiment|innovation|advances?"),
    (SectionKind.PROCEDURE, r"procedures?|process|steps?|protocols?|collect|harvest|prepar"
                            r"|dos(e|ing)|techni|methods?"
                            r"|how (is|are) .*(done|performed|given|carried)"),
    (SectionKind.MECHANISM, r"mechanisms?|how (do|does) .*(work|act)|biology|pathophysiolog|pathway"
                            r"|why (do|does|is|are)|role of|niche"),
    (SectionKind.CLINICAL_USE, r"applications?|clinical|indications?|uses?\b|used|treat|therap"
                               r"|patients?|who (needs|should|can)|when (is|are|should)"),
]  # fmt: skip
_KINDS = [(kind, re.compile(rf"\b(?:{words})", re.IGNORECASE)) for kind, words in KINDS]
_REFERENCES = re.compile(
    r"(?:\d+[.)]?\s*)?(?:references?(?: list)?|bibliography|literature(?: cited)?|works cited"
    r"|sources|further reading|citations)\s*:?",
    re.IGNORECASE,
)
AREA_WORDS = {
    Area.MOBILIZATION: r"mobili[sz]|apheresis|g-csf",
    Area.TRANSPLANTATION: r"transplant|graft",
    Area.CONDITIONING: r"conditioning|myeloablat",
    Area.ENGRAFTMENT: r"engraft|reconstitut|recovery|rebuild|restor",
    Area.GENE_THERAPY: r"gene therap|gene edit|crispr",
    Area.RISKS: r"risk|complication|graft.versus|gvhd",
    Area.CONDITIONS: r"leuk[ae]mia|lymphoma|an[ae]mia|deficienc|disorder|disease",
    Area.INFECTION: r"infect|hiv\b|sepsis|virus",
}

_DOI = re.compile(r"\b10\.\d{4,9}/[^\s\"<>\\]+", re.IGNORECASE)
_PMID = re.compile(
    r"(?:PMID\s*:?\s*|pubmed\.ncbi\.nlm\.nih\.gov/|ncbi\.nlm\.nih\.gov/pubmed/)(\d{1,9})\b",
    re.IGNORECASE,
)
_SENTENCE = re.compile(r"(?<=[.!?])\s+(?=[A-Z“(])")


@dataclass
class Part:
    """A section of an article: its heading, what kind it seems to be, and its Markdown."""

    heading: str
    kind: str
    body: str
    statements: int

    @property
    def words(self) -> str:
        """The text without the signs that keep words from being read as Markdown."""
        return re.sub(r"\\([^\w\s])", r"\1", self.body)


@dataclass
class Article:
    """What was recognised.

    `identifiers` are DOIs and PMIDs that stand somewhere in the article, `headings` those without
    any text below them.
    """

    title: str
    summary: str
    areas: list[str]
    parts: list[Part] = field(default_factory=list)
    left_out: dict[str, int] = field(default_factory=dict)
    identifiers: list[str] = field(default_factory=list)
    headings: list[str] = field(default_factory=list)

    @property
    def statements(self) -> int:
        return sum(part.statements for part in self.parts)

    def to_json(self) -> dict:
        return asdict(self)

    @classmethod
    def from_json(cls, data: dict) -> "Article":
        return cls(**data | {"parts": [Part(**part) for part in data["parts"]]})


def recognise(source: Source) -> Article:
    """Return what a source seems to be. Raises ValidationError for one that is no article."""
    title, blocks = _title(source)
    left_out = Counter(source.left_out)
    groups = _grouped(blocks)
    grouped = _without_references(groups, left_out)
    parts = [_part(heading, own) for heading, own in grouped]
    _refuse_unfit(parts)
    first = next(block for _, own in grouped for block in own if block.kind != HEADING)
    texts = [*(block.plain for block in source.blocks), *source.addresses]
    return Article(
        title=title[:200],
        summary=_summary(first.plain),
        areas=[area.value for area, words in AREA_WORDS.items()
               if re.search(words, title, re.IGNORECASE)],
        parts=parts,
        left_out={what: count for what, count in sorted(left_out.items()) if count},
        identifiers=identifiers(texts),
        headings=_empty_headings(groups),
    )  # fmt: skip


def kind_of(heading: str) -> str:
    """Return the kind of section that the words of a heading speak of.

    >>> kind_of("What are the Potential Benefits?")
    'benefits'
    """
    found = (kind for kind, words in _KINDS if words.search(heading))
    return str(next(found, SectionKind.OVERVIEW))


def identifiers(texts: list[str]) -> list[str]:
    """Return the DOIs and PubMed numbers in texts, as `10.1182/…` and `PMID 1206829`, each once."""
    found: dict[str, None] = {}
    for text in texts:
        for doi in _DOI.findall(text):
            found[_without_end(doi).lower()] = None
        for pmid in _PMID.findall(text):
            found[f"PMID {pmid.lstrip('0')}"] = None
    return list(found)


def _without_end(doi: str) -> str:
    """Return a DOI without the punctuation that ends the sentence around it."""
    while doi[-1] in ".,;:’'”)]}":
        if doi[-1] == ")" and doi.count("(") >= doi.count(")"):
            break
        doi = doi[:-1]
    return doi


def known_publications(found: list[str]) -> list[tuple[str, Reference | None]]:
    """Return each identifier with the publication of the library that has it, if there is one."""
    pmids = {each.removeprefix("PMID ") for each in found if each.startswith("PMID ")}
    dois = {each for each in found if not each.startswith("PMID ")}
    known = Reference.objects.select_related("merged_into")
    library = {reference.doi: reference.kept for reference in known.filter(doi__in=dois)}
    by_pmid = known.filter(pmid__in=pmids)
    library |= {f"PMID {reference.pmid}": reference.kept for reference in by_pmid}
    return [(each, library.get(each)) for each in found]


def _title(source: Source) -> tuple[str, list[Block]]:
    """Return the title of an article, and its blocks without it."""
    blocks = source.blocks
    first = next((n for n, block in enumerate(blocks) if block.kind == HEADING), None)
    if first is not None and (first == 0 or blocks[first].level == 1):
        return blocks[first].plain, blocks[:first] + blocks[first + 1 :]
    return source.title, blocks


def _grouped(blocks: list[Block]) -> list[tuple[str, list[Block]]]:
    """Return the sections: each heading of the highest level, with what stands below it."""
    top = min((block.level for block in blocks if block.kind == HEADING), default=0)
    groups: list[tuple[str, list[Block]]] = []
    for block in blocks:
        if block.kind == HEADING and block.level == top:
            groups.append((block.plain, []))
        else:
            if not groups:
                groups.append((OVERVIEW, []))
            groups[-1][1].append(block)
    return groups


def _without_references(groups, left_out: Counter) -> list[tuple[str, list[Block]]]:
    """Leave out the list of references, and headings with nothing below them."""
    kept = []
    for heading, own in groups:
        if _REFERENCES.fullmatch(heading):
            left_out["entries in the list of references"] += len(own)
        elif all(block.kind == HEADING for block in own):
            left_out["headings without text"] += 1 + len(own)
        else:
            kept.append((heading, own))
    return kept


def _empty_headings(groups) -> list[str]:
    """Return the headings that are left out since nothing stands below them."""
    return [
        words
        for heading, own in groups
        if all(block.kind == HEADING for block in own) and not _REFERENCES.fullmatch(heading)
        for words in (heading, *(block.plain for block in own))
    ]


def _part(heading: str, own: list[Block]) -> Part:
    pieces: list[str] = []
    last = ""
    for block in own:
        if block.kind == HEADING:
            pieces.append(f"\n\n### {escaped(block.plain)}")
        elif block.kind == ITEM:
            pieces.append(("\n" if last == ITEM else "\n\n") + f"- {block.words}")
        else:
            pieces.append(f"\n\n{block.words}")
        last = block.kind
    count = sum(block.kind != HEADING for block in own)
    return Part(heading[:200], kind_of(heading), "".join(pieces).strip(), count)


def _refuse_unfit(parts: list[Part]) -> None:
    count = sum(part.statements for part in parts)
    if not count:
        raise ValidationError("No text was found in this article.")
    for number, most, what in (
        (count, MOST_STATEMENTS, "paragraphs and list items"),
        (len(parts), MOST_SECTIONS, "sections"),
        (sum(len(part.body) for part in parts), MOST_CHARACTERS, "characters"),
        (max(len(part.body) for part in parts), preview.MOST_CHARACTERS, "characters in a section"),
    ):
        if number > most:
            raise ValidationError(
                f"The article has {number:,} {what}, of at most {most:,}. Import it in parts."
            )


def _summary(text: str) -> str:
    """Return the first sentences of a text: one that says something, or a few short ones."""
    summary = ""
    for sentence in _SENTENCE.split(text)[:3]:
        if summary and len(summary) + len(sentence) > 300:
            break
        summary = f"{summary} {sentence}".strip()
    return summary

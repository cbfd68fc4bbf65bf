"""Loading the starter content from its files, and writing what is published back to them."""

import json
from collections.abc import Callable, Iterator
from pathlib import Path

import yaml
from django.contrib.auth import get_user_model
from django.contrib.auth.models import Group
from django.core.exceptions import ValidationError
from django.db import transaction

from references.models import Reference
from topics import contentfile, documents, figures, listings, publishing, roles
from topics.choices import Kind
from topics.editions import Past
from topics.errors import ContentError, PublishingError
from topics.library import loading
from topics.models import (
    Edition,
    GlossaryTerm,
    Listing,
    PublishedFigure,
    Revision,
    Synonym,
    Topic,
)
from topics.search import synonyms

FOLDERS = {
    Kind.OVERVIEW: ("topics", ""),
    Kind.THERAPY: ("therapies", "therapies"),
    Kind.AGENT: ("therapies", "agents"),
    Kind.CONDITION: ("therapies", "conditions"),
    Kind.COMPLICATION: ("therapies", "complications"),
}
REFERENCES = Path("references/content/references.json")
GLOSSARY = Path("topics/content/glossary.yaml")
SYNONYMS = Path("topics/content/synonyms.yaml")
FIGURES = Path("topics/content/figures")
LOADER = "content-loader"
# What may be wrong with a file, as it comes to light.
FAULTS = (ValidationError, PublishingError, KeyError)
CHANGE_NOTE = "Starter content, not yet reviewed by a clinician"
UPDATE_NOTE = "Starter content brought up to date, not yet reviewed by a clinician"


def loader_account():
    """Return the system account that loads content. Nobody can log in with it."""
    user, created = get_user_model().objects.get_or_create(
        username=LOADER, defaults={"first_name": "Content", "last_name": "loader"}
    )
    if created:
        roles.install()
        user.set_unusable_password()
        user.save()
        user.groups.add(Group.objects.get(name="Content loader"))
    return user


def topic_files(base: Path) -> Iterator[tuple[str, Path]]:
    """Yield the kind and path of each topic file under the project folder `base`."""
    for kind, (app, folder) in FOLDERS.items():
        yield from ((kind, path) for path in sorted((base / app / "content" / folder).glob("*.md")))


@transaction.atomic
def load(base: Path, report: Callable[[str], None]) -> list[str]:
    """Load and publish what the files say, and return the slugs of the topics that changed.

    A topic that somebody edited, reviewed or withdrew here is left alone, and so is a publication
    that was edited. Topics print what they cite, so those that cite a corrected publication are
    published anew. Loading the same files twice changes nothing. Raises ContentError with all
    faults found; then nothing was changed.
    """
    actor = loader_account()
    publications = loading.load(base / REFERENCES)
    report(f"References: {publications}")
    outdated = set(loading.citing(publications.reprinted))
    contents = _read_topics(base, files(), outdated)
    found = len(contents)
    for slug in _changed_here(set(contents), actor):
        del contents[slug]
    _bring_pictures(base, contents)
    drafts = _load_drafts(contents, actor)
    # Before the topics, which are the greater news.
    terms = load_glossary(base / GLOSSARY, actor)
    changed = _without_published(drafts)
    for note, topics in _by_note(changed).items():
        publishing.publish_unreviewed(topics, publisher=actor, change_note=note)
    # What is relevant beside a topic is ordered by the kinds of study.
    listings.refresh_links(set(loading.citing(publications.corrected).values()))
    report(f"Topics: {len(changed)} published, {found - len(drafts)} left as edited here.")
    report(f"Glossary: {terms} terms added or changed.")
    listings.index_synonyms(load_synonyms(base / SYNONYMS))
    return [topic.slug for topic in changed]


def _bring_pictures(base: Path, contents: dict[str, dict]) -> None:
    """Take the pictures that lie beside the files into the store of this portal."""
    faults = []
    for slug, document in contents.items():
        for figure in document.get("figures", []):
            name = Path(f"{figure.get('sha256')}.{figure.get('format')}").name
            if (base / FIGURES / name).is_file():
                try:
                    figures.copy_in(base / FIGURES / name)
                except ValidationError as error:
                    faults.append(f"{slug}.md: {'; '.join(error.messages)}")
    if faults:
        raise ContentError("\n".join(faults))


def pictures() -> dict[Path, Path]:
    """Return where the picture of each published figure is, by where it lies beside the files."""
    shown = PublishedFigure.objects.filter(edition__listing__isnull=False)
    return {
        FIGURES / f"{sha256}.{kind}": figures.path_of(sha256, kind)
        for sha256, kind in shown.values_list("sha256", "format")
    }


def _by_note(changed: list[Topic]) -> dict[str, list[Topic]]:
    """Return the topics to publish by what readers are told of that: some are there already."""
    known = set(Edition.objects.filter(topic__in=changed).values_list("topic", flat=True))
    # New ones first: what is there already may link to them.
    notes = {
        CHANGE_NOTE: [topic for topic in changed if topic.pk not in known],
        UPDATE_NOTE: [topic for topic in changed if topic.pk in known],
    }
    return {note: topics for note, topics in notes.items() if topics}


def load_synonyms(path: Path) -> list[Synonym]:
    """Add the synonyms of a file that are not there, and return those.

    A group that editors changed is left as it is, and one that they deleted stays away.
    """
    entries = contentfile.read_yaml(path.read_text()) if path.exists() else []
    return Synonym.objects.bulk_create(synonyms.unknown(list(map(_synonym, entries))))


def _synonym(entry: list | dict) -> Synonym:
    """Return a line of the file: names of one thing, or of a class and of its members."""
    told = entry if isinstance(entry, dict) else {"names": entry}
    names, members = (list(map(str, told.get(part, []))) for part in ("names", "members"))
    return Synonym(names=names, members=members)


def load_glossary(path: Path, actor) -> int:
    """Add the terms of a file, change those whose text differs, and return how many."""
    entries = contentfile.read_yaml(path.read_text()) if path.exists() else []
    known = {term.term: term for term in GlossaryTerm.objects.select_related("topic")}
    named = Topic.objects.filter(slug__in=[entry.get("topic", "") for entry in entries])
    topics = {topic.slug: topic for topic in named}
    changed = []
    for entry in entries:
        term = known.get(entry["term"]) or GlossaryTerm()
        values = {
            "term": entry["term"],
            "abbreviation": entry.get("abbreviation", ""),
            "variants": entry.get("variants", []),
            "definition": entry["definition"],
            "topic": topics.get(entry.get("topic")),
        }
        if any(getattr(term, name) != value for name, value in values.items()):
            for name, value in values.items():
                setattr(term, name, value)
            changed.append(term)
    publishing.save_terms(changed, actor=actor)
    return len(changed)


def files() -> dict[Path, str]:
    """Return the text of each content file as the published state makes it."""
    written = {REFERENCES: references_text(), GLOSSARY: glossary_text()}
    for listing in Listing.objects.select_related("edition__revision"):
        app, folder = FOLDERS[listing.kind]
        path = Path(app, "content", folder, f"{listing.slug}.md")
        document = documents.read(listing.edition.revision.document)
        written[path] = contentfile.to_text(_in_row_order(document))
    return written


def references_text() -> str:
    """Return the whole library as the text of a CSL-JSON file, sorted by key."""
    items = []
    for reference in Reference.objects.order_by("key"):
        custom = reference.csl.get("custom", {}) | {"study_type": str(reference.study_type)}
        items.append(reference.csl | {"custom": custom})
    return json.dumps(items, indent=1, ensure_ascii=False, sort_keys=True) + "\n"


def glossary_text() -> str:
    """Return the glossary as the text of a YAML file, in alphabetical order."""
    entries = []
    for term in GlossaryTerm.objects.select_related("topic__listing"):
        listing = getattr(term.topic, "listing", None)
        entry = {
            "term": term.term,
            "abbreviation": term.abbreviation,
            "variants": term.variants,
            "definition": term.definition,
            "topic": listing.slug if listing else "",
        }
        entries.append({name: value for name, value in entry.items() if value})
    return yaml.safe_dump(entries, sort_keys=False, allow_unicode=True, width=contentfile.WIDTH)


def _in_row_order(document: dict) -> dict:
    """Return a Document with the fields of each row in the order of its model, to be read."""

    def ordered(row: dict, names) -> dict:
        return {name: row[name] for name in names if name in row}

    model = Topic.class_for(document["kind"])
    document = document | {"facts": ordered(document.get("facts", {}), model.FACTS)}
    tables = document.get("tables", {})
    document["tables"] = {
        name: [ordered(row, model.row_model(name).DOCUMENT_FIELDS) for row in tables[name]]
        for name in model.TABLES
        if name in tables
    }
    for name in ("codes", "relations", "figures"):
        fields = model.row_model(name).DOCUMENT_FIELDS
        document[name] = [ordered(row, fields) for row in document.get(name, [])]
    return {name: value for name, value in document.items() if value}


def _read_topics(base: Path, published: dict[Path, str], outdated: set[str]) -> dict[str, dict]:
    """Return, by slug, what the files say that differ from what is published or are outdated."""
    contents, faults = {}, []
    for kind, path in topic_files(base):
        is_same = path.read_text() == published.get(path.relative_to(base))
        if is_same and path.stem not in outdated:
            continue
        try:
            contents[path.stem] = read_topic(kind, path)
        except ValidationError as error:
            faults += [f"{path.name}: {message}" for message in error.messages]
    if faults:
        raise ContentError("\n".join(faults))
    return contents


def read_topic(kind: str, path: Path) -> dict:
    """Return the part of a Document that a file of the folder of a kind holds.

    Raises ValidationError saying what is wrong with it.
    """
    document = contentfile.from_text(path.read_text(), tuple(Topic.class_for(kind).TABLES))
    if document.get("kind") != kind:
        raise ValidationError(f"The file is in the folder of the kind {kind}.")
    if document.get("slug") != path.stem:
        raise ValidationError(f"The slug must be the file's name, {path.stem}.")
    return document


def _changed_here(slugs: set[str], loader) -> set[str]:
    """Return the slugs at which somebody else edited, reviewed or withdrew a topic."""
    topics = Topic.all_at(slugs)
    pasts = Past.of(list(topics.values()))

    def changed(past: Past) -> bool:
        withdrawn = past.editions and not past.current
        others = any(revision.author_id != loader.pk for revision in past.revisions)
        return bool(withdrawn or past.reviewed or others)

    return {slug for slug, topic in topics.items() if changed(pasts[topic.pk])}


def _load_drafts(contents: dict[str, dict], actor) -> list[tuple[Topic, Revision]]:
    """Load the drafts all at once. If that fails, say of each what is wrong with it."""
    try:
        with transaction.atomic():
            topics = documents.load_all(list(contents.values()))
            revisions = publishing.save_revisions(topics, author=actor, note=CHANGE_NOTE)
    except FAULTS as error:
        faults = _load_one_by_one(contents, actor) or [_explain(error)]
        raise ContentError("\n".join(faults)) from error
    return list(zip(topics, revisions, strict=True))


def _load_one_by_one(contents: dict[str, dict], actor) -> list[str]:
    """Return the faults, from the first step that has some.

    First all topics are loaded without rows, since rows link to topics in any order.
    """

    def load_fields(document: dict) -> None:
        if Topic.at(document["slug"]) is None:
            Topic.class_for(document["kind"])().load_fields(document)

    def load_whole(document: dict) -> None:
        publishing.save_revision(documents.load(document), author=actor)

    faults = []
    for step in (load_fields, load_whole):
        for slug, document in contents.items():
            try:
                with transaction.atomic():
                    step(document)
            except FAULTS as error:
                faults.append(f"{slug}.md: {_explain(error)}")
        if faults:
            break
    return faults


def _without_published(drafts: list[tuple[Topic, Revision]]) -> list[Topic]:
    """Return the topics whose draft says anything else than what readers see."""
    current = listings.current_editions().filter(topic__in=[topic for topic, _ in drafts])
    digests = dict(current.values_list("topic", "digest"))
    return [topic for topic, revision in drafts if digests.get(topic.pk) != revision.digest]


def _explain(error: Exception) -> str:
    if isinstance(error, KeyError):
        return f"the key {error} is missing."
    if isinstance(error, ValidationError) and hasattr(error, "message_dict"):
        return "; ".join(f"{name}: {' '.join(m)}" for name, m in error.message_dict.items())
    return "; ".join(getattr(error, "messages", [str(error)]))

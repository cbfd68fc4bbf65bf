"""Groups of names that mean one thing, kept by editors; each change counts at once."""

from collections.abc import Iterable
from dataclasses import dataclass

from django.contrib.admin.models import DELETION, LogEntry
from django.contrib.contenttypes.models import ContentType
from django.db import connection, transaction

from topics import listings
from topics.models import Synonym
from topics.search import text

MOST_NAMES = 20
MOST_MEMBERS = 60


@dataclass
class Said:
    """A name, and in how many statements it stands itself."""

    name: str
    statements: int


@transaction.atomic
def save(group: Synonym) -> None:
    group.save()
    listings.index_synonyms([group])


@transaction.atomic
def delete(groups: list[Synonym]) -> None:
    for group in groups:
        listings.unindex_synonym(group.pk)
        group.delete()


@transaction.atomic
def extend(group: Synonym, names: list[str], members: Iterable[str] = ()) -> Synonym:
    """Add names and members to a group, those that it has in another spelling left out."""
    group = Synonym.objects.select_for_update().get(pk=group.pk)
    group.names = distinct([*group.names, *names])
    own = set(map(text.key, group.names))
    members = [name for name in [*group.members, *members] if text.key(name) not in own]
    group.members = distinct(members)
    save(group)
    return group


def distinct(names: list[str]) -> list[str]:
    """Return names without those that search does not tell from one before."""
    by_key: dict[str, str] = {}
    for name in names:
        by_key.setdefault(text.key(name), name)
    return list(by_key.values())


def taken(names: list[str], besides: int | None = None) -> dict[str, Synonym]:
    """Return the groups, other than number `besides`, that have one of the names, by that name."""
    keys = {text.key(name): name for name in names}
    others = Synonym.objects.exclude(pk=besides)
    found = {text.key(each): group for group in others for each in group.names}
    return {name: found[key] for key, name in keys.items() if key in found}


def unknown(groups: list[Synonym]) -> list[Synonym]:
    """Return the groups of which no name is kept here, and that no editor deleted."""
    known = {text.key(name) for each in Synonym.objects.all() for name in each.names}
    kind = ContentType.objects.get_for_model(Synonym)
    gone = LogEntry.objects.filter(content_type=kind, action_flag=DELETION)
    deleted = set(gone.values_list("object_repr", flat=True))
    return [
        group
        for group in groups
        if known.isdisjoint(map(text.key, group.names)) and str(group)[:200] not in deleted
    ]


def preview(names: list[str]) -> list[Said]:
    """Return in how many published statements each name stands, all its words at once."""
    return [Said(name, _statements(text.key(name).split())) for name in names]


def _statements(lexemes: list[str]) -> int:
    with connection.cursor() as cursor:
        cursor.execute(COUNT, {"lexemes": lexemes, "many": len(set(lexemes))})
        return cursor.fetchone()[0]


# By way of the topics that have all lexemes: postings of statements are found by topic.
COUNT = """
    WITH asked AS (SELECT id FROM topics_lexeme WHERE lexeme = ANY(%(lexemes)s)),
    among AS (
        SELECT entry_id FROM topics_posting, asked
        WHERE kind = 1 AND lexeme_id = asked.id GROUP BY 1 HAVING count(*) = %(many)s
    )
    SELECT count(*) FROM (
        SELECT p.statement_id
        FROM among, asked, topics_statementposting p
        WHERE p.listing_id = among.entry_id AND p.lexeme_id = asked.id AND p.times > 0
        GROUP BY 1 HAVING count(*) = %(many)s
    ) found
"""

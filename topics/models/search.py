"""What search looks words up in. Derived from listings, references and the glossary, like listings
themselves: `topics.search.index` writes it, and can make it anew.

No foreign keys: a row is only ever written and removed together with what it points to, and
checking millions of them would cost more than the search they serve.
"""

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.db import models


class Indexed(models.IntegerChoices):
    """What can be found. A statement is found by way of its topic."""

    TOPIC = 1, "Topic"
    REFERENCE = 2, "Reference"
    TERM = 3, "Glossary term"
    STATEMENT = 4, "Statement"
    SYNONYM = 5, "Synonym"


class Lexeme(models.Model):
    """A word as it is searched for (`topics.search.text`), and in how many of each it stands."""

    id = models.AutoField(primary_key=True)
    lexeme = models.CharField(max_length=80, unique=True)
    topics = models.IntegerField(default=0)
    references = models.IntegerField(default=0)
    terms = models.IntegerField(default=0)
    statements = models.IntegerField(default=0)

    def __str__(self):
        return self.lexeme


class Posting(models.Model):
    """That a lexeme stands in a topic, reference or term: how heavily, and how long that is.

    `weight` counts its places, those in names more than once; `length` counts all lexemes.
    """

    pk = models.CompositePrimaryKey("kind", "entry_id", "lexeme_id")
    kind = models.SmallIntegerField(choices=Indexed)
    entry_id = models.IntegerField()
    lexeme_id = models.IntegerField()
    weight = models.FloatField()
    length = models.IntegerField()

    class Meta:
        indexes = [
            # Holds all that ranking reads.
            models.Index(
                fields=["kind", "lexeme_id", "entry_id"],
                include=["weight", "length"],
                name="posting_by_lexeme",
            )
        ]

    def __str__(self):
        return f"{self.lexeme_id} in {self.kind}/{self.entry_id}"


class StatementPosting(models.Model):
    """How often a lexeme stands in a statement, and whether in its heading or its topic's name.

    `length` counts the lexemes of the statement itself.
    """

    pk = models.CompositePrimaryKey("listing_id", "lexeme_id", "statement_id")
    listing_id = models.IntegerField()
    lexeme_id = models.IntegerField()
    statement_id = models.BigIntegerField()
    times = models.SmallIntegerField()
    in_heading = models.BooleanField()
    in_name = models.BooleanField()
    length = models.SmallIntegerField()

    def __str__(self):
        return f"{self.lexeme_id} in statement {self.statement_id}"


class IndexTotal(models.Model):
    """How many of a kind are indexed, and how many lexemes they have together."""

    kind = models.SmallIntegerField(choices=Indexed, primary_key=True)
    entries = models.IntegerField(default=0)
    length = models.BigIntegerField(default=0)

    def __str__(self):
        return f"{self.get_kind_display()}: {self.entries}"


class Word(models.Model):
    """A word as it is written in the content, by which a mistyped one is put right."""

    word = models.CharField(max_length=60, primary_key=True)
    lexeme_id = models.IntegerField()

    class Meta:
        indexes = [
            GinIndex(fields=["word"], name="word_trigrams", opclasses=["gin_trgm_ops"]),
        ]

    def __str__(self):
        return self.word


class Synonym(models.Model):
    """Names of one thing that no topic or term has, as `acetaminophen` and `paracetamol`.

    Search counts one for the other from the moment that an editor saves them.
    """

    names = ArrayField(models.CharField(max_length=120), help_text="Names of one thing.")

    class Meta:
        ordering = ["names"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(names__len__gte=2), name="synonym_has_two_names"
            )
        ]

    def __str__(self):
        return " = ".join(self.names)


class Name(models.Model):
    """What a topic or term is called, as the lexemes of the name. All names of one owner mean it.

    `key` has the lexemes with spaces between them. `label` is the name as it is written; the
    proper name of a topic or term has `is_proper`.
    """

    kind = models.SmallIntegerField(choices=Indexed)
    entry_id = models.IntegerField()
    key = models.CharField(max_length=300)
    label = models.CharField(max_length=200)
    is_proper = models.BooleanField(default=False)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["kind", "entry_id", "key"], name="name_once"),
        ]
        indexes = [
            models.Index(fields=["key"], name="name_by_key"),
        ]

    def __str__(self):
        return self.label

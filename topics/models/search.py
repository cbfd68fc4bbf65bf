"""What search looks words up in. Derived from listings, references and the glossary, like listings
themselves: `topics.search.index` writes it, and can make it anew.

No foreign keys: a row is only ever written and removed together with what it points to, and
checking millions of them would cost more than the search they serve.
"""

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.db.models.functions import Left


class Indexed(models.IntegerChoices):
    """What can be found. A statement is found by way of its topic."""

    TOPIC = 1, "Topic"
    REFERENCE = 2, "Reference"
    TERM = 3, "Glossary term"
    STATEMENT = 4, "Statement"
    SYNONYM = 5, "Synonym"
    MEMBER = 6, "Member of a class"


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
    The key has all columns, in the order in which ranking reads them, so the table is never read.
    """

    pk = models.CompositePrimaryKey("kind", "lexeme_id", "entry_id", "weight", "length")
    kind = models.SmallIntegerField(choices=Indexed)
    entry_id = models.IntegerField()
    lexeme_id = models.IntegerField()
    weight = models.FloatField()
    length = models.IntegerField()

    class Meta:
        indexes = [models.Index(fields=["kind", "entry_id"], name="posting_by_entry")]

    def __str__(self):
        return f"{self.lexeme_id} in {self.kind}/{self.entry_id}"


class StatementPosting(models.Model):
    """How often a lexeme stands in a statement, and whether in its heading or its topic's name.

    `length` counts the lexemes of the statement itself. The key has all columns, as with postings.
    """

    pk = models.CompositePrimaryKey(
        "listing_id", "lexeme_id", "statement_id", "times", "in_heading", "in_name", "length"
    )
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

    Search counts one for the other from the moment that an editor saves them. `members` are names
    of what is of this kind (levofloxacin, of fluoroquinolones): who asks for one finds its kind,
    who asks for the kind finds each of them, and one does not find another.
    """

    names = ArrayField(models.CharField(max_length=120), help_text="Names of one thing.")
    members = ArrayField(
        models.CharField(max_length=120),
        default=list,
        blank=True,
        help_text="Names of things of this kind.",
    )

    class Meta:
        ordering = ["names"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(names__len__gte=2)
                | models.Q(names__len__gte=1, members__len__gte=1),
                name="synonym_has_two_names",
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
            GinIndex(
                models.Func(models.F("key"), models.Value(" "), function="string_to_array"),
                name="name_by_word",
            ),
        ]

    def __str__(self):
        return self.label


class Vector(models.Model):
    """What a topic or statement means, as a model of language sees it (`topics.search.semantic`).

    `vector` has numbers of two bytes each (IEEE 754 half precision), of length 1 together. A topic
    is known by its number, the text of a statement by one that is made of its words
    (`topics.search.vectors`).
    """

    pk = models.CompositePrimaryKey("kind", "entry_id")
    kind = models.SmallIntegerField(choices=Indexed)
    entry_id = models.BigIntegerField()
    model = models.CharField(max_length=60)
    vector = models.BinaryField()

    def __str__(self):
        return f"{self.kind}/{self.entry_id} by {self.model}"


class Offered(models.IntegerChoices):
    """What is offered to who types, the better ones first."""

    TOPIC = 1, "Topic"
    TERM = 2, "Glossary term"
    QUESTION = 3, "Question"


class Suggestion(models.Model):
    """What is offered to who types: a topic, term or question, by a word that it can begin with.

    `words` is the label from that word on, as `topics.search.suggesting` compares it, then what
    stands before that word; `about` has all names of the same. `rank` is the lower the better it is
    to offer. `entry_id` is the number of the topic or term, `slug` that of the topic that it leads
    to. `hint` is what else it must be called to be understood: the title of a topic beside its
    synonym or its question.
    """

    kind = models.SmallIntegerField(choices=Offered)
    entry_id = models.IntegerField()
    # Compared letter by letter, so that what begins alike stands together in the index.
    words = models.CharField(max_length=400, db_collation="C")
    about = models.CharField(max_length=400, blank=True)
    label = models.CharField(max_length=200)
    hint = models.CharField(max_length=200, blank=True)
    slug = models.CharField(max_length=80, blank=True)
    anchor = models.CharField(max_length=140, blank=True)
    rank = models.SmallIntegerField()

    class Meta:
        indexes = [
            models.Index(fields=["kind", "entry_id", "rank"], name="suggestion_by_entry"),
            # Few letters begin very much: the best of it must be found without reading it all.
            models.Index(
                Left("words", 2), "rank", include=["words", "id"], name="suggestion_two_letters"
            ),
            models.Index(
                Left("words", 3), "rank", include=["words", "id"], name="suggestion_three_letters"
            ),
            models.Index(fields=["words", "rank"], include=["id"], name="suggestion_words"),
        ]

    def __str__(self):
        return self.label


class SearchCount(models.Model):
    """How often something was searched for in a week, by nobody in particular.

    `digest` can be linked to words only with the portal's secret. The words themselves are kept
    once so many asked the same that they say nothing of anybody (`topics.search.counting`):
    `senders` is by how many networks that were not heard of before (`SearchSender`), counted as
    far as that needs.
    """

    digest = models.CharField(max_length=64)
    week = models.DateField(help_text="The Monday that it begins with.")
    words = models.CharField(max_length=200, blank=True)
    asked = models.PositiveIntegerField(default=0)
    senders = models.PositiveIntegerField(default=0)
    without_result = models.PositiveIntegerField(default=0)
    chosen = models.PositiveIntegerField(default=0)

    class Meta:
        ordering = ["-week", "-asked"]
        verbose_name, verbose_name_plural = "search by readers", "searches by readers"
        constraints = [
            models.UniqueConstraint(fields=["digest", "week"], name="search_counted_once_a_week"),
            models.CheckConstraint(
                condition=models.Q(chosen__lte=models.F("asked")), name="search_chosen_of_asked"
            ),
        ]
        indexes = [
            models.Index(fields=["week"], name="search_count_by_week"),
            models.Index(
                fields=["digest"], condition=~models.Q(words=""), name="search_count_with_words"
            ),
        ]

    def __str__(self):
        return self.words or "(asked too rarely to be shown)"


class SearchSender(models.Model):
    """That some network asked for some query, so that it counts once as one of several.

    `mark` is a hash of both together. Only the portal's secret can link it to either, or to another
    mark of the same network. There are none for what enough networks asked for in that week.
    """

    mark = models.CharField(max_length=64, primary_key=True)
    week = models.DateField(help_text="The Monday that the week begins with in which it counted.")

    class Meta:
        indexes = [models.Index(fields=["week"], name="search_sender_by_week")]

    def __str__(self):
        return f"{self.mark} in the week of {self.week}"


class Pin(models.Model):
    """What an editor wants to come first for a query, from the moment that it is saved.

    `key` has the lexemes of the query, by which it is found; `statement` is the anchor of a
    statement of the topic, empty where the topic itself is meant.
    """

    query = models.CharField(max_length=200)
    key = models.CharField(max_length=300, editable=False)
    topic = models.ForeignKey("topics.Topic", models.CASCADE, related_name="pins")
    statement = models.CharField(max_length=64, blank=True)
    position = models.PositiveSmallIntegerField(default=1)

    class Meta:
        ordering = ["query", "position", "pk"]
        verbose_name, verbose_name_plural = "pinned result", "pinned results"
        constraints = [
            models.UniqueConstraint(
                fields=["key", "topic", "statement"],
                name="pinned_once",
                violation_error_message="This is pinned for this query already.",
            ),
            models.CheckConstraint(
                condition=~models.Q(key="") & models.Q(position__gte=1),
                name="pin_has_words_and_place",
                violation_error_message="A pin needs words, and a place from 1 on.",
            ),
        ]

    def __str__(self):
        return f"{self.query} → {self.topic}"

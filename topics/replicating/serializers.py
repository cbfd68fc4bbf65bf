"""The shapes of what is told of changes and exports, for the description of the API."""

from rest_framework import serializers

from references.models import Reference
from topics.choices import Kind
from topics.replicating.events import MEANINGS
from topics.replicating.making import FILES


class ChangedTopicSerializer(serializers.Serializer):
    """The topic, as it was called in that edition."""

    id = serializers.IntegerField(help_text="Never changes, while the slug may.")
    slug = serializers.CharField()
    kind = serializers.ChoiceField(choices=Kind.choices)
    title = serializers.CharField()
    url = serializers.URLField()


class ChangedEditionSerializer(serializers.Serializer):
    """The edition that was published or withdrawn."""

    number = serializers.IntegerField()
    digest = serializers.CharField(help_text="sha256 of its Document.")
    hash = serializers.CharField(help_text="Chained to the edition before it.")
    url = serializers.URLField(help_text="Permanent: the Document there never changes.")


class NamedReferenceSerializer(serializers.Serializer):
    key = serializers.CharField()
    url = serializers.URLField()


class ChangedReferenceSerializer(NamedReferenceSerializer):
    """The reference. What it says now is at its address."""

    status = serializers.ChoiceField(
        choices=Reference.Status.choices, required=False, help_text="Only with `reference.status`."
    )
    before = serializers.ChoiceField(choices=Reference.Status.choices, required=False)


class TermSerializer(serializers.Serializer):
    """A term of the glossary."""

    term = serializers.CharField()
    abbreviation = serializers.CharField()
    variants = serializers.ListField(child=serializers.CharField())
    definition = serializers.CharField()


class ChangeSerializer(serializers.Serializer):
    """One event. Which members stand beside `id`, `type` and `at` depends on the type."""

    id = serializers.IntegerField(help_text="Rises in the order of the commits, with gaps.")
    type = serializers.ChoiceField(
        choices=list(MEANINGS.items()), help_text="More types may come: pass over unknown ones."
    )
    at = serializers.DateTimeField()
    topic = ChangedTopicSerializer(required=False)
    edition = ChangedEditionSerializer(required=False)
    note = serializers.CharField(
        required=False, help_text="The change note, the reason, or the words of the notice."
    )
    reference = ChangedReferenceSerializer(required=False)
    into = NamedReferenceSerializer(
        required=False, help_text="Into which reference it was merged until then or since."
    )
    moved = serializers.ListField(
        child=serializers.CharField(), required=False,
        help_text="Keys that had been merged into the reference and now lead to `into`.",
    )  # fmt: skip
    action = serializers.ChoiceField(choices=["added", "changed", "removed"], required=False)
    before = TermSerializer(required=False, allow_null=True)
    term = TermSerializer(required=False, allow_null=True, help_text="Null if it was removed.")


class ChangesSerializer(serializers.Serializer):
    """A part of the log."""

    results = ChangeSerializer(many=True)
    next = serializers.URLField(help_text="Ask here to go on, now or when something is new.")
    last = serializers.IntegerField(help_text="Id of the newest event of the whole log.")
    has_more = serializers.BooleanField(help_text="Whether there are more events after these now.")
    after_at = serializers.DateTimeField(
        allow_null=True,
        help_text="When the event `after` was, null if there is none of that id. If it is not the "
        "time that you were told, the portal was set back: load everything anew.",
    )


class ExportFileSerializer(serializers.Serializer):
    """One file of an export."""

    name = serializers.ChoiceField(choices=[(name, name) for name in FILES])
    file = serializers.CharField()
    url = serializers.URLField(help_text="Of this very file, which never changes.")
    count = serializers.IntegerField(help_text="Number of lines.")
    bytes = serializers.IntegerField()
    sha256 = serializers.CharField(help_text="Of the file as it is without compression.")


class ExportSerializer(serializers.Serializer):
    """All that is published, at one moment."""

    id = serializers.CharField()
    sequence = serializers.IntegerField(help_text="Id of the last event that is in it.")
    sequence_at = serializers.DateTimeField(
        allow_null=True, help_text="When that event was: `after_at` of the changes from there."
    )
    made_at = serializers.DateTimeField()
    files = ExportFileSerializer(many=True)
    changes = serializers.URLField(help_text="What came after it.")
    license = serializers.URLField()

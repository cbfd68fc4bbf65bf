"""The glossary as a table."""

from django.core.exceptions import ValidationError

from topics import publishing
from topics.bulk.base import Table, TextField
from topics.models import GlossaryTerm, Topic

PARTED = "; "


class _Variants(TextField):
    def get_value(self, instance):
        return PARTED.join(instance.variants)

    def save(self, instance, row, is_m2m=False, **kwargs):
        parts = (part.strip() for part in row[self.column_name].split(PARTED.strip()))
        instance.variants = list(dict.fromkeys(part for part in parts if part))


class _Topic(TextField):
    def get_value(self, instance):
        return instance.topic.slug if instance.topic else ""

    def save(self, instance, row, is_m2m=False, **kwargs):
        slug = row[self.column_name]
        instance.topic = Topic.at(slug) if slug else None
        if slug and instance.topic is None:
            raise ValidationError({self.column_name: f"There is no topic “{slug}”."})


class GlossaryTable(Table):
    """A row is known by its term, whatever its capitals. Variants are parted by semicolons."""

    KEY = ("term",)

    term = TextField("term", "term")
    abbreviation = TextField("abbreviation", "abbreviation")
    variants = _Variants("variants", "variants")
    definition = TextField("definition", "definition")
    topic = _Topic("topic", "topic")

    class Meta(Table.Meta):
        model = GlossaryTerm
        fields = ("term", "abbreviation", "variants", "definition", "topic")
        import_id_fields = ("term",)

    def find(self, row):
        found = GlossaryTerm.objects.select_related("topic")
        return found.filter(term__iexact=row["term"]).first()

    def save_by(self, user, instance, is_create):
        publishing.save_term(instance, actor=user)

"""The codes of all topics as a table. Importing it changes drafts, one revision for each topic."""

from django.core.exceptions import ValidationError
from django.db.models import Max

from topics import publishing
from topics.bulk.base import Table, TextField
from topics.models import Code, Topic
from topics.models.rows import save_checked

YES, NO = {"yes", "true", "1"}, {"no", "false", "0"}
NOTE = "Codes imported from a table"


class _Topic(TextField):
    def get_value(self, instance):
        return instance.topic.slug if instance.topic_id else ""

    def save(self, instance, row, is_m2m=False, **kwargs):
        slug = row[self.column_name]
        topic = Topic.at(slug)
        if topic is None:
            raise ValidationError({self.column_name: f"There is no topic “{slug}”."})
        instance.topic = topic


class _YesNo(TextField):
    def get_value(self, instance):
        return "yes" if instance.verified else "no"

    def save(self, instance, row, is_m2m=False, **kwargs):
        word = row[self.column_name].lower()
        if word not in YES | NO:
            raise ValidationError({self.column_name: f"“{word}” is neither yes nor no."})
        instance.verified = word in YES


class CodesTable(Table):
    """A row is known by topic, system and code. What the table does not name stays as it is."""

    KEY = ("topic", "system", "code")

    topic = _Topic("topic", "topic")
    system = TextField("system", "system")
    code = TextField("code", "code")
    label = TextField("label", "label")
    match = TextField("match", "match")
    verified = _YesNo("verified", "verified")

    class Meta(Table.Meta):
        model = Code
        fields = ("topic", "system", "code", "label", "match", "verified")
        import_id_fields = ("topic", "system", "code")

    def find(self, row):
        found = Code.objects.select_related("topic")
        return found.filter(
            topic=Topic.at(row["topic"]), system=row["system"], code=row["code"]
        ).first()

    def save_by(self, user, instance, is_create):
        opts = Topic.class_for(instance.topic.kind)._meta
        self.refuse_unless(user, f"{opts.app_label}.change_{opts.model_name}", "change this topic")
        verb = "add" if is_create else "change"
        self.refuse_unless(user, f"topics.{verb}_code", f"{verb} codes")
        if is_create:
            last = instance.topic.codes.aggregate(last=Max("position"))["last"]
            instance.position = 0 if last is None else last + 1
        save_checked(instance)

    def after_import(self, dataset, result, user=None, **kwargs):
        topics = {code.topic_id: code.topic for code, _ in self._saved}
        if topics:
            publishing.save_revisions(list(topics.values()), author=user, note=NOTE)

"""From a recognised article to a draft, which is a topic like any other."""

from django.core.exceptions import ValidationError
from django.db import transaction

from topics import documents, publishing
from topics.articles.recognising import Article
from topics.errors import Invalid, NotPermitted
from topics.models import Topic


def required_facts(kind: str) -> list:
    """Return the fields that each topic of a kind must have, beside those of every topic."""
    model = Topic.class_for(kind)
    fields = (model._meta.get_field(name) for name in model.FACTS)
    return [
        field
        for field in fields
        if not (field.many_to_many or field.blank or field.null or field.has_default())
    ]


def may_import(user, kind: str) -> bool:
    """Return whether somebody may make topics of a kind."""
    opts = Topic.class_for(kind)._meta
    return user.has_perm(f"{opts.app_label}.add_{opts.model_name}")


def may_import_any(user) -> bool:
    kinds = (model.KIND for model in (Topic, *Topic.__subclasses__()))
    return user.has_perm("topics.change_topic") and any(may_import(user, kind) for kind in kinds)


def report(article: Article, name: str = "") -> str:
    """Return in a sentence what became of an article, for the history of its draft."""
    left_out = ", ".join(f"{what} ({count})" for what, count in article.left_out.items())
    return (
        f"Imported{f' from {name}' if name else ''}: {_many(len(article.parts), 'section')}, "
        f"{_many(article.statements, 'statement')}, all uncited. "
        f"Left out: {left_out or 'nothing'}."
    )


def _many(number: int, what: str) -> str:
    return f"{number} {what}{'' if number == 1 else 's'}"


@transaction.atomic
def draft(article: Article, *, author, name: str = "", **fields) -> Topic:
    """Make a draft of an article, keep it as its first revision, and return the topic.

    `fields` are kind, slug, title, summary, areas and facts. Raises Invalid, NotPermitted or
    another PublishingError; then nothing was made.
    """
    kind, slug = fields["kind"], fields["slug"]
    if not may_import(author, kind):
        raise NotPermitted("You may not add topics of this kind.")
    if Topic.at(slug):
        raise Invalid(f"There is a topic at the address {slug} already. Choose another one.")
    sections = [
        {"kind": part.kind, "heading": part.heading, "body": part.body} for part in article.parts
    ]
    try:
        # A new topic in any case: without a topic that is known, none is overwritten.
        (topic,) = documents.load_all([{"schema": 1, **fields, "sections": sections}], {})
    except ValidationError as error:
        raise Invalid("; ".join(error.messages)) from error
    publishing.save_revision(topic, author=author, note=report(article, name))
    return topic

"""People, topics and filled-in forms for the tests of the admin, made by the real functions."""

from django.contrib.auth import get_user_model
from django.contrib.auth.models import Group
from django.forms import CheckboxInput
from django.test import Client

from references.models import Reference
from therapies.models import Agent, Complication, Condition, Therapy
from topics import publishing
from topics.models import Section, Topic

GROUPS = {
    "author": ["Author"],
    "reviewer": ["Clinical reviewer"],
    "editor": ["Editor"],
    # Somebody with every right to work, so that only four eyes can stop them.
    "all-rounder": ["Author", "Clinical reviewer", "Editor"],
    "administrator": [],
}


def person(role: str):
    """Return the account of a role, the same one each time."""
    user, created = get_user_model().objects.get_or_create(
        username=role,
        defaults={
            "first_name": "Dr",
            "last_name": role.capitalize(),
            "is_staff": True,
            "is_superuser": role == "administrator",
        },
    )
    if created:
        user.groups.set(Group.objects.filter(name__in=GROUPS[role]))
    return user


def logged_in(role: str) -> Client:
    client = Client()
    client.force_login(person(role))
    return client


def reference(key: str = "smith2020") -> Reference:
    csl = {"type": "article-journal", "title": f"Paper {key}", "DOI": f"10.1000/{key}"}
    return Reference.objects.get_or_create(key=key, defaults={"csl": csl})[0]


BASICS = {"areas": ["biology"], "summary": "It is explained here."}


def overview(slug: str = "stem-cells", body: str = "Cells divide. [@smith2020]") -> Topic:
    """Return a saved draft with one section."""
    reference()
    return _saved(Topic(slug=slug, title=slug.replace("-", " ").capitalize(), **BASICS), body)


def therapy(slug: str = "transplant", body: str = "It cures.") -> Therapy:
    return _saved(
        Therapy(slug=slug, title="Transplant", category="transplantation", **BASICS), body
    )


def condition(slug: str = "leukemia") -> Condition:
    return _saved(
        Condition(slug=slug, title="Leukemia", category="malignant", **BASICS), "It kills."
    )


def agent(slug: str = "busulfan") -> Agent:
    return _saved(Agent(slug=slug, title="Busulfan", drug_class="Alkylator", **BASICS), "It kills.")


def complication(slug: str = "relapse") -> Complication:
    found = Complication(slug=slug, title="Relapse", category="relapse", **BASICS)
    return _saved(found, "It returns.")


def _saved(topic, body: str):
    topic.save()
    topic.full_clean()
    Section.objects.create(topic_id=topic.pk, heading="What is it?", body=body)
    publishing.save_revision(topic, author=person("author"))
    return topic


def submitted(topic: Topic) -> Topic:
    publishing.submit(topic, actor=person("author"))
    return topic


def approved(topic: Topic) -> Topic:
    submitted(topic)
    publishing.review(
        topic.revisions.last(), reviewer=person("reviewer"), verdict="approve", interests="none",
        whole_text=True,
    )  # fmt: skip
    return topic


def published(topic: Topic) -> Topic:
    approved(topic)
    publishing.publish(topic, publisher=person("editor"), change_note="First text.")
    return topic


def form_url(topic: Topic) -> str:
    model = type(topic)._meta
    return f"/admin/{model.app_label}/{model.model_name}/{topic.pk}/change/"


def step_url(topic: Topic, name: str) -> str:
    return f"/admin/topics/topic/{topic.pk}/step/{name}/"


def filled_in(response) -> dict:
    """Return what a browser would send if nobody touched the form on a page of the admin."""
    data = _values(response.context["adminform"].form)
    for wrapped in response.context["inline_admin_formsets"]:
        data |= _values(wrapped.formset.management_form)
        for form in wrapped.formset.forms:
            data |= _values(form)
    return data


def _values(form) -> dict:
    data = {}
    for bound in form:
        value = bound.value()
        if isinstance(bound.field.widget, CheckboxInput):
            data |= {bound.html_name: "on"} if value else {}
        elif value is not None:
            # Browsers send line ends of their own.
            data[bound.html_name] = value.replace("\n", "\r\n") if isinstance(value, str) else value
            if bound.field.show_hidden_initial:
                data[bound.html_initial_name] = value
    return data


def save(client: Client, url: str, **changes):
    """Open a form, change some fields (`__` for `-` in their names), and send it."""
    data = filled_in(client.get(url))
    data |= {name.replace("__", "-"): value for name, value in changes.items()}
    return client.post(url, data)


def new_row(prefix: str, number: int, **values) -> dict:
    """Return the fields of a row that is added to a table with `number` rows."""
    fields = {f"{prefix}-{number}-{name}": value for name, value in values.items()}
    return {f"{prefix}-TOTAL_FORMS": number + 1, **fields}


def knowingly(client: Client, url: str, **sent) -> dict:
    """Return what is sent to publish, with a tick at each thing that should be mended first."""
    form = (client.post(url, sent) if sent else client.get(url)).context["form"]
    return sent | {"although": [value for value, _ in form.fields["although"].choices]}


def said(response) -> str:
    """Return the messages and all else on the page that a step led to, as text."""
    return response.content.decode()

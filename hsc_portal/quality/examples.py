"""Examples of what the starter content cannot show yet: reviewed, changed, retracted, withdrawn.

They say that they are examples, so that no picture claims of a real topic or publication what is
not so.
"""

import json
import subprocess
import sys
from datetime import date

import django

from hsc_portal import database
from hsc_portal.quality.serving import VAR

# The numbers of the drafts by what stands next for them, for whoever looks at the desk.
DRAFTS = VAR / "drafts.json"
NOTE = "The dose was made plainer, and a publication added."
MADE_UP = {
    "id": "example2024",
    "type": "article-journal",
    "title": "A publication that exists in this example only",
    "author": [{"family": "Example", "given": "Erna"}],
    "container-title": "Journal of Examples",
    "issued": {"date-parts": [[2024]]},
}
PATTERN = "g-csf-mobilization"
REWORDED = ("About 15% of patients", "Some 15% of patients and donors of great age")
ADDED = "\n- An example of a statement whose source was retracted. [@example2024]{certainty=low}"


def make() -> None:
    """Publish the examples in the portal that is running.

    In a process of its own: Django refuses the database beside a loop like that of the browser.
    """
    subprocess.run([sys.executable, "-m", __name__], check=True)


def main() -> None:
    django.setup()
    with database.lease():
        _publish()


def _publish() -> None:
    from references.models import Reference
    from topics import publishing
    from topics.content import loader_account

    Reference.objects.create(key=MADE_UP["id"], csl=MADE_UP)
    topic = _topic("example-of-a-reviewed-topic", "Example of a reviewed topic")
    gone = _topic("example-of-a-withdrawn-topic", "Example of a withdrawn topic")
    publishing.publish_unreviewed(
        [topic, gone], publisher=loader_account(), change_note="Starter content"
    )
    _publish_reviewed(topic)
    publishing.withdraw(gone, actor=_person("editor"), reason="An example of a reason.")
    publishing.record_reference_status(
        Reference.objects.get(key=MADE_UP["id"]), actor=_person("editor"), status="retracted",
        on=date(2026, 5, 4), notice="An example of a notice.",
    )  # fmt: skip
    _pair(topic)
    approved = _topic("example-of-an-approved-topic", "Example of an approved topic")
    _approve(approved)
    _submit_anew(topic)
    typed = MADE_UP | {"title": "A publication that exists in this example alone"}
    Reference.objects.create(key="example2024b", csl=typed)
    DRAFTS.write_text(json.dumps({"review": topic.pk, "publish": approved.pk}))


def _topic(slug: str, title: str):
    """Return a draft with the words of a real topic under a name of its own."""
    from topics import documents, publishing
    from topics.content import loader_account
    from topics.models import Listing

    pattern = Listing.objects.get(slug=PATTERN).edition.revision.document
    own = {"slug": slug, "title": title, "synonyms": [], "codes": []}
    topic = documents.load({**pattern, **own})
    publishing.save_revision(topic, author=loader_account())
    return topic


def _publish_reviewed(topic) -> None:
    """Publish the topic anew as people do it: one writes, one reviews, one publishes."""
    from topics import publishing

    section = topic.sections.first()
    section.body = section.body.replace(*REWORDED) + ADDED
    section.save()
    _approve(topic)
    publishing.publish(topic, publisher=_person("editor"), change_note=NOTE)


def _pair(topic) -> None:
    """Give the topic a partner network and a partner site."""
    from references.models import Partner
    from topics import partnering

    described = "An example of a network whose pages go with a topic."
    network = Partner(name="Example network", slug="example-network", kind="network",
                      url="https://network.example/", description=described)  # fmt: skip
    site = Partner(name="Example site", slug="example-site", url="https://site.example/")
    for partner in (network, site):
        partner.full_clean()
        partner.save()
    partnering.pair(topic, [network, site])


def _approve(topic) -> None:
    from topics import publishing

    asked = publishing.submit(topic, actor=_person("author"))
    publishing.review(
        asked.revision, reviewer=_person("reviewer"), verdict="approve", interests="None declared.",
        whole_text=True,
    )  # fmt: skip


def _submit_anew(topic) -> None:
    """Change a published topic and ask for a review, with a remark that awaits an answer."""
    from topics import publishing
    from topics.desk import discussing

    section = topic.sections.first()
    section.body = section.body.replace("donors of great age", "older donors")
    section.save()
    publishing.save_revision(topic, author=_person("author"))
    asked = publishing.submit(topic, actor=_person("author"), note="An example of a note.")
    discussing.remark(asked.revision, actor=_person("reviewer"), text="An example of a remark.")


def _person(role: str):
    from django.contrib.auth import get_user_model

    return get_user_model().objects.get(username=role)


if __name__ == "__main__":
    main()

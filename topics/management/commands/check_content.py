import json
from collections import Counter, defaultdict
from dataclasses import asdict
from pathlib import Path

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError

from references.models import Reference
from topics import checking, content, contentfile, documents
from topics.models import Listing


class Command(BaseCommand):
    help = (
        "Check the content files, or with --published what readers see now: citations, links, "
        "sections, codes, windows, long or hard text, and the work that is left to do. "
        "Exits with 1 if there are errors."
    )
    requires_system_checks = ()

    def add_arguments(self, parser):
        parser.add_argument(
            "--folder", type=Path, default=settings.BASE_DIR,
            help="folder that holds topics/content, therapies/content and references/content",
        )  # fmt: skip
        parser.add_argument("--published", action="store_true", help="check the database instead")
        parser.add_argument("--format", choices=["text", "json"], default="text")
        parser.add_argument("--topic", help="show the findings of one page only")
        parser.add_argument(
            "--level", choices=checking.LEVELS, default=checking.WORK,
            help="the least grave findings to show",
        )  # fmt: skip

    def handle(self, *, folder, published, topic, level, format, **options):
        collection, findings = of_database() if published else of_files(folder)
        findings += checking.check(collection)
        if topic and topic not in collection.topics:
            raise CommandError(f"There is no topic {topic}.")
        findings = [finding for finding in findings if topic in (None, finding.topic)]
        counts = Counter(f"{finding.level}: {finding.check}" for finding in findings)
        errors = sum(finding.level == checking.ERROR for finding in findings)
        shown = checking.LEVELS[: checking.LEVELS.index(level) + 1]
        findings = [finding for finding in findings if finding.level in shown]
        if format == "json":
            report = {
                "topics": 1 if topic else len(collection.documents),
                "counts": dict(sorted(counts.items())),
            }
            report["findings"] = [asdict(finding) for finding in findings]
            self.stdout.write(json.dumps(report, indent=1, ensure_ascii=False))
        else:
            self.stdout.write(as_text(findings, counts, 1 if topic else len(collection.topics)))
        if errors:
            raise CommandError(f"{errors} {'error' if errors == 1 else 'errors'}; see above.")


def of_files(folder: Path) -> tuple[checking.Collection, list[checking.Finding]]:
    """Return what the files hold, and an error for each one that cannot be read."""
    found, faults = {}, []
    for kind, path in content.topic_files(folder):
        try:
            document = content.read_topic(kind, path)
            documents.add_statements(document)
            found[path.stem] = document
        except ValidationError as error:
            faults += [
                checking.Finding(checking.ERROR, "unreadable", path.stem, path.name, message)
                for message in error.messages
            ]
    if not found and not faults:
        raise CommandError(f"There are no content files in {folder}. Name the project's folder.")
    library, glossary = folder / content.REFERENCES, folder / content.GLOSSARY
    items = json.loads(library.read_text()) if library.exists() else []
    terms = contentfile.read_yaml(glossary.read_text()) if glossary.exists() else []
    unreadable = {fault.topic for fault in faults}
    return checking.Collection(found, {item["id"] for item in items}, terms, unreadable), faults


def of_database() -> tuple[checking.Collection, list[checking.Finding]]:
    """Return what readers see now."""
    listings = Listing.objects.select_related("edition__revision")
    found = {one.slug: documents.read(one.edition.revision.document) for one in listings}
    keys = set(Reference.objects.values_list("key", flat=True))
    return checking.Collection(found, keys, contentfile.read_yaml(content.glossary_text())), []


def as_text(findings: list[checking.Finding], counts: Counter, topics: int) -> str:
    """Return the report: the findings page by page, then how many there are of each."""
    pages = defaultdict(list)
    for finding in findings:
        place = f"{finding.place}: " if finding.place else ""
        line = f"  {finding.level:7}  {finding.check:17}  {place}{finding.message}"
        pages[finding.topic].append(line)
    lines = []
    for page in sorted(pages):
        lines += [page or "(all pages)", *pages[page], ""]
    lines.append(f"{topics} {'page' if topics == 1 else 'pages'} checked.")
    lines += [f"{count:6}  {name}" for name, count in sorted(counts.items())]
    return "\n".join(lines)

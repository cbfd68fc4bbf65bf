"""Ask each operation of the API once, for the examples of its description.

`python -m hsc_portal.quality.api_examples` asks a portal with the starter content. Answers are
shortened: one row of a list, and what is long in it cut.
"""

import contextlib
import json
import sys
import urllib.parse
import urllib.request

import yaml

from hsc_portal.quality.serving import PROJECT, portal

# Where describing.py reads them.
EXAMPLES = PROJECT / "hsc_portal" / "api_examples.yaml"
PUBLIC = "https://hsc.example"
MOST_ROWS, MOST_LETTERS, MOST_NAMES = 1, 400, 6

# What is asked: the path, and the parameters in it and behind it, by operation.
ASKED: dict[str, tuple[str, dict[str, str]]] = {
    "root": ("", {}),
    "topics_list": ("topics/", {"kind": "therapy", "certainty": "high"}),
    "topics_retrieve": ("topics/{slug}/", {"slug": "stem-cell-niche"}),
    "topics_editions_list": ("topics/{slug}/editions/", {"slug": "stem-cell-niche"}),
    "topics_editions_retrieve": (
        "topics/{slug}/editions/{number}/", {"slug": "stem-cell-niche", "number": "1"},
    ),
    "therapies_list": ("therapies/", {"agent": "plerixafor"}),
    "therapies_retrieve": ("therapies/{slug}/", {"slug": "plerixafor-g-csf-mobilization"}),
    "agents_list": ("agents/", {"code_system": "ATC"}),
    "agents_retrieve": ("agents/{slug}/", {"slug": "plerixafor"}),
    "conditions_list": ("conditions/", {"category": "malignant"}),
    "conditions_retrieve": ("conditions/{slug}/", {"slug": "osteopetrosis"}),
    "complications_list": ("complications/", {"category": "graft"}),
    "complications_retrieve": ("complications/{slug}/", {"slug": "graft-failure"}),
    "statements_list": ("statements/", {"topic": "plerixafor", "certainty": "high"}),
    "indications_list": ("indications/", {"scheme": "EBMT", "option": "MSD"}),
    "indications_compare": ("indications/compare/", {"condition": "multiple-myeloma"}),
    "codes_list": ("codes/", {"system": "ICD-10-CM", "code": "D89.810"}),
    "references_list": ("references/", {"year_min": "2022", "study_type": "guideline"}),
    "references_retrieve": ("references/{key}/", {"key": "dipersio2009nhl"}),
    "search": ("search/", {"q": "when does SOS appear"}),
    "search_suggestions": ("search/suggestions/", {"q": "moz"}),
    "changes_list": ("changes/", {"after": "0"}),
    "export": ("export/", {}),
    "problems_retrieve": ("problems/{name}/", {"name": "withdrawn"}),
}  # fmt: skip


def main() -> None:
    # Another portal that runs already may be named.
    with contextlib.nullcontext(sys.argv[1]) if sys.argv[1:] else portal() as address:
        found = {name: asked(address, *question) for name, question in ASKED.items()}
        found |= linked(address)
    EXAMPLES.write_text(yaml.safe_dump(found, allow_unicode=True, sort_keys=False, width=100))
    print(f"{len(found)} examples in {EXAMPLES}")


def asked(address: str, path: str, values: dict[str, str]) -> dict:
    """Return an example: what was asked, and the shortened answer."""
    query = {name: value for name, value in values.items() if f"{{{name}}}" not in path}
    url = f"{address}/api/v1/{path.format(**values)}"
    url += f"?{urllib.parse.urlencode(query)}" if query else ""
    with urllib.request.urlopen(url, timeout=60) as answer:
        data = json.loads(answer.read().decode().replace(address, PUBLIC))
    if not data.get("results", True):
        sys.exit(f"{url} finds nothing: ask something else.")
    return {"asked": values, "answer": shortened(data)}


def linked(address: str) -> dict[str, dict]:
    """Return examples of what only has a name once it is there."""
    found = {}
    for name, listed in (("statements_retrieve", "statements_list"),
                         ("indications_retrieve", "indications_list")):  # fmt: skip
        path, values = ASKED[listed]
        row = asked(address, path, values)["answer"]["results"][0]
        parts = urllib.parse.urlsplit(row["url"]).path.strip("/").split("/")[-2:]
        own = "anchor" if name.startswith("statements") else "cell"
        pattern = f"{path}{{slug}}/{{{own}}}/"
        found[name] = asked(address, pattern, {"slug": parts[0], own: parts[1]})
    return found


def shortened(data):
    """Return data with fewer rows, names and words, of the same form."""
    if isinstance(data, list):
        if all(isinstance(one, int) for one in data):  # two ends, or a date
            return data
        return [shortened(one) for one in data[:MOST_ROWS]]
    if isinstance(data, dict):
        # A table of names (slugs, keys) rather than an object of fields.
        names = list(data)
        if len(names) > MOST_NAMES and all("-" in name or name[-1].isdigit() for name in names):
            data = {name: data[name] for name in names[:MOST_NAMES]}
        return {name: shortened(value) for name, value in data.items()}
    if isinstance(data, str) and len(data) > MOST_LETTERS and not data.startswith("http"):
        return f"{data[:MOST_LETTERS]} …"
    return data


if __name__ == "__main__":
    main()

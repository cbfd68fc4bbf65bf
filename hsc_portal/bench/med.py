"""Make a collection of the MED test set: `python -m hsc_portal.bench.med FOLDER TO`.

FOLDER has MED.ALL, MED.QRY and MED.REL as they are distributed; TO gets the files that
`hsc_portal.bench.search` reads. The set is for research, and no part of the portal.
"""

import json
import re
import sys
from pathlib import Path


def texts(path: Path) -> dict[str, str]:
    """Return the texts of a file of `.I` numbers and `.W` words, by number."""
    parts = re.split(r"^\.I ", path.read_text(), flags=re.MULTILINE)[1:]
    return {
        number.strip(): words.partition(".W\n")[2]
        for number, _, words in (part.partition("\n") for part in parts)
    }


def main(folder: Path, to: Path) -> None:
    to.mkdir(parents=True, exist_ok=True)
    documents = [
        json.dumps({"id": number, "title": "", "text": words})
        for number, words in texts(folder / "MED.ALL").items()
    ]
    queries = [
        f"{number}\t{' '.join(words.split())}"
        for number, words in texts(folder / "MED.QRY").items()
    ]
    (to / "docs.jsonl").write_text("\n".join(documents) + "\n")
    (to / "queries.tsv").write_text("\n".join(queries) + "\n")
    (to / "qrels.txt").write_text((folder / "MED.REL").read_text())


if __name__ == "__main__":
    if len(sys.argv) != 3:
        sys.exit("Name the folder of the MED files and the one to write to.")
    main(Path(sys.argv[1]), Path(sys.argv[2]))

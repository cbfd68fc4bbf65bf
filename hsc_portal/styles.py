"""The styles of pages, written into them: a page that waits for no other file is painted sooner.

A phone on a slow network waits a sixth of a second for each file. What is written into a page is
compressed with it; the policy for content allows just these styles, by their digests.
"""

import base64
import hashlib
import re
from functools import cache
from pathlib import Path

FOLDER = Path(__file__).resolve().parent.parent / "static" / "css"
COMMENT = re.compile(r"/\*.*?\*/", re.DOTALL)
SPACE = re.compile(r"\s*\n\s*")


@cache
def written(name: str) -> str:
    """Return a style sheet of `static/css/` by its name, without comments and indentation."""
    return SPACE.sub("\n", COMMENT.sub("", (FOLDER / f"{name}.css").read_text())).strip()


@cache
def digests() -> list[str]:
    """Return what a Content-Security-Policy calls each style that a page may have."""
    names = sorted(path.stem for path in FOLDER.glob("*.css"))
    return [digest(written(name)) for name in names]


def digest(style: str) -> str:
    """Return what a Content-Security-Policy calls a style."""
    return f"'sha256-{base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()}'"

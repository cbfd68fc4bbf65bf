"""Downloading an export, each file of which must be what its manifest says."""

from pathlib import Path

from hsc_portal_client.client import Client
from hsc_portal_client.errors import NotFound, NotProven

# A set of files is kept for days; but it may be put away just before it is asked for.
ATTEMPTS = 3


def download(client: Client, folder: Path) -> tuple[dict, dict[str, Path]]:
    """Download the newest export. Return its manifest and where its files are, by their names."""
    for attempt in range(1, ATTEMPTS + 1):
        told = client.export()
        try:
            return told, {file["name"]: _file(client, file, folder) for file in told["files"]}
        except (NotFound, NotProven):
            if attempt == ATTEMPTS:
                raise
    raise AssertionError


def _file(client: Client, told: dict, folder: Path) -> Path:
    path = folder / f"{told['name']}.ndjson"
    with path.open("wb") as file:
        size, digest = client.transport.download(told["url"], file)
    if (size, digest) != (told["bytes"], told["sha256"]):
        raise NotProven(f"{told['url']} has {size} bytes and the sha256 {digest}: not as promised.")
    return path

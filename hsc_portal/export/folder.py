"""The folder of an export: there as a whole, or not at all."""

import json
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

# Lies in each export and says what it is; a folder without it is somebody's own.
MARK = "export.json"


class ExportError(Exception):
    """The portal cannot be exported; the text is for people."""


@contextmanager
def replacing(folder: Path) -> Iterator[Path]:
    """Give an empty folder to write to; when all went well, put it in the place of `folder`.

    Until then an earlier export stays as it is. Raises ExportError if `folder` holds anything else.
    """
    folder = folder.resolve()
    _refuse_what_is_no_export(folder)
    new = folder.parent / f".{folder.name}.new-{os.getpid()}"
    old = folder.parent / f".{folder.name}.old-{os.getpid()}"
    try:
        new.mkdir(parents=True)
    except OSError as error:
        raise ExportError(f"{folder.parent} cannot be written to: {error.strerror}.") from error
    try:
        yield new
        _exchange(folder, new, old)
    finally:
        shutil.rmtree(new, ignore_errors=True)
        shutil.rmtree(old, ignore_errors=True)


def _exchange(folder: Path, new: Path, old: Path) -> None:
    had_one = folder.exists()
    if had_one:
        folder.rename(old)
    try:
        new.rename(folder)
    except OSError:
        if had_one:
            old.rename(folder)
        raise


def _refuse_what_is_no_export(folder: Path) -> None:
    if not folder.exists():
        return
    if not folder.is_dir():
        raise ExportError(f"{folder} is a file. Name a folder.")
    if any(folder.iterdir()) and not (folder / MARK).exists():
        raise ExportError(
            f"{folder} holds other files, which an export would remove. Name a new folder."
        )


def mark(folder: Path, told: dict) -> None:
    """Write what an export is into it."""
    (folder / MARK).write_text(json.dumps(told, indent=1, ensure_ascii=False) + "\n")

"""Tables as files: CSV, XLSX (Excel) and JSON."""

import csv
import io
import json
import re
import zipfile

from django.core.exceptions import ValidationError
from openpyxl import load_workbook
from tablib import Dataset

FORMATS = {
    "csv": ("CSV", "text/csv; charset=utf-8"),
    "xlsx": ("XLSX (Excel)", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
    "json": ("JSON", "application/json"),
}
MAX_BYTES, MAX_UNPACKED, MAX_ROWS = 5 * 1024 * 1024, 50 * 1024 * 1024, 10_000
MAX_COLUMNS = 50
# What a spreadsheet would take for a formula, and run.
_FORMULA = re.compile(r"^'*[=+\-@\t\r]")


def read(name: str, content: bytes) -> Dataset:
    """Return the table in a file, all cells as text. Raises ValidationError for the editor."""
    if len(content) > MAX_BYTES:
        raise ValidationError("The file has more than 5 MB. Import it in parts.")
    if content.startswith(b"PK"):
        return _dataset([[_freed(cell) for cell in row] for row in _from_xlsx(content)])
    if content.lstrip()[:1] in {b"[", b"{"} or name.lower().endswith(".json"):
        return _dataset(_from_json(content))
    return _dataset([[_freed(cell) for cell in row] for row in _from_csv(content)])


def write(dataset: Dataset, form: str) -> bytes:
    """Return a table as a file of a format."""
    if form == "json":
        return (json.dumps(dataset.dict, ensure_ascii=False, indent=1) + "\n").encode()
    held = Dataset(*([_held(cell) for cell in row] for row in dataset), headers=dataset.headers)
    if form == "csv":
        # With the mark by which Excel knows that it is UTF-8.
        return b"\xef\xbb\xbf" + held.export("csv").encode()
    return held.export("xlsx")


def _held(cell: str) -> str:
    return f"'{cell}" if _FORMULA.match(cell) else cell


def _freed(cell):
    """Return a cell without the apostrophe that kept it from being a formula."""
    is_held = isinstance(cell, str) and cell[:1] == "'" and _FORMULA.match(cell)
    return cell[1:] if is_held else cell


def _plain(cell) -> str:
    """Return a cell as text, whatever a spreadsheet or JSON made of it."""
    if cell is None:
        return ""
    if isinstance(cell, bool):
        return "yes" if cell else "no"
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    if isinstance(cell, list) and all(isinstance(part, str) for part in cell):
        return "; ".join(cell)
    if isinstance(cell, (dict, list)):
        return json.dumps(cell, ensure_ascii=False)
    return str(cell).replace("\r\n", "\n").replace("\0", "").strip()


def _dataset(rows: list[list]) -> Dataset:
    rows = [[_plain(cell) for cell in row] for row in rows]
    if not rows or not any(rows[0]):
        raise ValidationError("The file has no rows. The first one must name the columns.")
    headers = rows[0]
    while headers and not headers[-1]:
        headers.pop()
    if len(set(headers)) < len(headers):
        raise ValidationError("Two columns have the same name.")
    if len(rows) > MAX_ROWS + 1:
        raise ValidationError(
            f"The file has {len(rows) - 1:,} rows, of at most {MAX_ROWS:,}. Import it in parts."
        )
    table = Dataset(headers=headers)
    for number, row in enumerate(rows[1:], 2):
        if any(row[len(headers) :]):
            raise ValidationError(f"Row {number} has more cells than there are columns.")
        table.append([*row, *[""] * len(headers)][: len(headers)])
    return table


def _from_csv(content: bytes) -> list[list]:
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = content.decode("cp1252", errors="replace")
    if "\0" in text:
        raise ValidationError("This is no table. CSV, XLSX and JSON can be read.")
    first = text.partition("\n")[0]
    delimiter = max(",;\t", key=first.count)
    try:
        return [row for row in csv.reader(io.StringIO(text), delimiter=delimiter, strict=True)
                if any(row)]  # fmt: skip
    except csv.Error as error:
        raise ValidationError(f"The CSV cannot be read: {error}.") from error


def _from_xlsx(content: bytes) -> list[list]:
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as parts:
            if sum(part.file_size for part in parts.infolist()) > MAX_UNPACKED:
                raise ValidationError("Unpacked, the file is too large. Import it in parts.")
        book = load_workbook(io.BytesIO(content), read_only=True, data_only=True)
        sheet = book.worksheets[0]
        # What a file says of its size may be a lie; each cell of that would be made.
        sheet.reset_dimensions()
        rows = [list(row) for row in sheet.iter_rows(
            max_row=MAX_ROWS + 2, max_col=MAX_COLUMNS, values_only=True
        )]  # fmt: skip
    except ValidationError:
        raise
    # A damaged file comes to light in many ways.
    except Exception as error:
        raise ValidationError("This is no Excel file (XLSX) that can be read.") from error
    return [row for row in rows if any(cell is not None for cell in row)]


def _from_json(content: bytes) -> list[list]:
    try:
        entries = json.loads(content)
    except (ValueError, RecursionError) as error:
        raise ValidationError(f"The JSON cannot be read: {error}.") from error
    is_table = isinstance(entries, list) and all(isinstance(entry, dict) for entry in entries)
    if not is_table:
        raise ValidationError("The JSON must be a list of objects, one for each row.")
    if len(entries) > MAX_ROWS:
        raise ValidationError(f"There are more than {MAX_ROWS:,} rows. Import them in parts.")
    headers = list(dict.fromkeys(name for entry in entries for name in entry))
    if len(headers) > MAX_COLUMNS:
        raise ValidationError(f"There are more than {MAX_COLUMNS} columns.")
    return [headers, *([entry.get(name, "") for name in headers] for entry in entries)]

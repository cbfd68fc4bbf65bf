"""Static files as they are collected."""

import re

from django.conf import settings
from django.core.files.storage import FileSystemStorage

from hsc_portal.static_files import CollectedFiles


def test_a_script_names_another_one_as_pages_do(tmp_path):
    """Else a browser would load it twice, and run it twice."""
    source = FileSystemStorage(settings.BASE_DIR / "static")
    collected = CollectedFiles(location=tmp_path, base_url="/static/")
    names = ("js/offline.js", "js/suggest.js")
    for name in names:
        collected.save(name, source.open(name))

    list(collected.post_process({n: (collected, n) for n in names}))

    suggest = collected.stored_name("js/suggest.js").removeprefix("js/")
    with collected.open(collected.stored_name("js/offline.js")) as script:
        imported = re.findall(r'import\("\./([^"]+)"\)', script.read().decode())
    assert suggest != "suggest.js"
    assert imported == [suggest]

"""Static files as they are collected."""

import re

from django.conf import settings
from django.core.files.storage import FileSystemStorage

from hsc_portal.static_files import CollectedFiles


def test_a_script_names_another_one_as_pages_do(tmp_path):
    """Else a browser would load it twice, and run it twice."""
    source = FileSystemStorage(settings.BASE_DIR / "static")
    collected = CollectedFiles(location=tmp_path, base_url="/static/")
    for name in ("js/map.js", "js/offline.js"):
        collected.save(name, source.open(name))

    list(collected.post_process({n: (collected, n) for n in ("js/map.js", "js/offline.js")}))

    offline = collected.stored_name("js/offline.js").removeprefix("js/")
    with collected.open(collected.stored_name("js/map.js")) as script:
        imported = re.findall(r'from "\./([^"]+)"', script.read().decode())
    assert offline != "offline.js"
    assert imported == [offline]

"""Static files as `collectstatic` gathers them: compressed, and each with a digest in its name."""

from whitenoise.storage import CompressedManifestStaticFilesStorage


class CollectedFiles(CompressedManifestStaticFilesStorage):
    # A script that imports another names it as pages do, so that browsers load it once.
    support_js_module_import_aggregation = True

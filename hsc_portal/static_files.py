"""Static files as `collectstatic` gathers them: compressed, and each with a digest in its name."""

from collections.abc import Iterable, Iterator

from whitenoise.storage import CompressedManifestStaticFilesStorage

# Folders of libraries: a second viewer of the API, and pages that it does not have.
NEVER_SERVED = ["redoc", "rest_framework"]


class CollectedFiles(CompressedManifestStaticFilesStorage):
    # A script that imports another names it as pages do, so that browsers load it once.
    support_js_module_import_aggregation = True

    def compress_files(self, paths: Iterable[str]) -> Iterator[tuple[str, str]]:
        """Compress what pages name; a file without a digest is only for the page of an error."""
        return super().compress_files(set(paths) & set(self.hashed_files.values()))

"""Measure how good search is, on a judged collection: `make bench-search COLLECTION=<folder>`.

The collection is published into a scratch database by the portal's own functions, and each query is
asked as a reader would. Beside it stands BM25 from the library bm25s, on the same text in the same
run, and our search with the semantic layer where that is installed. Printed are nDCG@10, average
precision, recall at 100, and queries without any hit.
"""

import os
import sys
import time
from pathlib import Path

from hsc_portal.bench.collection import Collection, CollectionError

VAR = Path(__file__).resolve().parent.parent.parent / "var" / "bench"
DEPTH = 100


def main(folder: str) -> None:
    try:
        collection = Collection.read(Path(folder))
    except CollectionError as error:
        sys.exit(f"This is no collection. {error}")
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "hsc_portal.settings")
    os.environ |= {"HSC_PORTAL_VAR": str(VAR)}
    from hsc_portal import database

    with database.lease():
        import django

        django.setup()
        from hsc_portal.bench.__main__ import empty_database

        with empty_database():
            measure(collection)


def measure(collection: Collection) -> None:
    from django.conf import settings

    from hsc_portal.bench.collection import publish
    from topics.search import embedding

    settings.SEARCH_SEMANTIC = False
    begin = time.perf_counter()
    ids = publish(collection.documents)
    print(f"{len(ids)} documents published in {time.perf_counter() - begin:.0f} s", flush=True)
    report("ours", collection, run_ours(collection.queries, ids))
    if not embedding.missing():
        settings.SEARCH_SEMANTIC = True
        report("semantic", collection, run_semantic(collection.queries, ids))
    report("bm25", collection, run_bm25(collection))


def run_semantic(queries: dict[str, str], ids: dict[int, str]) -> dict[str, dict[str, float]]:
    from topics import listings

    begin = time.perf_counter()
    listings.write_vectors(lambda done: None)
    print(f"read for their meaning in {time.perf_counter() - begin:.0f} s", flush=True)
    return run_ours(queries, ids)


def run_ours(queries: dict[str, str], ids: dict[int, str]) -> dict[str, dict[str, float]]:
    from topics.search import finding

    return {
        query: {ids[pk]: score for pk, score in finding.rank_topics(words)[:DEPTH]}
        for query, words in queries.items()
    }


def run_bm25(collection: Collection) -> dict[str, dict[str, float]]:
    import bm25s
    import Stemmer

    texts = [f"{each.get('title', '')} {each['text']}" for each in collection.documents]
    stemmer = Stemmer.Stemmer("english")

    def words(given: list[str]):
        return bm25s.tokenize(given, stopwords="en", stemmer=stemmer, show_progress=False)

    index = bm25s.BM25()
    index.index(words(texts), show_progress=False)
    names = [str(each["id"]) for each in collection.documents]
    asked = words(list(collection.queries.values()))
    depth = min(DEPTH, len(names))
    found, scores = index.retrieve(asked, k=depth, show_progress=False)
    run = {}
    for row, query in enumerate(collection.queries):
        hits = zip(found[row], scores[row], strict=True)
        run[query] = {names[n]: float(score) for n, score in hits if score > 0}
    return run


def report(name: str, collection: Collection, run: dict[str, dict[str, float]]) -> None:
    import ir_measures
    from ir_measures import AP, R, nDCG

    judged = {query: run.get(query, {}) for query in collection.judged}
    found = ir_measures.calc_aggregate([nDCG @ 10, AP, R @ DEPTH], collection.judged, judged)
    nohits = sum(not hits for hits in judged.values())
    print(
        f"{name} nDCG@10={found[nDCG @ 10]:.3f} MAP={found[AP]:.3f} "
        f"R@100={found[R @ DEPTH]:.3f} nohits={nohits}",
        flush=True,
    )


if __name__ == "__main__":
    main(sys.argv[1])

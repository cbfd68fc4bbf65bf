"""Looking publications up by their identifiers.

`recognising` tells what an identifier is, `looking_up` asks the registry that knows it, by the
module of each: `crossref`, `datacite`, `pubmed`, `pmc`, `openlibrary`, `clinicaltrials`. These are
pure: they make addresses and read answers. `client` asks.
"""

"""A few topics to search among, published as the editorial team publishes them."""

from pages_data import publication, section, unreviewed

from topics import listings


def publish_clinic() -> None:
    """Publish an agent with brand name and dose, a complication, an overview, and a publication."""
    listings.index_references([publication("petit2002", DOI="10.1000/petit2002")])
    unreviewed(
        "plerixafor", "agent", title="Plerixafor", synonyms=["Mozobil", "AMD3100"],
        sections=[
            section("It blocks CXCR4. [@petit2002]\n\nIt is given 11 hours before collection."),
            section("Give 0.24 mg/kg once a day.", heading="Which dose is given?"),
        ],
    )  # fmt: skip
    unreviewed(
        "graft-failure", "complication", title="Graft failure",
        sections=[section("It is feared after cord blood.\n\nAnaemia may come first.")],
    )  # fmt: skip
    unreviewed("marrow", title="Marrow", sections=[section("Blood forms in the marrow.")])

"""Which edition a reader asked for, and in what state it is: one query, whatever was asked."""

# Written by hand: this is asked for each page and answer, and building it by the ORM took several
# times as long as running it. {edition} says which edition is meant.
FIND = """
    SELECT topic.kind, listing.slug, edition.id, edition.number, edition.digest, edition.hash,
        current.id, current.number, coalesce(listing.stamp, ''), listing.next_review,
        withdrawal.created_at, withdrawal.note,
        (SELECT coalesce(json_agg(json_build_object(
                'key', cited.key, 'status', cited.status, 'status_on', cited.status_on,
                'status_notice', cited.status_notice, 'merged_into', kept.csl)
                ORDER BY cited.key), '[]')::text
            FROM topics_citation citation
            JOIN references_reference cited ON cited.id = citation.reference_id
            LEFT JOIN references_reference kept ON kept.id = cited.merged_into_id
            WHERE citation.edition_id = edition.id
                AND (cited.status <> 'current' OR cited.merged_into_id IS NOT NULL)),
        (SELECT coalesce(json_agg(json_build_object(
                'key', near.key, 'title', near.title, 'authors', near.authors,
                'container', near.container, 'year', near.year, 'study_type', near.study_type,
                'status', near.status, 'status_on', near.status_on) ORDER BY wanted.place),
                '[]')::text
            FROM jsonb_array_elements_text(listing.publications)
                WITH ORDINALITY wanted (key, place)
            JOIN references_reference near ON near.key = wanted.key
            WHERE edition.id = listing.edition_id)
    FROM topics_publishedslug address
    JOIN topics_topic topic ON topic.id = address.topic_id
    LEFT JOIN topics_listing listing ON listing.topic_id = topic.id
    LEFT JOIN topics_edition current ON current.id = listing.edition_id
    LEFT JOIN topics_edition edition ON {edition}
    LEFT JOIN LATERAL (
        SELECT event.created_at, event.note FROM topics_event event
        WHERE event.topic_id = topic.id AND event.kind = 'withdrawn'
            AND (event.edition_id = edition.id OR listing.topic_id IS NULL)
        ORDER BY coalesce(event.edition_id = edition.id, false) DESC, event.id DESC LIMIT 1
    ) withdrawal ON true
    WHERE address.slug = %s
"""
FIND_CURRENT = FIND.format(edition="edition.id = listing.edition_id")
FIND_NUMBER = FIND.format(edition="edition.topic_id = topic.id AND edition.number = %s")
FIND_NUMBERS = FIND.format(edition="edition.topic_id = topic.id AND edition.number = ANY(%s)")
FIND_AS_OF = FIND.format(
    edition="""edition.id = (SELECT past.id FROM topics_edition past
        WHERE past.topic_id = topic.id AND past.published_at < %s
        ORDER BY past.number DESC LIMIT 1)"""
)
FIND_SEVERAL = FIND_CURRENT.replace("address.slug = %s", "address.slug = ANY(%s)")

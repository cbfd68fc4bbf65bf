"""Articles from elsewhere made into drafts: text, Markdown, HTML and DOCX.

`sources` reads a file as a row of blocks, `walking` does so for HTML, `recognising` makes sections
and statements of them, and `drafting` a topic. Nothing of it is published, and nothing is cited:
what an article claims is for an editor to check.
"""

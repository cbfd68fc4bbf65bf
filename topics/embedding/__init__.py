"""Topics on other people's pages: cards to be framed, a script that shows them, and oEmbed."""

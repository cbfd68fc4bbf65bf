"""Notices about publications: what they are, where they are read, and what follows from them."""

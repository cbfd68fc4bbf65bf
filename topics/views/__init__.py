"""The pages that everybody can read. None of them ever reads a draft."""

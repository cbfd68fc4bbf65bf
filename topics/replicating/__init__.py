"""Following the knowledge base from elsewhere: the log of what changed, and copies of all of it."""

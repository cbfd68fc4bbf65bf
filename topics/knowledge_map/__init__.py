"""The graph of all published topics and their relations, as a picture and as a list."""

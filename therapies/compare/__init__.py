"""Topics of one kind side by side: what each of them says of the same thing, in one line."""

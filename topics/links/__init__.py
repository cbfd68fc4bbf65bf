"""Whether what published topics link to outside the portal is there.

`collecting` finds the addresses, `asking` asks one of them, `checking` does so for those whose time
has come.
"""

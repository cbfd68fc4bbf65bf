"""What is looked at rather than tested: pictures of all pages, and how fast they are on a phone.

Both work on a portal of their own with the starter content, under var/quality.
"""

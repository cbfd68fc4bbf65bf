"""The portal as static files, which a browser can read from a folder and any web server can serve.

It knows no app: it asks the URL map for pages, in this process, and follows their links.
"""

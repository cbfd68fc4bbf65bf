"""Telling a browser that what it keeps of a form was saved, so that it may forget it.

What is typed is kept in the browser (static/admin/writing/drafts.js), under a word that the form
sends along. Only an answer to a form that was saved brings the word back.
"""

import re

COOKIE = "hsc_saved_draft"
RESTORE = "_restore"
RESTORED = "This is what you typed; none of it is saved yet. Look it over, then save."


def tell_saved(request, response):
    """Name the draft that was saved in a cookie that scripts of the admin read."""
    word = request.POST.get("draft_word", "")
    if re.fullmatch(r"[a-z0-9-]{8,64}", word):
        response.set_cookie(
            COOKIE,
            word,
            max_age=3600,
            path="/admin/",
            samesite="Strict",
            secure=request.is_secure(),
        )
    return response

"""How a moment is written in German; what is not said here is as Django writes it.

The word “Uhr” follows in the translations, as some of them name the time zone behind it.
"""

DATETIME_FORMAT = "j. F Y, H:i"

"""How dates are written in English: the day first, as in the clinical literature of most places.

Spanish and, but for the time, German dates are written as Django writes them.
"""

DATE_FORMAT = "j F Y"
DATETIME_FORMAT = "j F Y, H:i"
YEAR_MONTH_FORMAT = "F Y"

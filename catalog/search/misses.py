"""What people looked for and did not find: a list for the merchant, without a word of who they were."""

from __future__ import annotations

from django.db import connection

MOST = 10_000  # different ones; whoever types nonsense all night fills no more than this
LONGEST = 100
LONG_NUMBER = 7

_NOTE = """
    INSERT INTO catalog_searchmiss (text, count, first_at, last_at)
    SELECT %(text)s, 1, now(), now()
    WHERE EXISTS (SELECT FROM catalog_searchmiss WHERE text = %(text)s)
        OR (SELECT count(*) FROM (SELECT FROM catalog_searchmiss LIMIT %(most)s) AS kept) < %(most)s
    ON CONFLICT (text) DO UPDATE SET count = catalog_searchmiss.count + 1, last_at = excluded.last_at
"""


def note_miss(text: str) -> None:
    """Count that this was looked for in vain. One statement, and none for what is no word or may name a person: an
    e-mail address, or a number as long as a telephone's or a card's."""
    words = " ".join(text.lower().split())[:LONGEST]
    may_name_somebody = "@" in words or sum(sign.isdigit() for sign in words) >= LONG_NUMBER
    if any(sign.isalnum() for sign in words) and "\x00" not in words and not may_name_somebody:
        with connection.cursor() as cursor:
            cursor.execute(_NOTE, {"text": words, "most": MOST})

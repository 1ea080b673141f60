"""What the demo shop knows of its shoppers' words: synonyms, and what somebody has looked for in vain."""

from __future__ import annotations

from datetime import datetime, timedelta

from catalog.models import SearchMiss, Synonym

SYNONYMS = (["couch", "sofa"], ["cup", "mug"], ["cushion", "pillow"], ["jug", "pitcher"], ["blanket", "throw"])
VAIN = {"hammock": 7, "doormat": 4, "curtain": 3, "sieve": 2}


def load_searches(now: datetime) -> None:
    """Load them into a shop that has none."""
    if not Synonym.objects.exists():
        Synonym.objects.bulk_create([Synonym(words=words) for words in SYNONYMS])
        misses = [
            SearchMiss(text=text, count=count, first_at=now - timedelta(days=10 * count), last_at=now)
            for text, count in VAIN.items()
        ]
        SearchMiss.objects.bulk_create(misses, ignore_conflicts=True)

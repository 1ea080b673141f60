"""A memory for names that does not grow: which have stood in the file before?"""

from __future__ import annotations

from hashlib import blake2b

BITS_PER_NAME = 64
HASHES = 12
FEWEST = 20_000


class Seen:
    """A Bloom filter for about `expected` names: eight bytes for each.

    It never forgets a name, and takes a new one for an old one less than once in a hundred million.
    """

    def __init__(self, expected: int) -> None:
        self._size = BITS_PER_NAME * max(expected, FEWEST)
        self._bits = bytearray(self._size // 8 + 1)

    def add(self, name: str) -> bool:
        """Remember the name; was it there before?"""
        digest = blake2b(name.encode(errors="surrogatepass"), digest_size=16).digest()
        first, step = int.from_bytes(digest[:8]), int.from_bytes(digest[8:]) | 1
        was_there = True
        for number in range(HASHES):
            place = (first + number * step) % self._size
            byte, bit = place >> 3, 1 << (place & 7)
            if not self._bits[byte] & bit:
                was_there = False
                self._bits[byte] |= bit
        return was_there

"""Strangers who have bought in the demo shop."""

from __future__ import annotations

import random
import unicodedata
from collections.abc import Mapping

from orders.demo.people import Home

FIRST = [
    "Amélie",
    "Anton",
    "Beatrix",
    "Carl",
    "Dagmar",
    "Emil",
    "Fenna",
    "Frieda",
    "Giulia",
    "Gustav",
    "Hanna",
    "Henrik",
    "Ida",
    "Jonas",
    "Josefine",
    "Karla",
    "Lars",
    "Leonie",
    "Levin",
    "Lotte",
    "Marek",
    "Marta",
    "Matteo",
    "Mira",
    "Nadia",
    "Nils",
    "Nora",
    "Oskar",
    "Paula",
    "Pia",
    "Rasmus",
    "Romy",
    "Ruben",
    "Selma",
    "Sören",
    "Tessa",
    "Theo",
    "Tilda",
    "Viktor",
    "Wanda",
    "Yara",
]
LAST = [
    "Adler",
    "Albers",
    "Bakker",
    "Bauer",
    "Becker",
    "Bianchi",
    "Dubois",
    "Eklund",
    "Fischer",
    "Friis",
    "Garnier",
    "Haas",
    "Hansen",
    "Holm",
    "Jansen",
    "Jensen",
    "Kowalski",
    "Kraus",
    "Larsson",
    "Lehmann",
    "Lindqvist",
    "Marino",
    "Meyer",
    "Moreau",
    "Novak",
    "Olsen",
    "Peters",
    "Petit",
    "Richter",
    "Rossi",
    "Sander",
    "Schmitt",
    "Steiner",
    "Thomsen",
    "Vogel",
    "Wagner",
    "Weber",
    "Winter",
    "Zimmer",
]
STREETS: Mapping[str, tuple[str, ...]] = {
    "DE": ("Gartenstraße", "Am Markt", "Birkenallee", "Kirchgasse", "Mühlenweg", "Schillerstraße"),
    "AT": ("Lerchengasse", "Wiedner Hauptstraße", "Am Graben"),
    "CH": ("Bahnhofstrasse", "Seeweg", "Rosengasse"),
    "NL": ("Prinsengracht", "Dorpsstraat", "Molenweg"),
    "DK": ("Nørregade", "Havnevej", "Skovvej"),
    "FR": ("rue du Moulin", "avenue des Tilleuls", "rue Pasteur"),
    "IT": ("Via Garibaldi", "Via dei Mille", "Corso Italia"),
}
CITIES: Mapping[str, tuple[tuple[str, str], ...]] = {
    "DE": (("50667", "Köln"), ("04109", "Leipzig"), ("80331", "München"), ("28195", "Bremen"), ("79098", "Freiburg")),
    "AT": (("8010", "Graz"), ("5020", "Salzburg"), ("1070", "Wien")),
    "CH": (("8001", "Zürich"), ("3011", "Bern")),
    "NL": (("1015 DK", "Amsterdam"), ("3511 AB", "Utrecht")),
    "DK": (("1165", "København"), ("8000", "Aarhus")),
    "FR": (("67000", "Strasbourg"), ("33000", "Bordeaux")),
    "IT": (("20121", "Milano"), ("39100", "Bolzano")),
}
COUNTRIES = ("DE",) * 10 + ("AT",) * 3 + ("CH", "NL", "NL", "DK", "FR", "IT")
HOUSE_FIRST = {"FR"}  # the number stands before the street


def guest(rng: random.Random) -> tuple[str, Home]:
    """Somebody's e-mail address and home."""
    first, last, country = rng.choice(FIRST), rng.choice(LAST), rng.choice(COUNTRIES)
    postcode, city = rng.choice(CITIES[country])
    street, number = rng.choice(STREETS[country]), rng.randint(1, 120)
    line1 = f"{number} {street}" if country in HOUSE_FIRST else f"{street} {number}"
    home = Home(name=f"{first} {last}", line1=line1, postcode=postcode, city=city, country=country)
    return f"{_plain(first)}.{_plain(last)}@example.org", home


def _plain(name: str) -> str:
    """The name as an e-mail address spells it."""
    text = name.lower().replace("ö", "oe").replace("ø", "o").replace("ß", "ss")
    return unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode()

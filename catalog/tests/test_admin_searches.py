"""Synonyms and vain searches in the admin. Clara keeps the catalogue, Charlie is a stranger."""

from __future__ import annotations

import re
from datetime import timedelta
from html import unescape
from typing import Any

import pytest
from django.contrib.auth import get_user_model
from django.contrib.auth.models import Group
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from catalog.models import SearchMiss, Synonym
from catalog.search import misses
from catalog.search.indexing import reindex
from catalog.search.misses import note_miss
from catalog.tests.factories import ProductFactory

pytestmark = pytest.mark.django_db
ADD = reverse("admin:catalog_synonym_add")
MISSES = reverse("admin:catalog_searchmiss_changelist")


def browser_of(name: str, group: str = "") -> Client:
    user: Any = get_user_model().objects.create_user(name, f"{name}@example.com", "irrelevant", is_staff=bool(group))
    if group:
        user.groups.add(Group.objects.get(name=group))
    client = Client()
    client.force_login(user)
    return client


@pytest.fixture
def clara() -> Client:
    return browser_of("clara", "Catalog staff")


def test_a_synonym_is_made_of_a_vain_search_in_two_clicks(clara: Client, client: Client) -> None:
    reindex([ProductFactory.create(name="Cushion").pk])
    for _ in range(2):
        assert "We found nothing" in client.get("/search/?q=Cusshion").content.decode()
    assert list(SearchMiss.objects.values_list("text", "count")) == [("cusshion", 2)]

    [link] = re.findall(rf'href="({re.escape(ADD)}[^"]*)"', clara.get(MISSES).content.decode())
    form = clara.get(unescape(link)).context["adminform"].form
    assert form.initial["words"] == "cusshion, cushion"
    assert clara.post(ADD, {"words": form.initial["words"]}).status_code == 302

    assert not SearchMiss.objects.exists()
    assert [card.name for card in client.get("/search/?q=cusshion").context["page_obj"]] == ["Cushion"]


@pytest.mark.parametrize(
    ("words", "says"),
    [
        ("sofa", "two or more"),
        ("sofa, SOFA ,,", "two or more"),
        ("!!, ??", "two or more"),
        ("sofa, one two three four", "longer than three words"),
        (", ".join(f"word{n}" for n in range(13)), "At most 12"),
        ("couch, sofa", "in a row together already"),
        ("x" * 61 + ", y", "60 characters"),
    ],
)
def test_words_that_make_no_synonym_are_refused(clara: Client, words: str, says: str) -> None:
    Synonym.objects.create(words=["sofa", "couch", "settee"])
    answer = clara.post(ADD, {"words": words})
    assert answer.status_code == 200
    assert says in answer.content.decode()
    assert Synonym.objects.count() == 1


def test_words_are_kept_as_searches_are_read(clara: Client) -> None:
    clara.post(ADD, {"words": " T-Shirt,  TEE , t shirt"})
    assert Synonym.objects.get().words == ["t shirt", "tee"]
    page = clara.get(reverse("admin:catalog_synonym_change", args=[Synonym.objects.get().pk])).content.decode()
    assert 'value="t shirt, tee"' in page


def test_what_nobody_looks_for_any_more_is_found_and_deleted(clara: Client) -> None:
    SearchMiss.objects.create(text="old", last_at=timezone.now() - timedelta(days=100))
    SearchMiss.objects.create(text="new")
    page = clara.get(MISSES, {"last": "-90"})
    [old] = page.context["cl"].result_list
    assert old.text == "old"
    sent = {"action": "delete_selected", "_selected_action": [old.pk], "post": "yes"}
    assert clara.post(MISSES, sent).status_code == 302
    assert [miss.text for miss in SearchMiss.objects.all()] == ["new"]


def test_both_pages_are_for_the_staff_of_the_catalogue(clara: Client) -> None:
    start = clara.get(reverse("admin:index")).content.decode()
    assert "Vain searches" in start
    assert "Synonyms" in start
    charlie = browser_of("charlie")
    for page in (ADD, MISSES):
        assert charlie.get(page).status_code == 302
    otto = browser_of("otto", "Order staff")
    for page in (ADD, MISSES):
        assert otto.get(page).status_code == 403


def test_a_narrowed_search_a_head_request_and_nonsense_are_not_counted(client: Client) -> None:
    client.get("/search/?q=zzz&in_stock=on")
    client.head("/search/?q=zzz")
    client.get("/search/?q=!!!")
    assert not SearchMiss.objects.exists()


def test_the_table_of_vain_searches_has_an_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(misses, "MOST", 2)
    for text in ("one", "two", "three", "two"):
        note_miss(text)
    assert sorted(SearchMiss.objects.values_list("text", "count")) == [("one", 1), ("two", 2)]


@pytest.mark.parametrize("text", ["ada@example.com", "0171 234 567", "4111 1111 1111 1111"])
def test_what_may_name_somebody_is_not_kept(text: str) -> None:
    note_miss(text)
    assert not SearchMiss.objects.exists()

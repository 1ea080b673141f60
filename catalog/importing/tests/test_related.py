"""Products that are shown beside others: by their handles, wherever in the file those stand."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from catalog.importing import running
from catalog.importing.relating import Related, relate
from catalog.importing.tests.files import as_csv, handed_in, mug, take_in
from catalog.models import ImportRun, Product, RelatedProduct
from catalog.tests.factories import ProductFactory

pytestmark = pytest.mark.django_db
RELATED = "Related products (product.metafields.shopify--discovery--product_recommendation.related_products)"


def file(**related: str) -> bytes:
    """Products by these names, each beside others."""
    return as_csv(*(mug(Handle=name, **{"Variant SKU": name, RELATED: cell}) for name, cell in related.items()))


def shown() -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for slug, other in RelatedProduct.objects.order_by("product", "position").values_list(
        "product__slug", "other__slug"
    ):
        found.setdefault(slug, []).append(other)
    return found


def counts(run: ImportRun) -> tuple[int, int, int, int]:
    return run.created, run.updated, run.unchanged, run.refused


def hints(run: ImportRun) -> list[tuple[int, str]]:
    return list(run.problems.filter(is_refusal=False).values_list("line", "message"))


def test_handles_may_stand_further_down_in_the_file() -> None:
    content = file(a="c; b", b="", c="a,b")
    run = take_in(content)
    assert (counts(run), shown(), run.ignored_columns) == ((3, 0, 0, 0), {"a": ["c", "b"], "c": ["a", "b"]}, [])
    links = list(RelatedProduct.objects.values())
    assert counts(take_in(content)) == (0, 0, 3, 0)
    assert list(RelatedProduct.objects.values()) == links


def test_what_differs_is_written_and_counted_once() -> None:
    take_in(file(a="b", b="", c=""))
    before = dict(Product.objects.values_list("slug", "updated_at"))

    run = take_in(file(a="c; b", b="a", c="").replace(b"b,Mug,b,12.50", b"b,Cup,b,12.50"))

    assert (counts(run), shown()) == ((0, 2, 1, 0), {"a": ["c", "b"], "b": ["a"]})
    after = dict(Product.objects.values_list("slug", "updated_at"))
    assert [after[slug] > before[slug] for slug in "abc"] == [True, True, False]
    assert counts(take_in(file(a="", b="a", c=""))) == (0, 2, 1, 0)  # b is called Mug again
    assert shown() == {"b": ["a"]}


def test_no_column_says_nothing() -> None:
    take_in(file(a="b", b=""))
    take_in(as_csv(mug(Handle="a", **{"Variant SKU": "a"})))
    assert shown() == {"a": ["b"]}


def test_who_is_not_here_or_is_itself_is_a_hint() -> None:
    run = take_in(file(a="a; x; b; gid://1", b=""))
    assert shown() == {"a": ["b"]}
    [(line, strangers), (_, itself)] = hints(run)
    assert (line, itself) == (2, "A product is not related to itself; that was left out.")
    assert strangers.startswith("There is no product “x”, “gid1-")


def test_only_so_many_are_taken() -> None:
    others = [f"p{n}" for n in range(30)]
    run = take_in(file(a="; ".join(others), **dict.fromkeys(others, "")))
    assert shown()["a"] == others[:24]
    assert hints(run) == [(2, "A product has at most 24 related ones; the first were taken.")]


def test_a_product_that_is_refused_is_refused_in_this_too() -> None:
    take_in(file(a="", b=""))
    ProductFactory.create(slug="owner", sku="taken")
    rows = file(a="b", b="").replace(b"a,Mug,a,", b"a,Mug,taken,")
    assert counts(take_in(rows)) == (0, 0, 1, 1)
    assert shown() == {}


def test_with_only_new_products_others_keep_theirs() -> None:
    take_in(file(a="", b=""))
    take_in(file(a="b", n="a"), only_new=True)
    assert shown() == {"n": ["a"]}


def test_a_dry_run_relates_nothing() -> None:
    take_in(file(a="", b=""))
    take_in(file(a="b", b=""), is_dry_run=True)
    assert shown() == {}


def crashing(at: int) -> Callable[..., Related]:
    calls = iter(range(100))

    def relate_or_crash(*args: Any, **more: Any) -> Related:
        if next(calls) == at:
            raise RuntimeError
        return relate(*args, **more)

    return relate_or_crash


def test_killed_in_the_middle_of_it_all_is_there_after_the_next_try(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(running, "BATCH_PRODUCTS", 2)
    run = handed_in(file(a="x; c", b="a", c="b", d="a"))
    monkeypatch.setattr(running, "relate", crashing(at=1))
    with pytest.raises(RuntimeError):
        running.carry_out(run_id=run.pk)
    assert shown() == {"a": ["c"], "b": ["a"]}

    done = running.carry_out(run_id=run.pk)

    assert (done.state, counts(done)) == (ImportRun.State.DONE, (4, 0, 0, 0))
    assert shown() == {"a": ["c"], "b": ["a"], "c": ["b"], "d": ["a"]}
    assert [line for line, _ in hints(done)] == [2]

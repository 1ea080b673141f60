"""Imports at the same moment as others, and as people at work, on real connections; each with its control."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Collection, Sequence
from itertools import count
from typing import Any

import pytest
from django.db import IntegrityError
from django.db.models import QuerySet

from catalog.importing import present, products, running, shelves
from catalog.importing.products import Outcome, take
from catalog.importing.tests.files import as_csv, handed_in, mug, mugs, take_in
from catalog.importing.writing import Writing
from catalog.models import (
    Attribute,
    AttributeChoice,
    AttributeValue,
    Brand,
    Category,
    ImportProblem,
    ImportRun,
    PriceChange,
    Product,
    ProductType,
    TypeAttribute,
    Variant,
)
from catalog.products import update_product
from catalog.variants import update_variant
from shop.testing.races import at_once

pytestmark = pytest.mark.django_db(transaction=True, serialized_rollback=True)
PATIENCE = 20
MATERIAL = "Material (product.metafields.shop_choice.material)"


# --- two workers at one run


def work_at(run: ImportRun, workers: int) -> list[object]:
    def carry_out(_: int) -> None:
        # Who finds somebody else at work leaves, and would be asked again later.
        with contextlib.suppress(running.TakenOver):
            running.carry_out(run_id=run.pk)

    return list(at_once(workers, carry_out))


def test_two_workers_do_not_take_anything_in_twice(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(running, "BATCH_PRODUCTS", 10)
    run = handed_in(mugs(60) + b"broken,,,0\n")

    work_at(run, 4)

    done = running.carry_out(run_id=run.pk)
    assert (done.state, done.created, done.unchanged, done.refused) == (ImportRun.State.DONE, 60, 0, 1)
    assert done.problems.count() == 1
    assert Product.objects.count() == 60


def everybody_at_the_same_batch(monkeypatch: pytest.MonkeyPatch) -> None:
    """Two workers have read the same batch before one of them writes it."""
    both_have_read = threading.Barrier(2)

    def take_together(groups: Sequence[Any], **more: Any) -> Outcome:
        both_have_read.wait(PATIENCE)
        return take(groups, **more)

    monkeypatch.setattr(running, "claim", lambda run: None)
    monkeypatch.setattr(running, "take", take_together)


def test_who_writes_a_batch_that_somebody_else_has_written_leaves_no_trace(monkeypatch: pytest.MonkeyPatch) -> None:
    """The lock of the run only spares work: the line that it stands at is what decides."""
    everybody_at_the_same_batch(monkeypatch)
    run = handed_in(mugs(5) + b"broken,,,0\n")

    work_at(run, 2)

    run.refresh_from_db()
    assert (run.created, run.unchanged, run.refused, run.problems.count()) == (5, 0, 1, 1)


def test_control_without_lock_and_line_a_batch_is_taken_and_reported_twice(monkeypatch: pytest.MonkeyPatch) -> None:
    everybody_at_the_same_batch(monkeypatch)
    monkeypatch.setattr(running, "still_here", lambda run: ImportRun.objects.filter(pk=run.pk))
    run = handed_in(mugs(5) + b"broken,,,0\n")

    work_at(run, 2)

    run.refresh_from_db()
    assert (run.created + run.unchanged, run.refused, run.problems.count()) == (10, 2, 2)


# --- several imports of the same products


def test_several_imports_at_once_make_each_product_brand_and_category_once() -> None:
    rows = [
        mug(
            Handle=f"mug-{n}",
            Vendor=f"V{n % 3}",
            Type=f"T{n % 2}",
            **{"Variant SKU": f"M-{n}", "Product Category": f"A > B{n % 4}", MATERIAL: f"Clay {n % 5}"},
        )
        for n in range(40)
    ]
    files = [as_csv(*rows), as_csv(*reversed(rows))] * 2

    at_once(4, lambda number: take_in(files[number]))

    assert [run.refused for run in ImportRun.objects.all()] == [0] * 4
    assert sum(run.created for run in ImportRun.objects.all()) == Product.objects.count() == 40
    assert Category.objects.count() == 5
    assert [model._default_manager.count() for model in (Brand, ProductType, Attribute, AttributeChoice)] == [
        3,
        2,
        1,
        5,
    ]
    assert (TypeAttribute.objects.count(), AttributeValue.objects.count()) == (2, 40)
    assert Category.objects.find_problems() == ([], [], [], [], [])


def both_find_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    """Two imports have looked for their products before one of them makes any."""
    take_in(as_csv(mug()))  # so that their category is here: of a new one only one import would get so far
    both_have_looked, looks = threading.Barrier(2), count()

    class Together(present.Present):
        def __init__(self, wanted: Any) -> None:
            super().__init__(wanted)
            if next(looks) < 2:
                both_have_looked.wait(PATIENCE)

    monkeypatch.setattr(products, "Present", Together)


def test_of_two_imports_that_found_nothing_one_makes_a_product_and_the_other_finds_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    both_find_nothing(monkeypatch)

    outcomes = at_once(2, lambda _: take_in(mugs(3)))

    assert not [outcome for outcome in outcomes if isinstance(outcome, Exception)]
    imports = ImportRun.objects.order_by("pk")[1:]
    assert sorted((run.created, run.unchanged, run.refused) for run in imports) == [
        (0, 3, 0),
        (3, 0, 0),
    ]


def test_control_without_a_second_look_one_of_them_breaks(monkeypatch: pytest.MonkeyPatch) -> None:
    both_find_nothing(monkeypatch)
    monkeypatch.setattr(products, "UNWRITABLE", ())

    outcomes = at_once(2, lambda _: take_in(mugs(3)))

    assert [type(outcome) for outcome in outcomes if isinstance(outcome, Exception)] == [IntegrityError]


def test_control_without_the_trees_lock_a_category_grows_twice_or_an_import_breaks(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    both_have_looked = threading.Barrier(2)
    grow = shelves._grow

    def grow_together(*args: Any) -> None:
        both_have_looked.wait(PATIENCE)
        grow(*args)

    monkeypatch.setattr(shelves, "lock_tree", lambda: None)
    monkeypatch.setattr(shelves, "_grow", grow_together)
    files = [as_csv(mug(Handle=f"m{n}", **{"Variant SKU": f"M{n}", "Product Category": "A"})) for n in range(2)]

    outcomes = at_once(2, lambda number: take_in(files[number]))

    broke = [outcome for outcome in outcomes if isinstance(outcome, Exception)]
    assert broke or Category.objects.filter(name="A").count() == 2


def priced(price: str) -> bytes:
    return f"Handle,Variant SKU,Variant Price\nmug,MUG,{price}\n".encode()


def chain() -> list[tuple[int | None, int]]:
    """The history of the only variant's price, from the beginning."""
    return list(PriceChange.objects.order_by("pk").values_list("price_before", "price"))


def is_unbroken() -> bool:
    found = chain()
    return [price for _, price in found[:-1]] == [before for before, _ in found[1:]]


def test_imports_of_other_prices_at_once_write_one_history() -> None:
    take_in(as_csv(mug()))

    at_once(6, lambda number: take_in(priced(str(20 + number))))

    assert len(chain()) == 7
    assert is_unbroken()
    assert Product.objects.get().price == Variant.objects.get().price == chain()[-1][1]


def unlocked(ids: Collection[int]) -> QuerySet[Product]:
    return Product.objects.filter(pk__in=ids).order_by("pk")


def test_control_without_the_lock_of_the_products_two_imports_change_the_same_price(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    take_in(as_csv(mug()))
    both_have_read = threading.Barrier(2)

    class Together(present.Present):
        def __init__(self, wanted: Any) -> None:
            super().__init__(wanted)
            both_have_read.wait(PATIENCE)

    monkeypatch.setattr(present, "held", unlocked)
    monkeypatch.setattr(products, "Present", Together)

    at_once(2, lambda number: take_in(priced(str(20 + number))))

    assert sorted(chain()[1:]) == [(1250, 2000), (1250, 2100)]
    assert not is_unbroken()


# --- an import, and somebody at the form


def test_an_import_and_somebody_at_the_form_lose_nothing_of_each_other() -> None:
    take_in(as_csv(mug()))
    product, variant = Product.objects.get(), Variant.objects.get()

    def act(number: int) -> None:
        if number == 0:
            take_in(priced("9"))
        elif number == 1:
            update_product(product_id=product.pk, name="Somebody's mug")
        else:
            update_variant(variant_id=variant.pk, price=2000, actor="clara")

    at_once(3, act)

    product.refresh_from_db()
    variant.refresh_from_db()
    assert (product.name, product.price) == ("Somebody's mug", variant.price)
    assert (len(chain()), is_unbroken()) == (3, True)


class Interrupted(present.Present):
    """Reads without a lock, and goes on only when somebody at the form is done."""

    has_read = threading.Event()
    is_done = threading.Event()

    def __init__(self, wanted: Any) -> None:
        super().__init__(wanted)
        self.has_read.set()
        self.is_done.wait(PATIENCE)


@pytest.fixture
def interrupted(monkeypatch: pytest.MonkeyPatch) -> type[Interrupted]:
    Interrupted.has_read, Interrupted.is_done = threading.Event(), threading.Event()
    monkeypatch.setattr(present, "held", unlocked)
    monkeypatch.setattr(products, "Present", Interrupted)
    return Interrupted


def test_control_without_the_lock_of_the_products_a_price_of_staff_is_forgotten(
    interrupted: type[Interrupted],
) -> None:
    interrupted.is_done.set()
    take_in(as_csv(mug()))
    variant = Variant.objects.get()
    interrupted.has_read.clear()
    interrupted.is_done.clear()

    def act(number: int) -> None:
        if number == 0:
            take_in(priced("9"))
            return
        interrupted.has_read.wait(PATIENCE)
        update_variant(variant_id=variant.pk, price=2000, actor="clara")
        interrupted.is_done.set()

    at_once(2, act)

    assert chain() == [(None, 1250), (1250, 2000), (1250, 900)]


def test_control_who_writes_whole_rows_writes_over_what_somebody_else_has_written(
    interrupted: type[Interrupted], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The other guard: only columns that differ are written."""
    interrupted.is_done.set()
    take_in(as_csv(mug()))
    product = Product.objects.get()
    interrupted.has_read.clear()
    interrupted.is_done.clear()
    change = Writing.change

    def change_all(writing: Writing, row: Any, **values: Any) -> bool:
        if isinstance(row, Product) and values:
            writing._changed[Product].setdefault(row.pk, (row, set()))[1].update({"name", "description"})
        return change(writing, row, **values)

    monkeypatch.setattr(Writing, "change", change_all)

    def act(number: int) -> None:
        if number == 0:
            take_in(priced("9"))
            return
        interrupted.has_read.wait(PATIENCE)
        update_product(product_id=product.pk, name="Somebody's mug")
        interrupted.is_done.set()

    at_once(2, act)

    product.refresh_from_db()
    assert product.name == "Mug"


def test_a_batch_that_meets_others_is_written_whole_or_again(monkeypatch: pytest.MonkeyPatch) -> None:
    """Two imports in opposite order, in batches that overlap, and none of them waits for the other for ever."""
    monkeypatch.setattr(running, "BATCH_PRODUCTS", 7)
    take_in(mugs(40))
    rows = [mug(Handle=f"mug-{n}", **{"Variant SKU": f"MUG-{n}", "Variant Price": "9"}) for n in range(40)]
    files = [as_csv(*rows), as_csv(*reversed(rows))]

    at_once(2, lambda number: take_in(files[number]))

    assert set(Variant.objects.values_list("price", flat=True)) == {900}
    assert PriceChange.objects.filter(price=900).count() == 40
    assert not ImportProblem.objects.exists()
    assert {run.state for run in ImportRun.objects.all()} == {ImportRun.State.DONE}

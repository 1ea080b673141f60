from __future__ import annotations

import threading
from typing import Any

import pytest
from django.db import transaction

from catalog.categories import create_category, delete_category, other_category, place, update_category
from catalog.errors import CategoryInUse, InvalidProduct, ProductGone
from catalog.models import Category
from catalog.tests.factories import ProductFactory
from shop.testing.races import at_once, run_parallel

pytestmark = pytest.mark.django_db


def tree() -> list[tuple[int, str]]:
    return list(Category.objects.order_by("path").values_list("depth", "name"))


def test_categories_are_kept_by_name() -> None:
    kitchen = create_category(name="Kitchen")
    create_category(name="Garden")
    create_category(name="Pans", parent=kitchen)
    create_category(name="Mugs", parent=kitchen)
    assert tree() == [(1, "Garden"), (1, "Kitchen"), (2, "Mugs"), (2, "Pans")]
    assert Category.objects.find_problems() == ([], [], [], [], [])


def test_a_taken_name_gets_another_slug_and_a_taken_slug_is_refused() -> None:
    assert create_category(name="Pots").slug == "pots"
    assert create_category(name="Pots").slug == "pots-2"
    with pytest.raises(InvalidProduct) as refused:
        create_category(name="Pots", slug="pots")
    assert refused.value.field == "slug"


def test_a_category_moves_with_what_is_below_it() -> None:
    home = create_category(name="Home")
    kitchen = create_category(name="Kitchen")
    pans = create_category(name="Pans", parent=kitchen)
    create_category(name="Woks", parent=pans)
    update_category(category_id=pans.pk, parent=home, name="All pans")
    assert tree() == [(1, "Home"), (2, "All pans"), (3, "Woks"), (1, "Kitchen")]
    update_category(category_id=pans.pk, parent=None)
    assert tree() == [(1, "All pans"), (2, "Woks"), (1, "Home"), (1, "Kitchen")]
    update_category(category_id=pans.pk, name="Zen pans")
    assert tree() == [(1, "Home"), (1, "Kitchen"), (1, "Zen pans"), (2, "Woks")]
    update_category(category_id=home.pk, name="At home")
    update_category(category_id=home.pk, description="x")
    assert tree()[0] == (1, "At home")
    assert Category.objects.find_problems() == ([], [], [], [], [])


def test_a_category_cannot_move_below_itself() -> None:
    kitchen = create_category(name="Kitchen")
    pans = create_category(name="Pans", parent=kitchen)
    for parent in (kitchen, pans):
        with pytest.raises(InvalidProduct) as refused:
            update_category(category_id=kitchen.pk, parent=parent)
        assert refused.value.field == "parent"
    assert tree() == [(1, "Kitchen"), (2, "Pans")]


def test_only_an_empty_category_is_deleted() -> None:
    kitchen = create_category(name="Kitchen")
    pans = create_category(name="Pans", parent=kitchen)
    product = ProductFactory.create(category=pans)
    for category in (kitchen, pans):
        with pytest.raises(CategoryInUse):
            delete_category(category_id=category.pk)
    product.delete()
    delete_category(category_id=pans.pk)
    delete_category(category_id=kitchen.pk)
    assert tree() == []
    with pytest.raises(ProductGone):
        delete_category(category_id=kitchen.pk)


def test_the_tree_has_a_greatest_depth() -> None:
    parent = None
    for _ in range(63):
        parent = create_category(name="Deeper", parent=parent)
    with pytest.raises(InvalidProduct) as refused:
        create_category(name="Deeper", parent=parent)
    assert refused.value.field == "parent"


@pytest.mark.django_db(transaction=True)
def test_parallel_growth_leaves_the_tree_intact() -> None:
    roots = [create_category(name=name) for name in "ABC"]
    twigs = [create_category(name=f"Twig {n}", parent=roots[n % 3]) for n in range(9)]

    def change(number: int) -> object:
        if number % 3 == 0:
            return create_category(name="Same", parent=roots[number % 2])
        if number % 3 == 1:
            return update_category(category_id=twigs[number % 9].pk, parent=roots[(number + 1) % 3])
        with transaction.atomic():
            return other_category()

    outcomes = at_once(9, change)
    assert not [outcome for outcome in outcomes if isinstance(outcome, Exception)]
    assert Category.objects.find_problems() == ([], [], [], [], [])
    assert Category.objects.count() == 3 + 9 + 3 + 1


def two_branches() -> tuple[Category, Category]:
    kitchen, living = create_category(name="Kitchen"), create_category(name="Living")
    create_category(name="Mugs", parent=kitchen)
    create_category(name="Lamps", parent=living)
    return kitchen, living


@pytest.mark.django_db(transaction=True)
def test_of_two_opposite_moves_one_is_refused_and_the_tree_stays_sound() -> None:
    kitchen, living = two_branches()
    pairs = [(kitchen, living), (living, kitchen)]
    outcomes = at_once(2, lambda number: update_category(category_id=pairs[number][0].pk, parent=pairs[number][1]))
    assert sorted(type(outcome).__name__ for outcome in outcomes) == ["Category", "InvalidProduct"]
    assert Category.objects.find_problems() == ([], [], [], [], [])
    assert [depth for depth, _ in tree()] == [1, 2, 3, 2]


@pytest.mark.django_db(transaction=True)
def test_control_without_the_lock_a_move_that_looked_too_early_tears_the_tree(monkeypatch: pytest.MonkeyPatch) -> None:
    kitchen, living = create_category(name="Kitchen"), create_category(name="Living")
    both_have_looked, first_is_through = threading.Barrier(2), threading.Event()
    manager = type(Category.objects)
    really_look = manager.update_move_to_child_vars

    def look(self: Any, node: Category, target: Category, pos: str) -> Any:
        seen = really_look(self, node=node, target=target, pos=pos)
        both_have_looked.wait(30)
        if node.pk == living.pk:
            first_is_through.wait(30)
        return seen

    def move_kitchen() -> None:
        with transaction.atomic():
            place(kitchen, living)
        first_is_through.set()

    def move_living() -> None:
        with transaction.atomic():
            place(living, kitchen)

    monkeypatch.setattr(manager, "update_move_to_child_vars", look)
    assert run_parallel([move_kitchen, move_living]) == [None, None]
    assert Category.objects.find_problems() != ([], [], [], [], [])

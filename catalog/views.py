"""The pages of the catalogue: read, show."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.conf import settings
from django.contrib.staticfiles import finders
from django.db.models import Q
from django.http import Http404, HttpRequest, HttpResponse, HttpResponsePermanentRedirect, HttpResponseRedirect
from django.shortcuts import render
from django.templatetags.static import static
from django.views.decorators.http import require_safe

from catalog import browsing, cards, product_page, quotas
from catalog.alert_pages import form_for as alert_form_for
from catalog.browsing import Place
from catalog.collections import condition_of, with_rules
from catalog.feeds import structured
from catalog.feeds.links import absolute
from catalog.filters import Shelf, filters_of
from catalog.former_slugs import moved_category, moved_collection, moved_product
from catalog.forms import BrowseForm
from catalog.listing import list_products
from catalog.models import Category, Collection, Product
from catalog.search.misses import note_miss
from catalog.srcset import Picture
from catalog.suggesting import suggest

HERO, HERO_SIZE = "img/hero.webp", (1600, 700)
LARGEST_PAGE = 1_000_000


@require_safe
def home(request: HttpRequest) -> HttpResponse:
    newest = cards.newest()
    navigation = browsing.navigation()
    hero_url = _hero_url()
    context = {
        "menu": navigation.places,
        "collections": navigation.collections,
        "hero_url": hero_url,
        "og_picture": Picture(hero_url, settings.SHOP_TAGLINE, *HERO_SIZE) if hero_url else None,
        "newest": newest,
        "reduced": cards.reduced(besides=newest),
        "canonical": absolute(request.path),
        "structured": structured.shop_data(static("img/favicon.svg")),
    }
    return render(request, "catalog/home.html", context)


@require_safe
def products(request: HttpRequest) -> HttpResponse:
    places = browsing.menu()
    form = BrowseForm(request.GET, places=places)
    return _list(request, "catalog/products.html", form, {"menu": places})


@require_safe
def category(request: HttpRequest, slug: str) -> HttpResponse:
    try:
        detail = browsing.category_detail(slug)
    except Category.DoesNotExist:
        return _moved(request, moved_category(slug))
    form = BrowseForm(request.GET)
    trail = structured.breadcrumbs(detail.trail, detail.category.name, detail.category.get_absolute_url())
    picture = browsing.picture_of_shelf(detail.category)
    context = {"detail": detail, "shelf": detail.category, "og_picture": picture, "structured": [trail]}
    path, children = detail.category.path, detail.children
    return _list(request, "catalog/category.html", form, context, category_path=path, children=children)


@require_safe
def collections(request: HttpRequest) -> HttpResponse:
    navigation = browsing.navigation()
    shown = {"menu": navigation.places, "collections": navigation.collections, "canonical": absolute(request.path)}
    return render(request, "catalog/collections.html", shown)


@require_safe
def collection(request: HttpRequest, slug: str) -> HttpResponse:
    found = with_rules(Collection.objects.filter(is_published=True)).filter(slug=slug).first()
    if found is None:
        return _moved(request, moved_collection(slug))
    trail = structured.breadcrumbs([], found.name, found.get_absolute_url())
    places = browsing.menu()
    picture = browsing.picture_of_shelf(found)
    context = {"menu": places, "shelf": found, "og_picture": picture, "structured": [trail]}
    form = BrowseForm(request.GET, places=places)
    return _list(request, "catalog/collection.html", form, context, within=condition_of(found))


@require_safe
def search(request: HttpRequest) -> HttpResponse:
    places = browsing.menu()
    form = BrowseForm(request.GET, places=places, searches=True)
    wanted = form.wanted()
    if not wanted.text:
        return render(request, "catalog/search.html", {"menu": places, "form": form})
    return _list(request, "catalog/search.html", form, {"menu": places, "search_text": wanted.text})


@require_safe
def suggestions(request: HttpRequest) -> HttpResponse:
    """What completes the words that are being typed: a part of a page, which the field shows below itself."""
    quotas.spend("suggestions", request)
    return render(request, "catalog/_suggestions.html", {"found": suggest(request.GET.get("q", ""))})


@require_safe
def product(request: HttpRequest, slug: str) -> HttpResponse:
    try:
        detail = product_page.product_detail(slug, asked=request.GET.get("variant", ""))
    except Product.DoesNotExist:
        return _moved(request, moved_product(slug))
    related, more = product_page.beside(detail.product)
    context = {
        "detail": detail,
        "product": detail.product,
        "related": related,
        "more": more,
        "alert_form": alert_form_for(request, detail),
        "canonical": absolute(request.path),
        "og_picture": detail.first_picture,
        "og_price": detail.chosen,
        "structured": [
            structured.product_data(detail),
            structured.breadcrumbs(detail.trail, detail.product.name, request.path),
        ],
    }
    return render(request, "catalog/product.html", context)


def _moved(request: HttpRequest, page: Product | Category | Collection | None) -> HttpResponse:
    """The way from a former address to the page that left it, for ever. Raises Http404 when there is none."""
    if page is None:
        raise Http404
    query = request.META["QUERY_STRING"]
    return HttpResponsePermanentRedirect(page.get_absolute_url() + (f"?{query}" if query else ""))


def _list(
    request: HttpRequest,
    template: str,
    form: BrowseForm,
    context: dict[str, Any],
    *,
    category_path: str = "",
    within: Q | None = None,
    children: Sequence[Place] = (),
) -> HttpResponse:
    """A list page; a number beyond its end leads back to the first page."""
    number = _page_number(request)
    wanted = form.wanted(category_path=category_path, within=within)
    page = list_products(wanted, number)
    if page.is_beyond_the_end:
        kept = request.GET.copy()
        kept.pop("page", None)
        return HttpResponseRedirect(f"{request.path}?{kept.urlencode()}" if kept else request.path)
    filters = filters_of(page, wanted, Shelf(request.path, request.GET, form.tops, form.place, children))
    is_filtered = bool(filters.chips)
    # What is filtered or sorted is another look at the plain list.
    is_plain = number > 1 and not is_filtered and not form.cleaned_data.get("sort")
    address = f"{request.path}?page={number}" if is_plain else request.path
    shown = {"form": form, "page_obj": page, "filters": filters, "canonical": absolute(address)}
    if not page.object_list:
        shown["popular"] = cards.popular()
        if wanted.text and not is_filtered and request.method == "GET":
            note_miss(wanted.text)
    context |= {"is_filtered": is_filtered}
    return render(request, template, context | shown)


def _page_number(request: HttpRequest) -> int:
    """The page asked for; the first for anything that is no page number."""
    asked = request.GET.get("page", "1")
    if not (asked.isascii() and asked.isdigit() and len(asked) <= 7):
        return LARGEST_PAGE if asked.isascii() and asked.isdigit() else 1
    return max(1, int(asked))


def _hero_url() -> str:
    """The wide picture on top of the home page; "" for a shop that has taken it away."""
    return static(HERO) if finders.find(HERO) else ""

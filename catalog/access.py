"""Who may see what of the catalogue."""

from __future__ import annotations

from django.contrib.auth.base_user import AbstractBaseUser
from django.contrib.auth.models import AnonymousUser, PermissionsMixin
from django.db.models import QuerySet

from catalog.models import Collection, Product
from catalog.models.product import ProductQuerySet


def products_visible_to(user: AbstractBaseUser | AnonymousUser) -> ProductQuerySet:
    """What shoppers can see; catalogue staff see unpublished products too. Archived ones are seen by nobody."""
    if sees_unpublished(user):
        return Product.objects.filter(archived_at=None)
    return Product.objects.on_sale()


def products_listed_for(user: AbstractBaseUser | AnonymousUser) -> ProductQuerySet:
    """What lists show: for shoppers not what only those see who know its address."""
    visible = products_visible_to(user)
    return visible if sees_unpublished(user) else visible.filter(is_listed=True)


def collections_visible_to(user: AbstractBaseUser | AnonymousUser) -> QuerySet[Collection]:
    """The published ones; catalogue staff see all."""
    return Collection.objects.all() if keeps_collections(user) else Collection.objects.filter(is_published=True)


def keeps_collections(user: AbstractBaseUser | AnonymousUser) -> bool:
    return sees_unpublished(user) and isinstance(user, PermissionsMixin) and user.has_perm("catalog.view_collection")


def sees_unpublished(user: AbstractBaseUser | AnonymousUser) -> bool:
    """Catalogue staff. For shoppers this is known without asking the database."""
    if not isinstance(user, PermissionsMixin) or not getattr(user, "is_staff", False):
        return False
    return user.has_perm("catalog.view_product")

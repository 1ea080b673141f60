"""The pages of the catalogue."""

from __future__ import annotations

from django.urls import path

from catalog import alert_pages, views

app_name = "catalog"
urlpatterns = [
    path("", views.home, name="home"),
    path("products/", views.products, name="products"),
    path("products/<slug:slug>/", views.product, name="product"),
    path("products/<slug:slug>/alert/", alert_pages.ask, name="alert"),
    path("stock-alerts/<str:token>/", alert_pages.withdraw, name="alert-withdraw"),
    path("categories/<slug:slug>/", views.category, name="category"),
    path("collections/", views.collections, name="collections"),
    path("collections/<slug:slug>/", views.collection, name="collection"),
    path("search/", views.search, name="search"),
]

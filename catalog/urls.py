"""The pages of the catalogue."""

from __future__ import annotations

from django.urls import path

from catalog import alert_pages, views
from catalog.feeds import views as feeds

app_name = "catalog"
urlpatterns = [
    path("", views.home, name="home"),
    path("products/", views.products, name="products"),
    path("products/<slug:slug>/", views.product, name="product"),
    path("products/<slug:slug>/alert/", alert_pages.ask, name="alert"),
    path("stock-alerts/<slug:token>/", alert_pages.withdraw, name="alert-withdraw"),
    path("categories/<slug:slug>/", views.category, name="category"),
    path("collections/", views.collections, name="collections"),
    path("collections/<slug:slug>/", views.collection, name="collection"),
    path("search/", views.search, name="search"),
    path("feeds/google.xml", feeds.google_feed, name="google-feed"),
    path("sitemap.xml", feeds.sitemap_index, name="sitemap"),
    path("sitemaps/products-<int:number>.xml", feeds.sitemap_products, name="sitemap-products"),
    path("sitemaps/categories.xml", feeds.sitemap_categories, name="sitemap-categories"),
    path("sitemaps/collections.xml", feeds.sitemap_collections, name="sitemap-collections"),
    path("sitemaps/pages.xml", feeds.sitemap_pages, name="sitemap-pages"),
    path("robots.txt", feeds.robots, name="robots"),
    path("search/suggestions/", views.suggestions, name="suggestions"),
]

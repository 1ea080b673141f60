"""What products are found by, kept in the transaction that changes them: set-based, for one product or a million.

Three statements, whatever the number of products: the values that lists can be narrowed by are made known
(FacetValue), the columns of the products are written where they differ, and new words join the vocabulary.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.db import connection, transaction

from catalog.models import Product
from catalog.search.language import configuration
from catalog.search.marks import MARKS

LONGEST_DESCRIPTION = 20_000  # characters that are searched

# What stands in addresses: unaccented, lower case, hyphens; or the bare text where nothing of it is Latin.
_SLUG = """coalesce(
    nullif(trim(both '-' from regexp_replace(lower(unaccent({0})), '[^a-z0-9]+', '-', 'g')), ''),
    lower({0})
)"""

# Option values of variants that are offered.
_OPTIONS = """
    SELECT DISTINCT o.product_id, o.name, v.value, v.position
    FROM catalog_option o
    JOIN catalog_optionvalue v ON v.option_id = o.id
    JOIN catalog_variant t ON t.product_id = o.product_id AND t.archived_at IS NULL
        AND v.id IN (t.value_1_id, t.value_2_id, t.value_3_id)
    WHERE o.product_id = ANY(%(ids)s)
"""

# Attribute values as text, with the place of each among its like.
_ATTRIBUTES = """
    SELECT w.product_id, a.code, a.name, a.kind, a.is_filter,
        CASE a.kind
            WHEN 'number' THEN trim_scale(w.number)::text || CASE WHEN a.unit = '' THEN '' ELSE ' ' || a.unit END
            WHEN 'flag' THEN CASE WHEN w.flag THEN 'Yes' ELSE 'No' END
            WHEN 'choice' THEN c.value
            ELSE w.text
        END AS label,
        CASE a.kind WHEN 'number' THEN trim_scale(w.number)::text END AS figure,
        CASE a.kind
            WHEN 'choice' THEN c.position
            WHEN 'flag' THEN (NOT w.flag)::int
            ELSE 0
        END AS position
    FROM catalog_attributevalue w
    JOIN catalog_attribute a ON a.id = w.attribute_id
    LEFT JOIN catalog_attributechoice c ON c.id = w.choice_id
    WHERE w.product_id = ANY(%(ids)s)
"""

_FACETS = f"""
    SELECT p.id AS product_id, 'brand' AS kind, 'brand' AS code, b.slug AS value, 'Brand' AS group_name,
        b.name AS label, 0 AS position
    FROM catalog_product p JOIN catalog_brand b ON b.id = p.brand_id
    WHERE p.id = ANY(%(ids)s)
    UNION ALL
    SELECT product_id, 'option', left({_SLUG.format("name")}, 80), left({_SLUG.format("value")}, 160), name,
        value, position
    FROM ({_OPTIONS}) AS options
    UNION ALL
    SELECT product_id, 'attribute', code, left(coalesce(figure, {_SLUG.format("label")}), 160), name,
        left(label, 160), position
    FROM ({_ATTRIBUTES}) AS attributes
    WHERE is_filter AND kind <> 'text'
"""

# In the order of their keys, so that two writers of the same new values wait for each other. What options are called is
# for each product to say, so the first one's words stay; brands and attributes have one name.
_KNOW_FACETS = f"""
    INSERT INTO catalog_facetvalue (kind, code, value, "group", label, position)
    SELECT DISTINCT ON (kind, code, value) kind, code, value, group_name, label, position
    FROM ({_FACETS}) AS facets
    ORDER BY kind, code, value, position
    ON CONFLICT (kind, code, value) DO UPDATE
    SET "group" = excluded."group", label = excluded.label, position = excluded.position
    WHERE catalog_facetvalue.kind <> 'option' AND
        (catalog_facetvalue."group", catalog_facetvalue.label, catalog_facetvalue.position)
        IS DISTINCT FROM (excluded."group", excluded.label, excluded.position)
"""

_WRITE = f"""
    WITH facets AS (
        SELECT f.product_id, array_agg(DISTINCT known.id::int ORDER BY known.id::int) AS ids
        FROM ({_FACETS}) AS f
        JOIN catalog_facetvalue known ON (known.kind, known.code, known.value) = (f.kind, f.code, f.value)
        GROUP BY f.product_id
    ), options AS (
        SELECT product_id, string_agg(value, ' ' ORDER BY position, value) AS words
        FROM ({_OPTIONS}) AS o GROUP BY product_id
    ), attributes AS (
        SELECT product_id, string_agg(CASE kind WHEN 'flag' THEN CASE label WHEN 'Yes' THEN name ELSE '' END
            ELSE label END, ' ' ORDER BY name) AS words
        FROM ({_ATTRIBUTES}) AS a GROUP BY product_id
    ), codes AS (
        SELECT product_id, array_agg(DISTINCT code) AS codes
        FROM (
            SELECT product_id, lower(sku) AS code FROM catalog_variant
            WHERE product_id = ANY(%(ids)s) AND archived_at IS NULL
            UNION ALL
            SELECT product_id, lower(barcode) FROM catalog_variant
            WHERE product_id = ANY(%(ids)s) AND archived_at IS NULL AND barcode <> ''
        ) AS each
        GROUP BY product_id
    ), fresh AS (
        SELECT p.id,
            setweight(to_tsvector(%(config)s, p.name), 'A')
            || setweight(to_tsvector(%(config)s,
                concat_ws(' ', b.name, t.name, array_to_string(p.tags, ' '), o.words)), 'B')
            || setweight(to_tsvector(%(config)s, coalesce(a.words, '')), 'C')
            || setweight(to_tsvector(%(config)s, left(p.description, {LONGEST_DESCRIPTION})), 'D')
            || array_to_tsvector(coalesce(c.codes, '{{}}')) AS search_vector,
            to_tsvector(%(config)s, concat_ws(' ', p.name, b.name))
                || array_to_tsvector(coalesce(c.codes, '{{}}')) AS name_vector,
            {MARKS} || coalesce(f.ids, '{{}}') AS facet_ids
        FROM catalog_product p
        LEFT JOIN catalog_brand b ON b.id = p.brand_id
        LEFT JOIN catalog_producttype t ON t.id = p.product_type_id
        LEFT JOIN options o ON o.product_id = p.id
        LEFT JOIN attributes a ON a.product_id = p.id
        LEFT JOIN codes c ON c.product_id = p.id
        LEFT JOIN facets f ON f.product_id = p.id
        WHERE p.id = ANY(%(ids)s)
    )
    UPDATE catalog_product p
    SET search_vector = fresh.search_vector, name_vector = fresh.name_vector, facet_ids = fresh.facet_ids
    FROM fresh
    WHERE p.id = fresh.id AND (p.search_vector, p.name_vector, p.facet_ids)
        IS DISTINCT FROM (fresh.search_vector, fresh.name_vector, fresh.facet_ids)
"""

# The words of names, brands, types and tags, and of what lists can be narrowed by.
_WORDS = """
    SELECT word, count(*) AS uses
    FROM (
        SELECT DISTINCT p.id, regexp_split_to_table(lower(unaccent(concat_ws(
            ' ', p.name, b.name, t.name, array_to_string(p.tags, ' '), (
                SELECT string_agg(v.label, ' ') FROM catalog_facetvalue v
                WHERE v.id = ANY(p.facet_ids) AND v.label NOT IN ('Yes', 'No')
            )
        ))), '[^[:alnum:]]+') AS word
        FROM catalog_product p
        LEFT JOIN catalog_brand b ON b.id = p.brand_id
        LEFT JOIN catalog_producttype t ON t.id = p.product_type_id
        WHERE {condition}
    ) AS words
    WHERE length(word) BETWEEN 3 AND 40 AND word !~ '^[0-9]+$'
    GROUP BY word
"""

# What is not shown is not suggested either.
_SHOWN = "p.is_published AND p.is_listed AND p.archived_at IS NULL"
# In the order of the words, for the same reason as above.
_KNOW_WORDS = f"""
    INSERT INTO catalog_searchword (word, uses)
    {_WORDS.format(condition=f"p.id = ANY(%(ids)s) AND {_SHOWN}")}
    ORDER BY word
    ON CONFLICT (word) DO NOTHING
"""

_RECOUNT_WORDS = f"""
    UPDATE catalog_searchword w
    SET uses = coalesce(counted.uses, 0)
    FROM catalog_searchword old
    LEFT JOIN ({_WORDS.format(condition=_SHOWN)}) AS counted ON counted.word = old.word
    WHERE w.word = old.word AND w.uses IS DISTINCT FROM coalesce(counted.uses, 0)
"""


def reindex(product_ids: Iterable[int]) -> None:
    """Bring what these products are found by up to date; part of the caller's transaction, which holds their locks."""
    wanted: dict[str, Any] = {"ids": sorted(set(product_ids)), "config": configuration()}
    if not wanted["ids"]:
        return
    with connection.cursor() as cursor:
        for statement in (_KNOW_FACETS, _WRITE, _KNOW_WORDS):
            cursor.execute(statement, wanted)


def reindex_all(*, batch: int = 2000) -> int:
    """Write anew what all products are found by, and count how often each word is used; returns how many there are.

    In batches of one transaction each, so that the shop goes on meanwhile.
    """
    done, last = 0, 0
    while True:
        with transaction.atomic(durable=True):
            products = Product.objects.select_for_update(no_key=True, of=("self",)).filter(pk__gt=last).order_by("pk")
            ids = list(products.values_list("pk", flat=True)[:batch])
            reindex(ids)
        if not ids:
            break
        done, last = done + len(ids), ids[-1]
    recount_words()
    return done


@transaction.atomic(durable=True)
def recount_words() -> None:
    """Count how many products each word of the vocabulary is used by, and forget those that none uses."""
    with connection.cursor() as cursor:
        cursor.execute(_RECOUNT_WORDS)
        cursor.execute("DELETE FROM catalog_searchword WHERE uses = 0")

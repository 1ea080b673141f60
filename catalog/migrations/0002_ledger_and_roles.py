"""The stock ledger becomes append-only, and the role that keeps the catalogue gets its permissions."""

from __future__ import annotations

from typing import Any

from django.db import migrations

APPEND_ONLY = """
CREATE FUNCTION catalog_stockmovement_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'stock movements are append-only' USING ERRCODE = 'restrict_violation';
END $$;
CREATE TRIGGER catalog_stockmovement_append_only BEFORE UPDATE ON catalog_stockmovement
    FOR EACH ROW EXECUTE FUNCTION catalog_stockmovement_append_only();
CREATE FUNCTION catalog_pricechange_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'price changes are append-only' USING ERRCODE = 'restrict_violation';
END $$;
CREATE TRIGGER catalog_pricechange_append_only BEFORE UPDATE ON catalog_pricechange
    FOR EACH ROW EXECUTE FUNCTION catalog_pricechange_append_only();
"""
# For each language that PostgreSQL has a stemmer for, one that reads words without their accents.
CONFIGURATIONS = """
DO $$
DECLARE stemmer text; lang text;
BEGIN
    FOR stemmer IN SELECT dictname FROM pg_ts_dict WHERE dictname ~ '_stem$' OR dictname = 'simple' LOOP
        lang := regexp_replace(stemmer, '_stem$', '');
        IF EXISTS (SELECT FROM pg_ts_config WHERE cfgname = lang)
            AND NOT EXISTS (SELECT FROM pg_ts_config WHERE cfgname = 'shop_' || lang) THEN
            EXECUTE format('CREATE TEXT SEARCH CONFIGURATION %I (COPY = pg_catalog.%I)', 'shop_' || lang, lang);
            EXECUTE format('ALTER TEXT SEARCH CONFIGURATION %I ALTER MAPPING FOR asciiword, asciihword, hword_asciipart, '
                'word, hword, hword_part WITH unaccent, %I', 'shop_' || lang, stemmer);
        END IF;
    END LOOP;
END $$;
"""
UNDO = """
DROP TRIGGER catalog_pricechange_append_only ON catalog_pricechange;
DROP FUNCTION catalog_pricechange_append_only();
DROP TRIGGER catalog_stockmovement_append_only ON catalog_stockmovement;
DROP FUNCTION catalog_stockmovement_append_only();
"""
PERMISSIONS = {
    "category": ("view", "add", "change", "delete"),
    "product": ("view", "add", "change", "delete"),
    "brand": ("view", "add", "change", "delete"),
    "producttype": ("view", "add", "change", "delete"),
    "attribute": ("view", "add", "change", "delete"),
    "attributechoice": ("view", "add", "change", "delete"),
    "typeattribute": ("view", "add", "change", "delete"),
    "attributevalue": ("view", "add", "change", "delete"),
    "option": ("view", "add", "change", "delete"),
    "optionvalue": ("view", "add", "change", "delete"),
    "collection": ("view", "add", "change", "delete"),
    "collectionrule": ("view", "add", "change", "delete"),
    "relatedproduct": ("view", "add", "change", "delete"),
    "formerslug": ("view", "delete"),
    "synonym": ("view", "add", "change", "delete"),
    "searchmiss": ("view", "delete"),
    "importrun": ("view", "add", "change"),
    "importproblem": ("view",),
    "pricechange": ("view",),
    "stockalert": ("view",),
    "productimage": ("view", "add", "change", "delete"),
    "variant": ("view", "add", "change", "delete"),
    "stocklevel": ("view", "change"),
    "stockmovement": ("view",),
    "stocksheet": ("view", "add", "change"),
    "stocksheetline": ("view",),
}
STOCK_VALUE = {"codename": "view_stock_value", "defaults": {"name": "Can see what the stock is worth"}}


def create_role(apps: Any, schema_editor: Any) -> None:
    # Django creates permissions only after all migrations; the same rows are made here, so that it finds them.
    content_types = apps.get_model("contenttypes", "ContentType").objects
    permissions = apps.get_model("auth", "Permission").objects
    group, _ = apps.get_model("auth", "Group").objects.get_or_create(name="Catalog staff")
    for model, actions in PERMISSIONS.items():
        content_type, _ = content_types.get_or_create(app_label="catalog", model=model)
        name = apps.get_model("catalog", model)._meta.verbose_name
        for action in actions:
            permission, _ = permissions.get_or_create(
                content_type=content_type, codename=f"{action}_{model}", defaults={"name": f"Can {action} {name}"}
            )
            group.permissions.add(permission)
    levels, _ = content_types.get_or_create(app_label="catalog", model="stocklevel")
    group.permissions.add(permissions.get_or_create(content_type=levels, **STOCK_VALUE)[0])


def remove_role(apps: Any, schema_editor: Any) -> None:
    apps.get_model("auth", "Group").objects.filter(name="Catalog staff").delete()


class Migration(migrations.Migration):
    dependencies = [
        ("catalog", "0001_initial"),
        ("auth", "0012_alter_user_first_name_max_length"),
        ("contenttypes", "0002_remove_content_type_name"),
    ]
    operations = [
        migrations.RunSQL(APPEND_ONLY, UNDO),
        migrations.RunSQL(CONFIGURATIONS, migrations.RunSQL.noop),
        migrations.RunPython(create_role, remove_role),
    ]

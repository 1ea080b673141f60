"""The timeline becomes append-only, and the roles that handle orders and reports get their permissions."""

from __future__ import annotations

from typing import Any

from django.db import migrations

APPEND_ONLY = """
CREATE FUNCTION orders_orderevent_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'an order''s timeline is append-only' USING ERRCODE = 'restrict_violation';
END $$;
CREATE TRIGGER orders_orderevent_append_only BEFORE UPDATE ON orders_orderevent
    FOR EACH ROW EXECUTE FUNCTION orders_orderevent_append_only();
"""
UNDO = """
DROP TRIGGER orders_orderevent_append_only ON orders_orderevent;
DROP FUNCTION orders_orderevent_append_only();
"""
ORDER_STAFF = [
    ("orders", "order", "view_order", "Can view order"),
    ("orders", "order", "change_order", "Can change order"),
    ("orders", "order", "fulfil_order", "Can move orders through their lifecycle"),
    ("orders", "orderline", "view_orderline", "Can view order line"),
    ("orders", "orderevent", "view_orderevent", "Can view order event"),
    ("orders", "payment", "view_payment", "Can view payment"),
    ("accounts", "user", "view_user", "Can view user"),
    ("accounts", "address", "view_address", "Can view address"),
]
MANAGERS = [("orders", "order", "view_reports", "Can see reports over all orders")]
ROLES = {"Order staff": ORDER_STAFF, "Managers": MANAGERS}


def create_roles(apps: Any, schema_editor: Any) -> None:
    # Django creates permissions only after all migrations; the same rows are made here, so that it finds them.
    content_types = apps.get_model("contenttypes", "ContentType").objects
    permissions = apps.get_model("auth", "Permission").objects
    for role, rows in ROLES.items():
        group, _ = apps.get_model("auth", "Group").objects.get_or_create(name=role)
        for app_label, model, codename, name in rows:
            content_type, _ = content_types.get_or_create(app_label=app_label, model=model)
            permission, _ = permissions.get_or_create(
                content_type=content_type, codename=codename, defaults={"name": name}
            )
            group.permissions.add(permission)


def remove_roles(apps: Any, schema_editor: Any) -> None:
    apps.get_model("auth", "Group").objects.filter(name__in=ROLES).delete()


class Migration(migrations.Migration):
    dependencies = [
        ("orders", "0001_initial"),
        ("accounts", "0001_initial"),
        ("auth", "0012_alter_user_first_name_max_length"),
        ("contenttypes", "0002_remove_content_type_name"),
    ]
    operations = [
        migrations.RunSQL(APPEND_ONLY, UNDO),
        migrations.RunPython(create_roles, remove_roles),
    ]

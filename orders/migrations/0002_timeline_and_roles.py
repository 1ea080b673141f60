"""Timeline and invoices become append-only, and the roles that handle orders and reports get their permissions."""

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
CREATE FUNCTION orders_invoice_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'an invoice that was issued is never changed' USING ERRCODE = 'restrict_violation';
END $$;
CREATE TRIGGER orders_invoice_append_only BEFORE UPDATE ON orders_invoice
    FOR EACH ROW EXECUTE FUNCTION orders_invoice_append_only();
"""
UNDO = """
DROP TRIGGER orders_invoice_append_only ON orders_invoice;
DROP FUNCTION orders_invoice_append_only();
DROP TRIGGER orders_orderevent_append_only ON orders_orderevent;
DROP FUNCTION orders_orderevent_append_only();
"""
OWN = {
    "view_reports": "Can see reports over all orders",
    "fulfil_order": "Can move orders through their lifecycle",
    "refund_order": "Can give money back",
    "view_stock_value": "Can see what the stock is worth",
}
LOOKED_AT = (
    "orderline", "orderevent", "payment", "refund", "refundline", "providerevent", "shipment", "shipmentline",
    "return", "returnline", "invoice", "shippingmethod", "shippingzone", "taxrate",
)  # fmt: skip
SET_UP = ("coupon", "shippingzone", "zonearea", "shippingmethod", "ratestep", "taxrate")
ORDER_STAFF = [
    *(("orders", "order", name) for name in ("view_order", "change_order", "fulfil_order", "refund_order")),
    *(("orders", model, f"view_{model}") for model in LOOKED_AT),
    ("orders", "providerevent", "change_providerevent"),
    *(("orders", "orderimport", f"{act}_orderimport") for act in ("view", "add")),
    ("accounts", "user", "view_user"),
    ("accounts", "address", "view_address"),
]
MANAGERS = [
    ("orders", "order", "view_reports"),
    ("orders", "redemption", "view_redemption"),
    *(("orders", model, f"{act}_{model}") for model in SET_UP for act in ("view", "add", "change", "delete")),
    # To choose what a coupon is for.
    ("catalog", "product", "view_product"),
    ("catalog", "category", "view_category"),
    ("catalog", "stocklevel", "view_stock_value"),
    *(("catalog", "taxclass", f"{act}_taxclass") for act in ("view", "add", "change", "delete")),
]
ROLES = {"Order staff": ORDER_STAFF, "Managers": MANAGERS}


def create_roles(apps: Any, schema_editor: Any) -> None:
    # Django creates permissions only after all migrations; the same rows are made here, so that it finds them.
    content_types = apps.get_model("contenttypes", "ContentType").objects
    permissions = apps.get_model("auth", "Permission").objects
    for role, rows in ROLES.items():
        group, _ = apps.get_model("auth", "Group").objects.get_or_create(name=role)
        for app_label, model, codename in rows:
            name = OWN.get(codename) or f"Can {codename.split('_')[0]} {_verbose_name(apps, app_label, model)}"
            content_type, _ = content_types.get_or_create(app_label=app_label, model=model)
            permission, _ = permissions.get_or_create(
                content_type=content_type, codename=codename, defaults={"name": name}
            )
            group.permissions.add(permission)


def _verbose_name(apps: Any, app_label: str, model: str) -> str:
    return str(apps.get_model(app_label, model)._meta.verbose_name)


def remove_roles(apps: Any, schema_editor: Any) -> None:
    apps.get_model("auth", "Group").objects.filter(name__in=ROLES).delete()


class Migration(migrations.Migration):
    dependencies = [
        ("orders", "0001_initial"),
        ("accounts", "0001_initial"),
        ("catalog", "0002_ledger_and_roles"),
        ("auth", "0012_alter_user_first_name_max_length"),
        ("contenttypes", "0002_remove_content_type_name"),
    ]
    operations = [
        migrations.RunSQL(APPEND_ONLY, UNDO),
        migrations.RunPython(create_roles, remove_roles),
    ]

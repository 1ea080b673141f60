"""The database engine of the settings: `ENGINE = "shop.database"`."""

from __future__ import annotations

from django.db.backends.base.base import NO_DB_ALIAS
from django.db.backends.postgresql import base

from shop.database.pool import Pool


class DatabaseWrapper(base.DatabaseWrapper):
    @property
    def pool(self) -> Pool | None:
        """As Django's own, but for the class. One for the process, made when first needed."""
        options = self.settings_dict["OPTIONS"].get("pool")
        if self.alias == NO_DB_ALIAS or not options:
            return None
        pools: dict[str, Pool] = self._connection_pools  # type: ignore[attr-defined]  # the stubs lack it
        if self.alias not in pools:
            connecting = self.get_connection_params() | {"autocommit": True}
            configure = self._configure_connection  # type: ignore[attr-defined]  # the stubs lack it
            made = Pool(kwargs=connecting, open=False, configure=configure, **options)
            pools.setdefault(self.alias, made)  # several threads may get here: the first one wins
        return pools[self.alias]

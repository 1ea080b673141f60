"""Django's PostgreSQL backend, with a pool that notices at once when the database goes and comes back."""

"""A whole shop of real processes, made to be killed: database, web server, worker, and Stripe's double."""

"""What machines read: a product feed, sitemaps, and structured data on the pages."""

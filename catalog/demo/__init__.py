"""The demo shop "Juniper & Clay": what it sells and how its pictures are drawn."""

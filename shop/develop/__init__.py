"""What stands behind `make run`: the whole shop in one terminal, and nothing left behind when it ends."""

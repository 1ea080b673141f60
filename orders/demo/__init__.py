"""The people and the past of the demo shop."""

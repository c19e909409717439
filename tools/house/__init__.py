"""The rules of the house, one module a subject; tools/check.py lists and runs them."""

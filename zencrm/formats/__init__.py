"""How the admin, and whatever is written by Django itself, writes dates: as the pages of the house do (core/formats.py)."""

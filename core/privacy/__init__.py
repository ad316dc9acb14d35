"""Data protection: consent with its proof, what is known of a person, its erasure, its terms, and who has looked at it.

Which records are about people, and what to do with each of their fields, is declared by the apps (`<app>/privacy.py`) and
collected in `zencrm/wiring.py`.
"""

"""E-mail on the record: written from templates, sent through the outbox, answers brought back."""

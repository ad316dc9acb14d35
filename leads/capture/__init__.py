"""How leads come in by themselves: web forms, a signed endpoint, e-mails, events, phone notes, social networks.

A request writes one row (`models.Capture`) and answers. A job makes leads, touches and consents of it, each in a transaction
of its own, so that a crash loses and doubles nothing.
"""

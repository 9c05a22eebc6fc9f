"""Reading a corpus of journals, documents and code. Pure Python: no Django, no store, no network."""

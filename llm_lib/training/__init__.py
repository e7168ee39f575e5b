"""Training: a schedule, an optimizer, windows of text to read, a loop that keeps a log.

``train`` is the loop, ``storyteller`` the recipe of the book's own model.
"""

"""The sentence that every figure opens with, until the reader types one of their own."""

# In the spirit of "Follow Copy", and chosen for its seams: two words that the story does not hold
# (hadn't, instead), an apostrophe, a plural, a rare long word, and an accent of two bytes.
BOOK_SENTENCE = "The compositor hadn't room for a café, so he set birds instead."

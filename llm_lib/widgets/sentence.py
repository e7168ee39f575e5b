"""The sentence that every figure opens with, until the reader types one of their own."""

# In the spirit of "Follow Copy", and chosen for its seams: two words that the story does not hold
# (hadn't, instead), an apostrophe, a plural, a rare long word, and an accent of two bytes.
BOOK_SENTENCE = "The compositor hadn't room for a café, so he set birds instead."

# What figures with the book's model open with: it stops where the next word was said before, so a
# model that looks back is sure of it. The first of the beginnings in ui/story_field.js.
STORY_OPENING = (
    "Near the mill lived a child called Hugo. One windy morning, he went out to play. Now"
)

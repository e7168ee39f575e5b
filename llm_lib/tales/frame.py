"""What all shapes share: how a tale opens, how a friend comes along, how a tale ends.

The template language is described in `template.py`. Every branch of a choice must start
differently, and none may be how another begins: `proofs.prefix_clashes` names those that do.
"""

OPENING = """
[opening:
  One {weather:weather} {time:time}, {hero:name}
  [deed: sat | stood | was walking | was humming a tune] {start:place.by}.
| It was a {weather:weather} {time:time}, and {hero:name}
  [deed: sat alone | stood | was throwing stones | was drawing with a stick] {start:place.by}.
| Near the {start:place} lived a child called {hero:name}. One {weather:weather} {time:time},
  {hero.he} went out [deed: to play | to look at the sky | in a hurry | in odd socks].
| There was once a child called {hero:name}, who lived near the {start:place}. One
  {weather:weather} {time:time}, {hero.he} set out
  [deed: with a warm bun | with no plan at all | singing | to see what was new].
]
[wording:
  {weather.Sky}. {hero} felt {mood:mood}.
| {hero.He} felt {mood:mood} and {mood.acts}.
| {weather.Sky}, but {hero} was too {mood:mood} to notice.
| Now {hero} was {mood:mood} that day, so {hero.he} {mood.acts}.
]
"""

# A friend comes along.
MEET = """
[wording:
  Before long {friend:animal.a} {friend.moves} by.
| Down the path came {friend:animal.a}.
| Who should come along but {friend:animal.a}?
| Just then {friend:animal.a} {friend.moves} out of
  [wording: the bushes | the long grass | the shade].
]
"""

# ... and asks.
ASK = """
[speech: "Why so {mood}, {hero}?" | "You look {mood} today," | "Whatever is the matter?"]
{friend.says} the {friend}.
"""

# The ending decides the split: exactly `splits.LABELS` endings, each as likely as the others.
GLAD = """
{!close is glad}
[ending:
  That night the {look} {thing} {thing.does}, and all was well.
| "What a day!" said {hero} at bedtime, and {hero.he} was no longer {mood}.
| {hero} came home {weather.ends}, and was not {mood} any more.
| And {hero} and the {friend} were friends from that day on.
| From then on, nobody ever called {hero} {mood} again.
| For many years {keeper.the} took good care of the {look} {thing}.
| "Come again tomorrow," {friend.says} the {friend}, and {hero} did.
| Then {hero} and the {friend} watched the stars come out {start.by}.
| Go to the {start} on a {weather} {time}, and you may see the two of them still.
| As for the {look} {thing}, it {thing.does} that very night.
| At supper {hero} told the whole story twice, once for the soup and once for the bread.
| "I am not {mood} now," said {hero}, and it was true.
| Even the {weather} weather seemed kinder on the way home.
| The {friend} slept soundly that night, and so did {hero}.
| They laughed about it all the way back to the {start}.
| Soon everyone near the {start} had heard about {hero} and the {friend}.
| Grandmother heard the tale that night. "Well done, {hero}," she said.
| It had been a {mood} {time}, but it was a happy night.
| Since then {hero} always keeps some {friend.likes} in one pocket.
| So the {weather} {time} ended well for {hero}, for the {friend}, and for the {look} {thing}.
]
"""

RUEFUL = """
{!close is rueful}
[ending:
  That night {hero} lay awake and thought about the {look} {thing}.
| "Next time I shall do better," said {hero}, and {hero.he} meant it.
| {hero} walked home {weather.ends} and did not say a word.
| And {hero} was still a little {mood} at bedtime.
| Soon the {friend} had to go, and it grew very quiet.
| It was a long walk back to the {start}.
| Grandmother saw {hero.his} face and took {hero.his} hand.
| For a long time nobody spoke of the {look} {thing}.
| "Tomorrow is a new day," said Grandmother.
| At supper {hero} could not finish {hero.his} soup.
| But the {friend} came back the next day, and they began again.
| Some days end like that, even near the {start}.
| After that, {hero} always thought twice.
| Since then {hero} has been kind to every {friend} in the world.
| Outside, {weather.sky}, and {hero} watched until it was dark.
| So the {weather} {time} ended, not well, but not so very badly.
| There was no singing on the way home that {time}.
| Perhaps it could not be helped, but {hero} was not so sure.
| In the dark {hero} whispered, "Good night, little {friend}."
| What the {friend} thought of it all, nobody knows.
]
"""

FRAME = {"opening": OPENING, "meet": MEET, "ask": ASK, "glad": GLAD, "rueful": RUEFUL}

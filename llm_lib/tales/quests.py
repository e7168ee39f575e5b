"""Shapes in which something is to be found, reached or won. How to read them: `shapes.py`."""

LOST = """
{hero.He} had lost {hero.his} {look:look} {thing:thing}. {!hero wants thing} {>meet} {>ask}

"I have lost my {look} {thing}," said {hero}.
[speech: "It was a present." | "I had it yesterday." | "I cannot sleep without it."]

"Then we must look," said the {friend}. They looked {first:place.by}, but found only
[find: a rusty nail | an old boot | two snails | a puddle | a broken wheel].
Then they looked {spot:place.by}. {!hero at spot} {!friend at spot}

[outcome end:
  found*3 = There it was,
    [event: under a leaf | caught in a bramble | half buried in mud | hanging from a twig]!
    {hero} held the {thing} tight and gave the {friend} some {friend.likes} for helping.
    {!hero has thing} {!keeper is hero} {>glad}
| returned*2 = A child called {other:name} was sitting there with the {thing}. "Is it yours?" asked
    {other}. "[speech: I kept it safe. | I was just going to ask.]" And {other.he} gave it back.
    {!other at spot} {!hero has thing} {!keeper is hero} {>glad}
| gone = But the {thing} was not there, nor anywhere else. The {friend} sat down close beside
    {hero.him} and [deed: shared some {friend.likes} | said nothing, kindly]. {>rueful}
]
"""

TRADE = """
What {hero.he} wanted most was {look:look.a} {thing:thing}. {!hero wants thing} The
{person:person} had one. {!person has thing} "Bring me {goods:goods.a}," said the {person}, "and
it is yours."

{hero} had no {goods}. But {yard:place.by} lived {friend:animal.a} who
[wording: had one | had two | had plenty]. {!friend at yard}
"I will swap it for some {friend.likes}," {friend.says} the {friend}. So {hero} ran home for some
{friend.likes}. The {friend} ate [deed: in one gulp | slowly | with both eyes shut] and handed over
the {goods}. {!hero has goods}

By {time.later} {hero} was back.
[outcome end:
  swapped*3 = "Just [speech: what I needed | in time | the right size]," said the {person}, and gave
    {hero.him} the {look} {thing} for the {goods}. {!person has goods} {!hero has thing}
    {!keeper is hero} {>glad}
| given*2 = "Keep your {goods}," laughed the {person}. "Anyone who
    [wording: runs so far | works so hard] has earned the {thing}." {!hero has thing}
    {!keeper is hero} {>glad}
| sold = "Too late," said the {person}. "{other:name} has the {thing} now." {!other has thing}
    {hero} put the {goods} away without a word. {>rueful}
]
"""

STORM = """
Then a storm came roaring over the {far:place}. {hero} ran home and shut the door.
[event: Tap, tap, tap! | Knock, knock! | Scratch, scratch!] On the step stood {friend:animal.a},
wet through. "[speech: May I come in? | Have you room for one more? | Only until it stops?]"
{friend.says} the {friend}. {!friend wants shelter}

{hero} gave it [deed: a dry towel | the warm chair | a bed by the fire] and some {friend.likes}.
{!hero at start} {!friend at start} {!friend has shelter} But the wind carried off
{hero.his} {look:look} {thing:thing}. {!hero wants thing} When all was still again, they went out to
look for it.

[outcome end:
  found*3 = The {friend} {friend.moves} ahead, and found the {thing} {spot:place.by}. "You
    [wording: opened your door to me | made room for me]," it said. {!hero has thing}
    {!keeper is hero} {>glad}
| mended*2 = They found it {spot:place.by}, broken in two. But the {person:person} put down
    {person.load}, and soon the {thing} was as good as new. {!hero has thing} {!keeper is hero}
    {>glad}
| gone = They looked {spot:place.by} and {last:place.by}, but there was nothing there but
    [find: leaves | mud | an empty nest]. "I did try," said the {friend}. {>rueful}
]
"""

HOME = """
Under a bush sat {friend:animal.a} with no home. "My {friend.home} is
[event: full of water | blown away | taken | too small now]," {friend.says} the {friend}.
{!friend wants home}

"I will help you look," said {hero}, and took along {look:look.a} {thing:thing} for luck.
{!hero has thing} They tried {first:place.by}, but it was too {flaw:flaw}. They tried
{second:place.by}, but it was too {other_flaw:flaw}. {!friend at second} {!hero at second}

[outcome end:
  settled*3 = At last they came to the {third:place}. It was not {flaw}, and it was not
    {other_flaw}. {!friend at third} {!hero at third} "[speech: Here I stay | This is the
    one | Oh, yes]," said the {friend}. {hero} left the {look} {thing} there for a welcome.
    {!friend has home} {!friend has thing} {!keeper is friend} {>glad}
| together*2 = "I know a place that is not {flaw} and not {other_flaw}," said {hero}, "and I live
    there." So the {friend} moved in, and they kept the {thing} between their two beds.
    {!friend at start} {!hero at start} {!friend has home} {!keeper is hero} {>glad}
| parted = "Thank you for trying," said the {friend}, "but I must look far away." {hero} gave it the
    {thing} to remember {hero.him} by. {!friend has thing} {>rueful}
]
"""

STRANGER = """
Along the road came the {person:person} with {person.load}. "It must be {goal:place.by} by
{time.later}," said the {person}, "and
[speech: I have hurt my foot | I am not young | it is heavy]."

{hero} took one end. On the way they met {friend:animal.a}. "I know a short cut,"
{friend.says} the {friend}, "but I never walk without some {friend.likes}."
[outcome end:
  paid*3 = Luckily {hero} had some {friend.likes}. The {friend} led them past the {way:place}, and
    they were there before {time.later}. {!hero at goal} {!friend at goal} {!person at goal} The
    {person} gave {hero} {look:look.a} {thing:thing}. {!hero has thing} {!keeper is hero} {>glad}
| shared*2 = Nobody had any {friend.likes}, but {hero} [deed: sang a song | told a joke] instead.
    "That will do," said the {friend}, and led them past the {way:place}.
    {!hero at goal} {!friend at goal} {!person at goal} The {person} thanked them both, and gave the
    {friend} {look:look.a} {thing:thing}. {!friend has thing} {!keeper is friend} {>glad}
| late*2 = "We have none," said {hero}, so they took the long road, past the {way:place}. When they
    got there, everyone had gone. "You were kind all the same," said the {person}, and gave
    {hero.him} {look:look.a} {thing:thing}. {!hero at goal} {!person at goal} {!hero has thing}
    {>rueful}
]
"""

RACE = """
"I can run faster than you," said a voice. It was {friend:animal.a} with {look:look.a}
{thing:thing}. {!friend has thing} "[speech: Prove it | I doubt it | We shall see]," said {hero}.
"Then race me to the {goal:place}," {friend.says} the {friend}. "If you win, the {thing} is yours."
{!hero wants thing}

One, two, three, go! They ran past the {way:place}, side by side.
[event luck:
  rest*3 = Then the {friend} smelled some {friend.likes} and stopped for a bite.
| fall*2 = Then {hero} fell over [event: a root | a stone | {hero.his} own feet] and cried out.
| stuck*2 = Then the {friend} got stuck in [event: a fence | a hedge | a gate].
]
[outcome end:
  won*3 = <luck: rest = {hero} ran on and on | fall = But {hero} got up and ran like the wind |
    stuck = {hero} pulled it free and ran on>, and was first at the {goal}. "Well run," said the
    {friend}, and gave {hero.him} the {look} {thing}. {!hero has thing} {!keeper is hero}
    {!hero at goal} {!friend at goal} {>glad}
| tied*2 = <luck: rest = {hero} waited for it | fall = The {friend} came back to help |
    stuck = {hero} came back to help>, and they walked the rest of the way together. "Nobody
    won," said {hero}. "Nobody lost," said the {friend}. So they shared the {look} {thing}.
    {!keeper is friend} {!hero at goal} {!friend at goal} {>glad}
| beaten*2 = <luck: rest = {hero} laughed and lay down for a nap | fall = {hero.His} knee hurt, and
    {hero.he} had to walk | stuck = {hero} laughed, tripped, and hurt {hero.his} knee>. When
    {hero.he} got to the {goal}, the {friend} was there before {hero.him}. It kept the {thing}.
    {!hero at goal} {!friend at goal} {>rueful}
]
"""

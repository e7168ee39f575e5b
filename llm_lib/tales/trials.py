"""Shapes in which the hero can do right or wrong. How to read them: `shapes.py`."""

GIFT = """
It was the birthday of {hero.his} best friend, the {friend:animal}, and {hero} had no present.
All {hero.he} had was {look:look.a} {thing:thing}. {!hero has thing}
[wording: It had come from Grandmother. | {hero.He} took it everywhere.
| There was no other like it.]

The {friend} was waiting {spot:place.by}. {!hero at spot} {!friend at spot} "You came!"
{friend.says} the {friend}.
"[speech: I baked a cake. | I washed behind both ears. | I hardly slept. | I am five now.]"

[outcome end:
  given*3 = {hero} took a deep breath. "This is for you," {hero.he} said, and held out the {thing}.
    {!friend has thing} The {friend} [deed: danced | turned quite pink | could not speak at first].
    "Nobody ever gave me {look.a} {thing} before." {!keeper is friend} {>glad}
| swapped*2 = "This is for you," said {hero}, and gave the {friend} the {thing}. "And this is for
    you," said the {friend}, and gave {hero} {goods:goods.a}. They both laughed.
    {!friend has thing} {!hero has goods} {!keeper is friend} {>glad}
| kept*2 = But {hero} hid the {thing} behind {hero.his} back. "I brought nothing," {hero.he} said.
    "You brought yourself," said the {friend}, and cut the biggest slice for {hero.him}. Somehow it
    tasted [event: of dust | of nothing | bitter]. {>rueful}
]
"""

PROMISE = """
The {person:person} had {look:look.a} {thing:thing}, and {hero} begged to borrow it.
{!person has thing} {!hero wants thing} "Bring it back by {time.later}," said the {person}.
"[speech: Promise? | Is that a promise? | Not a minute after.]" "I promise," said {hero}.
{!hero has thing}

{hero.He} went to play with it {spot:place.by}, and there {hero.he} met {friend:animal.a}.
{!hero at spot} {!friend at spot} They were [deed: pirates | kings | bears | ghosts] together, and
the time flew. "[speech: Do not go yet | Stay a little longer]," {friend.says} the {friend}.

[outcome end:
  kept*3 = "A promise is a promise," said {hero}, and ran back with the {thing}. {!person has thing}
    It was not yet {time.later}. "You kept your word," said the {person}.
    "[speech: Borrow it any day. | I shall trust you always.]" {!keeper is person} {>glad}
| given*2 = But {hero} ran back and was there before {time.later}. "You kept your word, so you may
    keep the {thing}," said the {person}. {!keeper is hero} {>glad}
| broken*2 = So {hero} stayed, and {time.later} came and went. The {person} was waiting
    [wording: at the gate | in the road]. "I needed the {thing} today," said the {person}. {hero}
    gave it back and looked at the ground. {!person has thing} {>rueful}
]
"""

FINDER = """
There in the grass lay {look:look.a} {thing:thing}. {!hero has thing} "Whose is it?" {hero} asked
{friend:animal.a}. "Not mine," {friend.says} the {friend}. "Ask the {person:person}
{spot:place.by}." {!person at spot}

The {person} put down {person.load} and looked at the {thing}. "Not mine," said the {person}. "But
{other:name} [wording: is crying for one just like it | has been looking for one all day]."
{!other wants thing} {hero} wanted [wording: very much | with all {hero.his} heart] to keep it.

[outcome end:
  returned*3 = Still, {hero.he} ran to {other} and held out the {look} {thing}. {other}
    [deed: jumped for joy | laughed and cried at once]. "We can both play with it," {other.he} said.
    {!other has thing} {!keeper is other} {>glad}
| rewarded*2 = In the end {hero.he} took it to {other}. "You are honest," said {other}, "so I
    will give you my {goods:goods}." {!other has thing} {!hero has goods} {!keeper is other} {>glad}
| kept*2 = So {hero.he} hid it [deed: under {hero.his} bed | under {hero.his} coat] and told nobody.
    But whenever {other} walked by, the {friend} looked at {hero}, and {hero} looked away. {>rueful}
]
"""

THIEF = """
{hero.He} put {hero.his} {look:look} {thing:thing} down for a moment. {!hero has thing} When
{hero.he} looked round, {friend:animal.a} [wording: had it and was gone | was running off with it].
{!friend has thing} "[speech: Stop | Come back | Thief]!" cried {hero}. Past the {first:place} they
ran, and past the {second:place}, until the {friend} stopped for breath {third:place.by}.
{!hero at third} {!friend at third}

"Why did you take my {thing}?" asked {hero}.
[event why:
  babies*2 = "My babies have nothing to play with,"
| birthday*2 = "It is my birthday, and nobody came,"
| chase = "I wanted somebody to run after me,"
] {friend.says} the {friend}.
[outcome end:
  given*2 = {hero} thought about that.
    <why: babies = "Then it is for your babies," | birthday = "Then happy birthday," |
    chase = "Next time, ask me to play,"> {hero.he} said, and let the {friend} keep it.
    {!keeper is friend} {>glad}
| back*2 = Then it hung its head and gave the {thing} back. {!hero has thing} {hero}
    <why: babies = went along and played with the babies | birthday = stayed and sang the birthday
    song | chase = let it run, and chased it> until {time.later}. {!keeper is hero} {>glad}
| angry*2 = But {hero} snatched the {thing} away and ran. {!hero has thing} Behind {hero.him},
    <why: babies = small voices began to cry | birthday = somebody blew out one candle |
    chase = nobody ran at all>. {>rueful}
]
"""

QUARREL = """
Both {hero} and {other:name} wanted the {look:look} {thing:thing} that lay {spot:place.by}.
{!hero at spot} {!other at spot} {!hero wants thing} {!other wants thing} "I saw it first!" said
{hero}. "[speech: No, I did | You never did | But I touched it first]!" said {other}. And they both
pulled.

{>meet} {!friend at spot} "[speech: What a noise | Shame on you both | Stop that at once]!"
{friend.says} the {friend}.
[outcome end:
  turns*3 = "{hero} may have it until {time.later}, and {other} may have it after." So that is what
    they did, and when {time.later} came, {hero} gave the {thing} to {other}
    [deed: with a smile | with a bow | without a word]. {!other has thing} {!keeper is other}
    {>glad}
| broke*2 = Crack! The {thing} broke in two. They ran to the {person:person}, who put down
    {person.load} and mended it. "Now it is twice as good," said {other}, "because it is
    yours and mine." {!other has thing} {!keeper is other} {>glad}
| lost*2 = But they pulled until the {thing} flew [event: over a wall | down a hole | into a ditch]
    and was never seen again. {other} blamed {hero}, and {hero} blamed {other}. {>rueful}
]
"""

SHARING = """
In {hero.his} bag {hero} had {count:number} {food:food} and {look:look.a} {thing:thing}.
{!hero has food} {!hero has thing} {>meet} "I have had nothing to eat all day," {friend.says} the
{friend}. {!friend wants food}

[event choice:
  gave*3 = {hero} gave it one {food.one}, and that left {count.less}. {!friend eats food}
| refused*2 = "I need all {count}," said {hero}, and shut the bag.
] {hero.He} went on. But {spot:place.by} the {thing}
[event: fell down a deep hole | slid under a rock | rolled into a thorn bush]. {!hero at spot}
{!hero wants thing}
<choice:
  gave = "Let me," said somebody small. It was the {friend}! In it went, and out it
    came with the {look} {thing}. {!hero has thing} {!friend at spot} Then they sat down and ate the
    other {count.less} {food}. {!hero eats food} {!end is helped}
    {!keeper is hero} {>glad}
| refused =
  [outcome end:
    forgiven = "Let me," said the {friend}, and brought it out. {!hero has thing} {!friend at spot}
      {hero} turned [wording: pink | hot all over]. "Please take half of my {food}," {hero.he} said.
      {!keeper is hero} {>glad}
  | alone = {hero.He} called for help, but the {friend} was far away. So {hero} sat down
      and ate all {count} {food}, one by one, without the {thing}. {!hero eats food} {>rueful}
  ]
>
"""

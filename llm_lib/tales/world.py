"""The closed world: who may be in a tale, where, with what. Words and weights, nothing else.

Each table is one `Domain`; its first line names the forms. A trailing number is the word's weight.
No word may be a prefix of another of its domain (`proofs` checks it), and `name`-`animal` and
`thing`-`place` are the partners from which held-out pairs are made.
"""

from __future__ import annotations

from .lexicon import Domain, Word, hold_apart

_HE = {"he": "he", "him": "him", "his": "his", "himself": "himself"}
_SHE = {"he": "she", "him": "her", "his": "her", "himself": "herself"}


def _with_article(noun: str) -> str:
    return f"{'an' if noun[0] in 'aeiou' else 'a'} {noun}"


def _domain(name: str, number: int, table: str) -> Domain:
    """Read a table: columns are parted by bars; `he`/`she` in a `sex` column gives pronouns."""
    header, *rows = (
        [cell.strip() for cell in line.split("|")] for line in table.strip().splitlines()
    )
    words = []
    for row in rows:
        forms = dict(zip(header, row, strict=True))
        weight = int(forms.pop("weight", "1"))
        forms |= {"he": _HE, "she": _SHE, None: {}}[forms.pop("sex", None)]
        if name == "name":
            forms["the"] = forms["bare"]
        else:
            forms["the"] = f"the {forms['bare']}"
            forms["a"] = _with_article(forms["bare"])
        words.append(Word(weight, forms))
    return Domain(name, number, words)


NAMES = """
bare   | sex | weight
Ada    | she | 4
Mina   | she | 4
Lucy   | she | 4
Nora   | she | 3
Ruth   | she | 3
Ivy    | she | 3
Zara   | she | 2
Tess   | she | 2
Greta  | she | 2
Hana   | she | 2
Leila  | she | 2
Wren   | she | 1
Tom    | he  | 4
Sam    | he  | 4
Otto   | he  | 4
Omar   | he  | 3
Finn   | he  | 3
Jack   | he  | 3
Felix  | he  | 2
Hugo   | he  | 2
Ravi   | he  | 2
Ben    | he  | 2
Arlo   | he  | 2
Kofi   | he  | 1
"""

# `says`, `moves` and `likes` go with the animal, always: a reader can learn them.
ANIMALS = """
bare     | says      | moves     | likes       | home          | weight
fox      | yapped    | trotted   | plums       | den           | 3
hare     | whispered | bounded   | clover      | burrow        | 3
owl      | hooted    | glided    | toast       | hollow tree   | 3
mouse    | squeaked  | scurried  | cheese      | hole          | 3
otter    | chirped   | slipped   | little fish | stream        | 2
goose    | honked    | waddled   | corn        | nest          | 2
hedgehog | snuffled  | shuffled  | pears       | heap of leaves| 2
crow     | cawed     | flapped   | cherries    | nest          | 2
badger   | grunted   | lumbered  | mushrooms   | sett          | 2
squirrel | chattered | scampered | nuts        | oak tree      | 2
frog     | croaked   | hopped    | jam         | lily pad      | 2
duck     | quacked   | toddled   | peas        | reeds         | 2
donkey   | brayed    | plodded   | turnips     | stable        | 1
goat     | bleated   | skipped   | cabbage     | shed          | 1
robin    | sang      | fluttered | crumbs      | hedge         | 1
mole     | mumbled   | crept     | roots       | tunnel        | 1
"""

THINGS = """
bare     | does                               | weight
kite     | danced high in the air             | 3
bell     | rang as clear as water             | 3
lantern  | glowed like a small moon           | 3
drum     | went boom, boom, boom              | 2
whistle  | gave one long, merry note          | 2
boat     | looked ready for the sea           | 2
hat      | hung on its own peg                | 2
scarf    | waved like a flag                  | 2
key      | shone on its nail                  | 2
cup      | stood in the middle of the table   | 2
mirror   | caught the last of the light       | 2
ribbon   | fluttered from the window          | 2
button   | winked like a star                 | 2
marble   | rolled round and round             | 1
flute    | played the softest tune            | 1
umbrella | stood open by the door             | 1
spoon    | rattled in its bowl                | 1
book     | lay open at the best page          | 1
puppet   | nodded on its strings              | 1
blanket  | lay across the bed                 | 1
"""

PLACES = """
bare       | by                  | weight
river      | beside the river    | 3
mill       | behind the mill     | 3
orchard    | in the orchard      | 3
hill       | on top of the hill  | 3
bridge     | under the bridge    | 2
barn       | behind the barn     | 2
meadow     | in the meadow       | 2
harbour    | by the harbour      | 2
market     | at the market       | 2
pond       | beside the pond     | 2
forest     | in the forest       | 2
fountain   | next to the fountain| 2
lighthouse | below the lighthouse| 1
garden     | in the garden       | 1
cave       | near the cave       | 1
tower      | under the tower     | 1
"""

LOOKS = """
bare   | weight
red    | 3
blue   | 3
green  | 2
yellow | 2
white  | 2
silver | 2
orange | 1
tiny   | 1
old    | 2
striped| 1
"""

# Grown-ups. `load` is what belongs to the trade.
PEOPLE = """
bare       | sex | load              | weight
miller     | he  | a sack of flour   | 2
baker      | she | a tray of buns    | 2
sailor     | he  | a coil of rope    | 2
shepherd   | she | a bundle of wool  | 1
gardener   | she | a pot of roses    | 2
weaver     | she | a roll of cloth   | 1
carpenter  | he  | a box of nails    | 1
beekeeper  | he  | a jar of honey    | 1
"""

MOODS = """
bare    | acts                          | weight
sad     | wiped away a tear             | 2
lonely  | talked to the clouds          | 2
cross   | kicked a stone                | 2
worried | walked up and down            | 2
bored   | counted pebbles               | 1
sleepy  | yawned three times            | 1
shy     | hid behind both hands         | 1
gloomy  | drew a rainy face           | 1
"""

WEATHERS = """
bare   | sky                             | ends                     | weight
windy  | the wind pulled at the doors    | with tangled hair        | 3
rainy  | rain tapped on the leaves       | with wet shoes           | 3
sunny  | the sun warmed the stones       | with warm cheeks         | 3
snowy  | snow lay on the ground          | with snow on both boots  | 2
misty  | mist hid the trees              | with damp sleeves        | 2
frosty | frost shone on the grass        | with cold fingers        | 1
"""

TIMES = """
bare      | later      | weight
morning   | noon       | 3
afternoon | sunset     | 2
evening   | moonrise   | 1
"""

# Small things to swap.
GOODS = """
bare         | weight
feather      | 2
pine cone    | 2
sea shell    | 2
round pebble | 1
acorn        | 1
candle       | 1
"""

# Food that can be counted out.
FOODS = """
bare      | one        | weight
apples    | apple      | 2
pancakes  | pancake    | 2
biscuits  | biscuit    | 1
honey cakes| honey cake | 1
"""

NUMBERS = """
bare  | less  | weight
three | two   | 2
four  | three | 2
five  | four  | 1
six   | five  | 1
"""

# What can be wrong with a place.
FLAWS = """
bare    | weight
loud    | 2
wet     | 2
dark    | 2
cold    | 1
crowded | 1
dusty   | 1
"""

DOMAINS = {
    name: _domain(name, number, table)
    for number, (name, table) in enumerate(
        {
            "name": NAMES,
            "animal": ANIMALS,
            "thing": THINGS,
            "place": PLACES,
            "look": LOOKS,
            "person": PEOPLE,
            "mood": MOODS,
            "weather": WEATHERS,
            "time": TIMES,
            "goods": GOODS,
            "food": FOODS,
            "number": NUMBERS,
            "flaw": FLAWS,
        }.items()
    )
}

hold_apart(DOMAINS["name"], DOMAINS["animal"])
hold_apart(DOMAINS["thing"], DOMAINS["place"])

"""How a name sounds, whoever wrote it down: what two spellings of one name have in common.

English, Irish, Polish, South Asian and Arabic names as they are heard and spelt in Britain. Between vowels that people
write in many ways stand consonants that they write in few: a sound is those, the kind of the first vowel, and the kind
of vowel that the word ends in, since that is what tells Kamil from Kamila. What no rule catches is listed by name.
"""

import re
from collections.abc import Sequence
from itertools import islice, product
from typing import Final

_SOUNDS_PER_NAME: Final = 8

# One name a line, in spellings that no rule below brings together.
_SAID_ALIKE: Final = """
shaun sean shawn shaughn
shivaun siobhan chevonne shevaun
neve niamh neave nieve neeve
eefa aoife eefe
keeva caoimhe kiva queeva
shinade sinead shinaid
sersha saoirse seersha searsha
owen eoin eoghan
rosheen roisin rosin
eesha aoibheann eavan
maeve medbh meabh mave
sive sadhbh
kweelin caoilfhionn keelin
ashling aisling aislinn ashlin
orla orlaith orlagh
grania grainne granya gronya graunya
mora maura moira maire
keogh keough kehoe
dirmid diarmuid diarmaid dermot
teague tadhg
kieron ciaran kieran
doherty docherty dougherty
meakin meehan
mahony mahoney
davith dafydd dafith
rees rhys reece reese
shan sian
steven stephen stefen
steve steph
mikel michael mikael micheal
nicola nichola nikola
nikol nichol nicoll nicol
nikols nichols nicholls nicolls
jillian gillian
shepherd sheppard shepard
stuart stewart steward
geoffrey jeffrey jeffery
geoffreys jeffreys jefferies
voytek wojciech wojtek vojtek
kristof krzysztof krystof christoph
gregosh grzegorz gzhegosh gregorz
malgozata malgorzata malgoshata
anjay andrzej andjay
yan jan
yakub jakub yacub yaqub yaqoob
yoanna joanna
yatsek jacek
lukash lukasz
lakshmi laxmi lakhsmi
muhammad mohammed mohamed mohammad mohd muhamed
mahmud mahmood mehmood mahmoud mehmud
saleh salih
jamal gamal
jamila gamila
sofia zofia sophia
kane keane
brijit bridget brigid brigit
kahal cathal cahal
una oonagh oona
hughs hughes
peter piotr
""".strip()
_LISTED: Final = {spelling: line.split()[0] for line in _SAID_ALIKE.splitlines() for spelling in line.split()}

# What is written apart by some and together by others: O Neill, Mc Donald, Al Sayed, Abdul Rahman.
_JOINED: Final = frozenset({"o", "mc", "mac", "al", "el", "abu", "abd", "abdal", "abdel", "abdul", "abdur"})

_Change = tuple[re.Pattern[str], str]


def _changes(*pairs: tuple[str, str]) -> tuple[_Change, ...]:
    return tuple((re.compile(pattern), said) for pattern, said in pairs)


# Capitals are sounds that take two letters: C as in church, S as in shoe, Z as in measure.
_RULES: Final = _changes(
    (r"^ma?c(?=[gkq])", "ma"),
    (r"^ma?c(?=[^aeouyh])", "mak"),
    (r"gu(?=[ei])", "g"),
    (r"^el(?=[bdfhkmnrstz])", "al"),
    (r"^abd[aeu]?[lr](?=[^aeioul])", "abd"),
    (r"^(?:k|g|p)n", "n"),
    (r"^wr", "r"),
    (r"^wh", "w"),
    (r"^ge(?=[eomrn])", "je"),
    (r"ght", "t"),
    (r"ngh", "ng"),
    (r"gh(?=[^aeiouy]|$)", ""),
    (r"gh", "g"),
    (r"ph", "f"),
    (r"sch(?=[^aeiouy])|sch|sz|sh", "S"),
    (r"^s(?=r)|s(?=ni[aeo])", "S"),
    (r"tch|cz", "C"),
    (r"ch(?=[lrn])", "k"),
    (r"ch", "C"),
    (r"rz|zh", "Z"),
    (r"qui?$", "ki"),
    (r"c?qu(?=[aei])", "kv"),
    (r"ck|kh|q", "k"),
    (r"x", "ks"),
    (r"kS", "ks"),
    (r"dg(?=[eiy])", "j"),
    (r"c(?=[eiy])", "s"),
    (r"c", "k"),
    (r"wsk", "vsk"),
    (r"(?<=[aeiou])j(?=[^aeiouy]|$)", "i"),
    (r"(?<=[aeiou])y", "i"),
    (r"(?<=[^aeiou])y(?=[aeou])", ""),
    (r"ee$", "i"),
    (r"mp(?=[st])", "m"),
    (r"mbe?$", "m"),
    (r"n[dg](?=s)", "n"),
    (r"(?<=.)z", "s"),
    (r"(?<=[^aeiouy])h(?=.)|h$", ""),
)
_EITHER: Final = tuple(
    (re.compile(pattern), english, polish)
    for pattern, english, polish in (
        (r"(?<=[aeo])w(?=[^aeiouy]|$)", "u", "v"),
        (r"^j", "j", "y"),
    )
)
_VOWELS: Final = re.compile(r"[aeiou]+|(?<!^)y+[aeiou]*")
_CONSONANTS: Final = re.compile(r"[aeiou]+|(?<!^)y+")
_DOUBLED: Final = re.compile(r"(.)\1+")
_BEFORE_R: Final = re.compile(r"^[^aeiouy]*[eiuy]r(?:[^aeiouy]|$)")
_EITHER_VOWEL: Final = re.compile(r"[^aeiouy]*[ae]h")
_LONG_A: Final = re.compile(r"[^aeiouy]*a[^aeiouyh]e")
_LIKE: Final = {
    "E": re.compile(r"[eiy]+|ea|ae|ei|ie|eu|eou?|ei[ae]|i[aou]"),
    "A": re.compile(r"a+|ae"),
    "J": re.compile(r"ai|ay|ei|ey|ae|ai[aeiou]+"),
    "O": re.compile(r"[ou][aeiou]*|au|y[ou]+|oi"),
}


def sounds(words: Sequence[str]) -> frozenset[str]:
    """Each way in which a name may sound, whatever the order of its words: two names that share one may be the same.

    ``words``: the name's words in order, in small letters without accents.
    """
    each = [_sounds_of(word) for word in _together(words)]
    said = islice(product(*(sorted(found) for found in each)), _SOUNDS_PER_NAME) if each else ()
    return frozenset(" ".join(sorted(one)) for one in said)


def sounds_of_parts(words: Sequence[str]) -> frozenset[str]:
    """How each part of a name may sound by itself."""
    return frozenset().union(*(_sounds_of(word) for word in _together(words)))


def _together(words: Sequence[str]) -> list[str]:
    found: list[str] = []
    before = ""
    for word in words:
        if word in _JOINED:
            before += "al" if word == "el" else word
        else:
            found.append(before + word)
            before = ""
    return [*found, before] if before else found


def _sounds_of(word: str) -> frozenset[str]:
    word = _LISTED.get(word, word)
    return frozenset(sound for spoken in _spoken(word) for sound in _coded(spoken))


def _spoken(word: str) -> set[str]:
    """The word by the rules; twice where a letter has one sound in English names and another in Polish ones."""
    for pattern, said in _RULES:
        word = pattern.sub(said, word)
    found = {_DOUBLED.sub(r"\1", word)}
    for pattern, english, polish in _EITHER:
        found = {pattern.sub(said, each) for each in found for said in (english, polish)}
    return {each.replace("w", "v") for each in found}


def _coded(word: str) -> list[str]:
    consonants = _CONSONANTS.sub("", word)
    at = 0 if _VOWELS.match(word) else 1
    rest = consonants[at:].replace("h", "")
    return [f"{consonants[:at]}{first}{rest}{_ending(word)}" for first in _first_vowel(word)]


def _first_vowel(word: str) -> list[str]:
    if _BEFORE_R.match(word):
        return ["E"]
    found = _VOWELS.search(word)
    if found is None:
        return [""]
    if _EITHER_VOWEL.match(word):
        return ["A", "E"]
    if _LONG_A.match(word):
        return ["A", "J"]
    return [kind for kind, like in _LIKE.items() if like.fullmatch(found[0])] or ["O"]


def _ending(word: str) -> str:
    if re.search(r"[^aeiou]e$", word):
        return ""
    for kind, ends in (("ia", r"ia$"), ("a", r"a$"), ("i", r"(?:[iy]|[ioea]e)$"), ("o", r"(?:[ou]|ue)$")):
        if re.search(ends, word):
            return kind
    return ""

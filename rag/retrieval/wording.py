"""Words of the calendar as the readers of dates know them: misspelt, spelt out, and said in another way."""

import re

from rapidfuzz import process
from rapidfuzz.distance import OSA

MONTHS = ("january", "february", "march", "april", "may", "june", "july", "august", "september", "october",
          "november", "december")  # fmt: skip
GERMAN_MONTHS = ("januar", "februar", "märz", "april", "mai", "juni", "juli", "august", "september", "oktober",
                 "november", "dezember")  # fmt: skip
WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
GERMAN_WEEKDAYS = ("montag", "dienstag", "mittwoch", "donnerstag", "freitag", "samstag", "sonntag")
# Shorter names are too near to other words: march and match, april and aprils.
SHORTEST = 6
# So many slips of the pen are forgiven; two only in words so long that none of a question's other words is as near.
LONG = 9
ENTRIES = r"(?:entr(?:y|ies)|work|notes?|journals?|pdcas?|sessions?|tasks?)"

_ORDINALS = """
first second third fourth fifth sixth seventh eighth ninth tenth eleventh twelfth thirteenth fourteenth fifteenth
sixteenth seventeenth eighteenth nineteenth twentieth twenty-first twenty-second twenty-third twenty-fourth
twenty-fifth twenty-sixth twenty-seventh twenty-eighth twenty-ninth thirtieth thirty-first
"""
_GERMAN_ORDINALS = """
ersten zweiten dritten vierten fünften sechsten siebten achten neunten zehnten elften zwölften dreizehnten
vierzehnten fünfzehnten sechzehnten siebzehnten achtzehnten neunzehnten zwanzigsten
"""
_NUMBERS = {word: number for words in (_ORDINALS, _GERMAN_ORDINALS) for number, word in enumerate(words.split(), 1)}
_NUMBERS |= {word.replace("-", " "): number for word, number in _NUMBERS.items()}
_NAMES = tuple(
    name
    for name in {*MONTHS, *GERMAN_MONTHS, *WEEKDAYS, *GERMAN_WEEKDAYS, "yesterday"}
    if len(name) >= SHORTEST
)  # fmt: skip
_KNOWN = frozenset((*_NAMES, *(f"{name}s" for name in _NAMES)))
_MONTH = "|".join(sorted({*MONTHS, *GERMAN_MONTHS}, key=len, reverse=True))
_DAY = "|".join(WEEKDAYS)
_ORDINAL = "|".join(sorted(_NUMBERS, key=len, reverse=True))
_WORD = re.compile(r"[^\W\d_]{5,12}")
_OTHERWISE = tuple(
    (re.compile(pattern, re.IGNORECASE), form)
    for pattern, form in (
        (rf"(?<!in )\b({_MONTH})['’]s\b", r"in \1"),
        (rf"\b({_DAY}|yesterday|today)['’]s\b", r"\1"),
        (rf"\b({_DAY}|yesterday)s (?={ENTRIES}\b)", r"\1 "),
        (rf"\b({ENTRIES}) from (?!.*\b(?:to|till|until|and|onwards?|on)\b)", r"\1 of "),
        (r"\bday-before-yesterday\b", "day before yesterday"),
        (r"\b(days?|weeks?|months?) back\b", r"\1 ago"),
        (r"\b(?:week|kw) (?:no\.?|number|#)\s?(\d{1,2})\b", r"week \1"),
        (r"\bw(\d{2})\b|\b(?:der )?(\d{1,2})\. (?:kalender)?woche\b", r"week \1\2"),
        (rf"\b({_MONTH})woche\b", r"woche im \1"),
        (r"\bvorwoche\b", "letzte woche"),
        (r"\bvormonats?\b", "letzten monat"),
        (r"\bvortags?\b|\bthe previous day\b", "yesterday"),
    )
)


_COUNTED = re.compile(
    rf"\b({_ORDINAL})\b(?=\s+(?:of\s+)?(?:{_MONTH})\b)|(?:(?<=\b)({_MONTH})\s+(?:the\s+)?({_ORDINAL}))\b", re.IGNORECASE
)


def calendar_words(text: str) -> str:
    """The text with its calendar words in plain form: `14 septmber` and `the fourteenth of September` are dates."""
    text = _WORD.sub(lambda match: _spelt(match[0]), text)
    text = _COUNTED.sub(_counted, text)
    for pattern, form in _OTHERWISE:
        text = pattern.sub(form, text)
    return text


def _spelt(word: str) -> str:
    return _nearest(word.lower()) or word


def _nearest(word: str) -> str:
    """The calendar word that this one is meant to be; '' when it is spelt right or is another word."""
    if word in _KNOWN:
        return ""
    found = process.extractOne(word, _NAMES, scorer=OSA.distance, score_cutoff=2)
    if not found or found[0][0] != word[0]:
        return ""
    return found[0] if found[1] <= (2 if len(found[0]) >= LONG else 1) else ""


def _counted(match: re.Match[str]) -> str:
    """`fourteenth of September` and `September fourteenth` with a number."""
    if match[1]:
        return f"{_NUMBERS[match[1].lower()]}."
    return f"{match[2]} {_NUMBERS[match[3].lower()]}"

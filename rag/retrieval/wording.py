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
_ISO = r"\d{4}-\d{2}-\d{2}"
_SHORT = r"(?:jan|feb|mar|apr|may|jun|jul|aug|sept?|oct|nov|dec)"
_OTHERWISE = tuple(
    (re.compile(pattern, re.IGNORECASE), form)
    for pattern, form in (
        (r"(?<!version )(?<![\w.])(0[1-9]|[12]\d|3[01])\.(0[1-9]|1[0-2])\.([23]\d)(?![\w.]*\w)", r"\1.\2.20\3"),
        (rf"\b(\d{{1,2}})-({_SHORT})\w*-(\d{{4}})\b", r"\1 \2 \3"),
        (r"\b(\d{1,2}\.\d{1,2}\.)(?= (?:to|until|till|bis|and|und) \d{1,2}\.\d{1,2}\.(\d{4})\b)", r"\1\2"),
        (rf"\b({_ISO})\.{{2,3}}({_ISO})\b", r"\1 to \2"),
        (r"(?<![\w/])(0?[1-9]|1[0-2])/(20\d\d)(?![\d/])", r"\2-\1"),
        (rf"\b({_MONTH}) (\d{{1,2}}) and (\d{{1,2}})\b(?!:)", r"\1 \2 and \1 \3"),
        (rf"\b(?:same week as|week ending(?: on)?) (?={_ISO}|\w+ \d|\d)", "week of "),
        (r"\b(?:the )?week before this(?: one)?\b", "last week"),
        (r"\bhalf a year ago\b", "six months ago"),
        (r"\b(?:in |during )?(?:the )?spring(?: of)? (20\d\d)\b", r"from march \1 to may \1"),
        (r"\b(?:in |during )?(?:the )?summer(?: of)? (20\d\d)\b", r"from june \1 to august \1"),
        (r"\b(?:in |during )?(?:the )?(?:autumn|fall)(?: of)? (20\d\d)\b", r"from september \1 to november \1"),
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

"""The texts in other languages: what omsgen refuses, and what only a reader's eye would find.

Owns the glossary's rule: where the English has a term, the translation has its word. Must not know
what a text says.
"""

import os
import pathlib
import re
import shutil
import subprocess
import unicodedata

import pytest

ROOT = pathlib.Path(__file__).resolve().parents[2]
OMSGEN = os.environ["OMSGEN"]


def omsgen(*words: str, program: str = OMSGEN) -> subprocess.CompletedProcess:
    return subprocess.run([program, *words], capture_output=True, encoding="utf-8", check=False)


def read_texts() -> dict[str, dict[tuple[str, str], str]]:
    """Language -> (kind, name) -> text."""
    texts: dict[str, dict[tuple[str, str], str]] = {}
    for line in omsgen("texts").stdout.splitlines():
        tag, kind, name, text = line.split("\t")
        texts.setdefault(tag, {})[kind, name] = text
    return texts


TEXTS = read_texts()
ENGLISH = TEXTS["en"]
OTHERS = sorted(set(TEXTS) - {"en"})
SENTENCES = {key: text for key, text in ENGLISH.items() if key[0] != "term"}
SETTINGS = re.findall(r"^SETTING\((\w+)", (ROOT / "service/settings/settings.def").read_text(
    encoding="utf-8"), flags=re.M)
FROZEN = re.findall(r'^FROZEN\(\w+, "([^{"]+)', (ROOT / "eventlog/frozen.def").read_text(
    encoding="utf-8"), flags=re.M)
COMMANDS = sorted((row.split("`")[1] for row in omsgen("markdown", "commands").stdout.splitlines()
                   if "`" in row), key=len, reverse=True)
NAMES = sorted({re.match(r"omsgateway( [a-z]+)+", command)[0] for command in COMMANDS}, key=len,
               reverse=True)
COMMAND = re.compile(rf"(?:{'|'.join(NAMES)})(?: (?:--[a-z-]+|[A-Z]\w*(?: refuse)?))*")


def bare(text: str) -> str:
    """Without what is no prose: arguments, commands, fragments that stay English."""
    for pattern in (r"\{\w+\}", COMMAND.pattern, *map(re.escape, FROZEN)):
        text = re.sub(pattern, " ", text)
    return text


def terms_in(text: str) -> set[str]:
    """The terms that an English text has, the longest first: a relay proxy is no proxy."""
    forms = sorted(((form, name) for (kind, name), word in ENGLISH.items() if kind == "term"
                    for form in word.split("|")), key=lambda pair: -len(pair[0]))
    text, found = bare(text), set()
    for form, name in forms:
        text, times = re.subn(rf"(?<!\w){re.escape(form)}(?!\w)", " ", text, flags=re.I)
        if times:
            found.add(name)
    return found


def verbatim(text: str) -> list[str]:
    """What a translation has as it is: commands, settings, options, numbers, words in capitals."""
    rest = COMMAND.sub(" ", re.sub(r"\{\w+\}", " ", text))
    words = re.findall(rf"--[a-z-]+|(?<!\w)(?:{'|'.join(SETTINGS)}|CONNECT|HTTPS|TLS|\d+(?:\.\d+)?)"
                       r"(?!\d)", rest)
    return sorted(set(words)) + sorted(COMMAND.findall(text))


def test_commands_in_texts_exist():
    for text in SENTENCES.values():
        assert len(COMMAND.findall(text)) == text.count("omsgateway"), text


def test_every_language_has_the_same_rows():
    table = (ROOT / "eventlog/languages.def").read_text(encoding="utf-8")
    assert sorted(TEXTS) == sorted(re.findall(r'^LANGUAGE\("([^"]+)"', table, flags=re.M))
    for tag in OTHERS:
        assert TEXTS[tag].keys() == ENGLISH.keys()


def test_the_page_side_by_side_is_the_tables():
    page = (ROOT / "eventlog/lang/side_by_side.md").read_text(encoding="utf-8")
    assert page == omsgen("side_by_side").stdout, "cmake --build --preset native --target readme"


@pytest.mark.parametrize("tag", OTHERS)
def test_terms_have_their_words(tag):
    missing = []
    for key, text in SENTENCES.items():
        if key == ("counter", "set"):
            continue
        translation = bare(TEXTS[tag][key]).casefold()
        for name in sorted(terms_in(text)):
            words = TEXTS[tag]["term", name].split("|")
            if not any(word.casefold() in translation for word in words):
                missing.append(f"{key[1]} ({key[0]}): {ENGLISH['term', name]} -> {words} is not in"
                               f": {TEXTS[tag][key]}")
    assert not missing, "\n" + "\n".join(missing)


@pytest.mark.parametrize("tag", OTHERS)
def test_commands_settings_and_numbers_stay(tag):
    wrong = [f"{key[1]}: {verbatim(text)} became {verbatim(TEXTS[tag][key])}"
             for key, text in SENTENCES.items() if verbatim(text) != verbatim(TEXTS[tag][key])]
    assert not wrong, "\n" + "\n".join(wrong)


@pytest.mark.parametrize("tag", OTHERS)
def test_page(tag):
    """No space too many, composed characters, a full stop; the set's name; no name twice."""
    wrong = []
    for (kind, name), text in TEXTS[tag].items():
        clean = text == text.strip() and "  " not in text
        if not clean or text != unicodedata.normalize("NFC", text):
            wrong.append(f"{name}: a space too many, or a decomposed character: {text}")
        if kind in ("event", "help") and not text.endswith((".", "。")):
            wrong.append(f"{name}: no full stop: {text}")
    shown = [text for (kind, _), text in TEXTS[tag].items() if kind == "counter"]
    wrong += [f"two counters are called {text}" for text in set(shown) if shown.count(text) > 1]
    if TEXTS[tag]["counter", "set"] != "OMS Gateway":
        wrong.append("the set's name stays OMS Gateway")
    assert not wrong, "\n" + "\n".join(wrong)


def build_spoilt(folder: pathlib.Path, spoil: dict[str, tuple[str, str]]) -> str:
    """An omsgen over texts of which some were spoilt: file -> (what, instead)."""
    tables = folder / "tree"
    for room in ("eventlog", "perfcounters"):
        (tables / room / "lang").mkdir(parents=True)
        for table in (ROOT / room).glob("*.def"):
            shutil.copy(table, tables / room)
        shutil.copy(ROOT / room / "lang/de.def", tables / room / "lang")
    for path, (old, new) in spoil.items():
        text = (tables / path).read_text(encoding="utf-8")
        assert text.count(old) == 1
        (tables / path).write_text(text.replace(old, new), encoding="utf-8")
    (tables / "eventlog/lang/present.def").write_text(
        '#define TAG "de"\n#include "eventlog/lang/de.def"\n#include "perfcounters/lang/de.def"\n'
        '#undef TAG\n', encoding="utf-8")
    program = str(folder / "omsgen")
    subprocess.run(["cc", "-std=c17", f"-I{tables}", f"-I{ROOT / 'service'}", "-o", program,
                    *map(str, (ROOT / "service/tools").glob("*.c"))], check=True)
    return program


SPOILT = {
    "is missing, or empty": ("eventlog", 'TEXT(Trace, "Client {client}: {step}.")', ""),
    "is one too many": ("eventlog", 'TEXT(Trace, ', 'TEXT(Nothing, "x.")\nTEXT(Trace, '),
    "is there twice": ("eventlog", 'TEXT(Trace, ', 'TEXT(Trace, "{client} {step}")\nTEXT(Trace, '),
    "lacks an argument": ("eventlog", '"Client {client}: {step}."', '"Client {client}."'),
    "has an argument {...} twice, or one that": (
        "eventlog", '"Client {client}: {step}."', '"Client {client}: {stop}."'),
    "has a digit or !": ("eventlog", '{client}: {step}."', '{client}: {step}!"'),
    "has a lonely }": ("eventlog", '{client}: {step}."', '{client}: {step}.}"'),
    "does not open with the words": (
        "eventlog", '"Target host ({host}) is forbidden', '"Zielhost ({host}) ist verboten'),
    "in the counter's name": ("perfcounters", '"Fehleranzahl"', '"Fehler/Anzahl"'),
}


@pytest.mark.parametrize("sentence", SPOILT)
def test_a_spoilt_text_is_named(sentence, tmp_path):
    room, old, new = SPOILT[sentence]
    program = build_spoilt(tmp_path, {f"{room}/lang/de.def": (old, new)})
    result = omsgen("check", program=program)
    assert result.returncode == 1
    first = result.stderr.splitlines()[0]
    assert sentence in first and first.startswith(f"{room}/lang/de.def: ")
    assert omsgen("messages", program=program).stdout == ""


def test_what_is_there_is_right():
    result = omsgen("check")
    assert (result.returncode, result.stdout, result.stderr) == (0, "", "")

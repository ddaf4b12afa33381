"""The message catalogues: one part per feature, merged into the one that the application reads.

A part is `app/translations/<feature>.zh_CN.po`. A message belongs to the feature whose templates or code say it; one said by several
belongs to the first that has it, `shell` (base, macros, errors, `app/web`) before all. Parts never meet, so that two people can add
templates at the same time without one file between them.
"""

from __future__ import annotations

import os
import sys
import tempfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from babel.messages.catalog import Catalog, Message
from babel.messages.extract import extract_from_dir
from babel.messages.frontend import parse_mapping_cfg
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po

ROOT = Path(__file__).resolve().parents[2]
TRANSLATIONS = ROOT / "app" / "translations"
LOCALE = "zh_CN"
SHELL = "shell"
SHELL_FOLDERS = frozenset({"web", "macros", "errors", "kernel", "catalogue", "db"})
KEYWORDS = {
    "_": None, "gettext": None, "lazy_gettext": None, "_l": None, "ngettext": (1, 2), "lazy_ngettext": (1, 2), "pgettext": ((1, "c"), 2),
}
HEADER = f"""msgid ""
msgstr ""
"Language: {LOCALE}\\n"
"MIME-Version: 1.0\\n"
"Content-Type: text/plain; charset=utf-8\\n"
"Content-Transfer-Encoding: 8bit\\n"
"Plural-Forms: nplurals=1; plural=0;\\n"

"""  # no dates: what changes by itself would conflict
USAGE = "usage: python -m app.web.i18n extract [FEATURE …] | compile"

Key = tuple[str, str | None]  # message id, context


@dataclass(frozen=True, slots=True)
class Found:
    """One message said somewhere: its key, its plural if it has one, and the file."""

    key: Key
    plural: str | None
    file: str

    @property
    def feature(self) -> str:
        return feature_of(self.file)


def feature_of(file: str) -> str:
    """`templates/needs/list.html` and `app/needs/pages.py` are `needs`; what is shared is `shell`."""
    parts = Path(file).parts
    if len(parts) < 3 or parts[1] in SHELL_FOLDERS:
        return SHELL
    return parts[1]


def extract(root: Path = ROOT) -> list[Found]:
    """Every message in the templates and the code, as babel.cfg maps them."""
    with (root / "babel.cfg").open(encoding="utf-8") as file:
        methods, options = parse_mapping_cfg(file)
    found = []
    for top in ("app", "templates"):
        if not (root / top).is_dir():
            continue
        rows = extract_from_dir(root / top, prefixed(methods, top), prefixed_options(options, top), keywords=KEYWORDS)
        for file_name, _line, message, _comments, context in rows:
            singular, plural = (message[0], message[1]) if isinstance(message, tuple) else (message, None)
            if singular:
                found.append(Found((singular, context), plural, f"{top}/{file_name}"))
    return found


def prefixed(methods: Iterable[tuple[str, str]], top: str) -> list[tuple[str, str]]:
    """The patterns of babel.cfg that lie under `top`, relative to it."""
    return [(pattern.removeprefix(f"{top}/"), method) for pattern, method in methods if pattern.startswith(f"{top}/")]


def prefixed_options(options: dict[str, dict[str, str]], top: str) -> dict[str, dict[str, str]]:
    return {pattern.removeprefix(f"{top}/"): values for pattern, values in options.items() if pattern.startswith(f"{top}/")}


def part_path(feature: str, folder: Path = TRANSLATIONS) -> Path:
    return folder / f"{feature}.{LOCALE}.po"


def compiled_path(folder: Path = TRANSLATIONS) -> Path:
    return folder / LOCALE / "LC_MESSAGES" / "messages.mo"


def part_files(folder: Path = TRANSLATIONS) -> list[Path]:
    """The parts in the order in which they claim a message: `shell`, then by name."""
    return sorted(folder.glob(f"*.{LOCALE}.po"), key=lambda path: (path != part_path(SHELL, folder), path.name))


def read(path: Path) -> Catalog:
    with path.open("rb") as file:
        return read_po(file, locale=LOCALE)


def entries(catalog: Catalog) -> Iterator[tuple[Key, Message]]:
    for message in catalog:
        if message.id:
            yield key_of(message), message


def key_of(message: Message) -> Key:
    singular = message.id[0] if isinstance(message.id, tuple | list) else message.id
    return str(singular), message.context


def is_translated(message: Message) -> bool:
    words = message.string if isinstance(message.string, tuple | list) else (message.string,)
    return all(words) and not message.fuzzy


def update_parts(features: Iterable[str] = (), folder: Path = TRANSLATIONS, root: Path = ROOT) -> dict[str, int]:
    """Bring the parts of `features` (all when none is named) in line with the code; returns the untranslated in each."""
    found = extract(root)
    named = set(features)
    claimed: set[Key] = set()
    missing: dict[str, int] = {}
    folder.mkdir(parents=True, exist_ok=True)
    order = sorted({item.feature for item in found}, key=lambda name: (name != SHELL, name))
    elsewhere = {path.name.split(".")[0]: dict(entries(read(path))) for path in part_files(folder)}
    for feature in order:
        mine = {item.key: item for item in found if item.feature == feature and item.key not in claimed}
        claimed |= set(mine)
        if named and feature not in named:
            continue
        missing[feature] = write_part(feature, mine, elsewhere, [i for i in found if i.feature == feature], folder)
    return missing


def write_part(feature: str, mine: dict[Key, Found], old: dict[str, dict[Key, Message]], said: list[Found], folder: Path) -> int:
    """Write one part with the translations known so far, and count what it lacks."""
    catalog = Catalog(locale=LOCALE, fuzzy=False)
    known = {key: message for part in (*[p for n, p in old.items() if n != feature], old.get(feature, {})) for key, message in part.items()}
    for key, item in sorted(mine.items(), key=lambda pair: (pair[1].file, pair[0][0])):
        before = known.get(key)
        words = before.string if before is not None else ""
        if item.plural and not isinstance(words, tuple | list):
            words = (words,)
        files = sorted({(other.file, None) for other in said if other.key == key})
        catalog.add((item.key[0], item.plural) if item.plural else item.key[0], words, locations=files, context=key[1])
    with replacing(part_path(feature, folder)) as temporary, temporary.open("wb") as file:
        file.write(HEADER.encode())
        write_po(file, catalog, width=110, omit_header=True, include_lineno=False)
    return sum(not is_translated(message) for _key, message in entries(catalog))


class replacing:
    """A file that appears whole or not at all."""

    def __init__(self, target: Path) -> None:
        self.target = target

    def __enter__(self) -> Path:
        self.target.parent.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(dir=self.target.parent, prefix=f".{self.target.name}.")
        os.close(handle)
        os.chmod(name, 0o644)
        self.temporary = Path(name)
        return self.temporary

    def __exit__(self, kind: object, *_details: object) -> None:
        if kind is None:
            os.replace(self.temporary, self.target)
        else:
            self.temporary.unlink(missing_ok=True)


def merged(folder: Path = TRANSLATIONS) -> tuple[Catalog, list[str]]:
    """All parts in one catalogue, and what is wrong with them: fuzzy entries and parts that disagree."""
    catalog, faults, origin = Catalog(locale=LOCALE, fuzzy=False), [], {}
    for path in part_files(folder):
        for key, message in entries(read(path)):
            if message.fuzzy:
                faults.append(f"{path.name}: fuzzy: {key[0]!r}")
            if not is_translated(message):
                continue
            if key in origin and origin[key][1] != message.string:
                faults.append(f"{path.name}: {key[0]!r} is translated otherwise in {origin[key][0]}")
            if key not in origin:
                origin[key] = (path.name, message.string)
                catalog.add(message.id, message.string, context=message.context)
    return catalog, faults


def compile_parts(folder: Path = TRANSLATIONS) -> Path:
    """Write the catalogue that the application reads."""
    catalog, _faults = merged(folder)
    with replacing(compiled_path(folder)) as temporary, temporary.open("wb") as file:
        write_mo(file, catalog)
    return compiled_path(folder)


def is_stale(folder: Path = TRANSLATIONS) -> bool:
    target = compiled_path(folder)
    if not target.exists():
        return True
    return any(path.stat().st_mtime > target.stat().st_mtime for path in part_files(folder))


def main(arguments: list[str]) -> int:
    """`extract [FEATURE …]` brings parts in line with the code; `compile` merges them; both say what is missing."""
    if not arguments or arguments[0] not in ("extract", "compile") or (arguments[0] == "compile" and len(arguments) > 1):
        print(USAGE, file=sys.stderr)
        return 2
    if arguments[0] == "extract":
        for feature, missing in update_parts(arguments[1:]).items():
            print(f"{part_path(feature).relative_to(ROOT)}: {missing} untranslated")
        return 0
    _catalog, faults = merged()
    for fault in faults:
        print(fault, file=sys.stderr)
    print(compile_parts().relative_to(ROOT))
    return 1 if faults else 0

"""The message catalogues: one part per feature, merged into the one that the application reads.

A part is `app/translations/<feature>.zh_CN.po` and holds what that feature's templates and code say, less what `shell` says
already (base, macros, errors, `app/web`). Two features may say the same in their own parts, and must then agree. So two
people can add templates at the same time without one file between them.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
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
BABEL_LOCALE = "zh_Hans_CN"  # what Babel makes of it, and where it looks
SHELL = "shell"
STYLEGUIDE = "styleguide"  # its samples are no part of the shell
SHELL_FOLDERS = frozenset({"web", "macros", "errors", "kernel", "catalogue", "db"})
KEYWORDS = {
    "_": None,
    "gettext": None,
    "lazy_gettext": None,
    "_l": None,
    "ngettext": (1, 2),
    "lazy_ngettext": (1, 2),
    "pgettext": ((1, "c"), 2),
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
    path = Path(file)
    if path.stem == STYLEGUIDE:
        return STYLEGUIDE
    return SHELL if len(path.parts) < 3 or path.parts[1] in SHELL_FOLDERS else path.parts[1]


def extract(root: Path = ROOT) -> list[Found]:
    """Every message in the templates and the code, as babel.cfg maps them."""
    with (root / "babel.cfg").open(encoding="utf-8") as file:
        methods, options = parse_mapping_cfg(file)  # type: ignore[no-untyped-call]
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
    return folder / BABEL_LOCALE / "LC_MESSAGES" / "messages.mo"


def part_files(folder: Path = TRANSLATIONS) -> list[Path]:
    """The parts: `shell` first, then by name."""
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
    folder.mkdir(parents=True, exist_ok=True)
    known = {path.name.split(".")[0]: dict(entries(read(path))) for path in part_files(folder)}
    said_by_shell = {item.key for item in found if item.feature == SHELL}
    chosen = set(features) or {item.feature for item in found} | set(known)
    return {
        feature: write_part(feature, [i for i in found if is_own(i, feature, said_by_shell)], known, folder)
        for feature in sorted(chosen)
    }


def is_own(item: Found, feature: str, said_by_shell: set[Key]) -> bool:
    return item.feature == feature and (feature == SHELL or item.key not in said_by_shell)


def write_part(feature: str, said: list[Found], known: dict[str, dict[Key, Message]], folder: Path) -> int:
    """Write one part with the translations known so far, its own before others'; returns how many it lacks."""
    catalog = Catalog(locale=LOCALE, fuzzy=False)
    order = [known.get(feature, {}), *(part for name, part in known.items() if name != feature)]
    for item in sorted({i.key: i for i in said}.values(), key=lambda i: (i.file, i.key[0])):
        before = [part[item.key].string for part in order if item.key in part and is_translated(part[item.key])]
        words = before[0] if before else ""
        forms = words if not item.plural or isinstance(words, tuple | list) else (words or "",)
        files = [(file, 0) for file in sorted({other.file for other in said if other.key == item.key})]
        catalog.add((item.key[0], item.plural) if item.plural else item.key[0], forms, locations=files, context=item.key[1])
    target = part_path(feature, folder)
    if not said:
        target.unlink(missing_ok=True)
        return 0
    with replacing(target) as temporary, temporary.open("wb") as file:
        file.write(HEADER.encode())
        write_po(file, catalog, width=110, omit_header=True, include_lineno=False)
    return sum(not is_translated(message) for _key, message in entries(catalog))


@contextmanager
def replacing(target: Path) -> Iterator[Path]:
    """A file that appears whole or not at all: write to what is given, it takes the place of `target` at the end."""
    target.parent.mkdir(parents=True, exist_ok=True)
    temporary = target.with_name(f".{target.name}.{os.getpid()}")
    try:
        yield temporary
        temporary.replace(target)
    finally:
        temporary.unlink(missing_ok=True)


def merged(folder: Path = TRANSLATIONS) -> tuple[Catalog, list[str]]:
    """All parts in one catalogue, and what is wrong with them: fuzzy entries and parts that disagree."""
    catalog, faults = Catalog(locale=LOCALE, fuzzy=False), []
    origin: dict[Key, tuple[str, object]] = {}
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
    return 0

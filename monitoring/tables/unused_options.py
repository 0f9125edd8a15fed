"""What a person said of a file that does not apply to it: told, so that nobody takes it for heeded. Pure."""

from __future__ import annotations

from monitoring.tables.quoting import shown
from monitoring.tables.reading_options import FORMAT_WORDS, SPREADSHEETS, ReadOptions, Sniffed


def unused_notes(options: ReadOptions, sniffed: Sniffed, label: str) -> list[str]:
    """One sentence for each option that the file has no use for. Decimal mark and dates are told by the sources.

    Args:
        options: what a person said.
        sniffed: how the file is written.
        label: its name as shown.
    """
    kind, notes = sniffed.format, []
    read_as = f"{label} is read as {FORMAT_WORDS[kind]}, which"
    if options.sheet is not None and not sniffed.sheets:
        notes.append(f'The sheet "{shown(options.sheet)}" was not used: {label} has no sheets.')
    if options.member is not None and not sniffed.member:
        notes.append(f'The file "{shown(options.member)}" was not looked for: {label} is no zip archive of files.')
    if options.encoding is not None and kind not in ("csv", "json"):
        notes.append(f"The encoding {options.encoding} was not used: {read_as} needs none.")
    if options.delimiter is not None and kind != "csv":
        notes.append(f"The delimiter was not used: {read_as} has none.")
    if options.quote is not None and kind != "csv":
        notes.append(f"The quotation mark was not used: {read_as} needs none to be said.")
    if options.header_line is not None and kind not in SPREADSHEETS:
        notes.append(f"The line of the header was not used: {read_as} names its columns itself.")
    return notes

"""Reading files: `open_source(path) -> Source` of tables. Pure of the database and of what the columns mean."""

from app.exchange.reading.model import Cell, Column, EncodingChoice, Note, Remark, Row, Source, Table
from app.exchange.reading.opening import open_source

__all__ = ["Cell", "Column", "EncodingChoice", "Note", "Remark", "Row", "Source", "Table", "open_source"]

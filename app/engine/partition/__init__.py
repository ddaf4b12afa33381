"""One batch over several machines: cut, solve part by part, merge to the bit what one machine answers. See
docs/engine-partitions.md."""

from app.engine.partition.files import PartError, read_part, read_problem, solve_folder, write_problem
from app.engine.partition.merge import merge
from app.engine.partition.part import PartAnswer, solve_part
from app.engine.partition.split import split

__all__ = [
    "PartAnswer",
    "PartError",
    "merge",
    "read_part",
    "read_problem",
    "solve_folder",
    "solve_part",
    "split",
    "write_problem",
]

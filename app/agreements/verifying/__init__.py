"""Versions as documents: the PDF for who may see the agreement, and for everybody whether a hash or a file is of one."""

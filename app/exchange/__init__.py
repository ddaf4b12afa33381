"""Files in and out: reading, mapping, dry run, import with undo, annotated workbooks, exports. On top of listings and needs."""

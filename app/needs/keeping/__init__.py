"""How an administration keeps its needs lists: whom it invites, what is covered, duplicates, the workbook for ministries."""

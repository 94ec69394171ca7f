"""The report of a run: one page with tables, figures, cases and errors (paper, section 6, C.3, E)."""

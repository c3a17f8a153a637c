"""Notebooks as pages that stand alone: `jupyter nbconvert --to nbtrack notebook.ipynb`.

The home of nbconvert, which finds the exporters by their entry points; everything here is
loaded by it alone.
"""

"""From a picture to its lines.

`prepare.py` runs the steps, `page.py` is what they give. Each room imports from those
after it alone: `boxes/`, `rules/`, `layout/`, `paper/`, `ink/`, `picture/`.
"""

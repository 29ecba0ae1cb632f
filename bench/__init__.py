"""`make bench`: this repository's way and the obvious one, side by side in one run, as ratios.

Baselines are plain SQL and Python of the obvious approach. Whatever comes out is printed, beside its target.
"""

"""Which projects are one: attributes cleaned, projects linked, groups given ids that stay.

The modules use numpy, scipy and pyarrow at their top, so they are imported inside ``execute`` only.
"""

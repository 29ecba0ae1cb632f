"""Functions that return task groups: the only factories of tasks."""

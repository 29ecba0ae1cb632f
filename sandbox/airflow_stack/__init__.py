"""Airflow's four components as child processes of one sandbox."""

from sandbox.airflow_stack.stack import AirflowStack

__all__ = ["AirflowStack"]

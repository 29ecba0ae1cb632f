"""Checks of builds."""

"""One HTTP server with a stand-in per upstream, faithful on the wire, and a switch for trouble.

Adding an upstream is adding one module to `services/`.
"""

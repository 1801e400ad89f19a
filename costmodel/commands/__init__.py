"""The commands of ``costmodel``, one module each: arguments in, table or JSON out.

A command module imports only typer and what is as light, so that ``--help`` is instant; what is heavy is imported
inside the function that needs it. Faults are raised as ``PlanError``; ``cli.main`` tells them and sets the exit code.
"""

"""The commands of ``python -m llm_lib``, one module each.

A command module has two functions: ``add_parser(subparsers)`` describes its arguments and sets
``run`` as what to do with them; ``run(args)`` does it. Modules import what is heavy inside ``run``,
so that ``--help`` answers at once and a command needs only its own libraries. A ``ValueError``,
``IndexError`` or ``OSError`` is shown to the reader as one line: its message has to say what to do.
"""

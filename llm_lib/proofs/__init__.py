"""What figures compare their own numbers with: the files of ``data/proofs/``.

``python -m llm_lib.proofs`` makes them all. A figure's "Prove it" computes the same in the page and
shows the largest difference. In each module, ``FILE`` is a name and ``build()`` its contents.
The figures that run Storyteller have theirs from ``llm_lib.storyteller_proof``.
"""

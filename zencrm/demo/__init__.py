"""The demo company: Aquaflux Impianti S.r.l., pumps and water treatment, invented from a seed, with two years of history.

The same generator fills a database for benchmarks: everything is written by `COPY`, in proportion to a number of leads. It is
deterministic for a seed and a day.
"""
